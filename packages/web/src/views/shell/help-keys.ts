/** What keys are grouped by. */
export type KeyGroup = "going" | "list" | "message" | "writing" | "text";

/** Keys by what they do; several ways to the same thing stand side by side, keys that are pressed together with a space between them. */
export const KEYS = {
  going: [
    ["inbox", "g i"],
    ["starred", "g s"],
    ["drafts", "g d"],
    ["sent", "g t"],
    ["all", "g a"],
    ["chats", "g c"],
    ["contacts", "g p"],
    ["settings", "g e"],
    ["search", "/"],
    ["help", "?"],
  ],
  list: [
    ["next", "j", "↓"],
    ["previous", "k", "↑"],
    ["open", "o", "Enter"],
    ["back", "Esc"],
    ["select", "x", "Space"],
    ["selectRange", "Shift ↓"],
    ["selectAll", "Ctrl A"],
  ],
  message: [
    ["archive", "e"],
    ["trash", "#", "Delete"],
    ["star", "s"],
    ["unread", "u"],
    ["label", "l"],
    ["move", "v"],
    ["takeBack", "z"],
  ],
  writing: [
    ["write", "c"],
    ["reply", "r"],
    ["replyAll", "a"],
    ["forward", "f"],
  ],
  text: [
    ["send", "Ctrl Enter"],
    ["minimise", "Esc"],
    ["bold", "Ctrl B"],
    ["italic", "Ctrl I"],
    ["link", "Ctrl K"],
    ["code", "Ctrl E"],
    ["heading", "Ctrl Alt 1"],
    ["numbers", "Ctrl Shift 7"],
    ["bullets", "Ctrl Shift 8"],
    ["quote", "Ctrl Shift 9"],
    ["undo", "Ctrl Z"],
    ["redo", "Ctrl Y", "Ctrl Shift Z"],
  ],
} as const satisfies Readonly<Record<KeyGroup, readonly (readonly [string, ...string[]])[]>>;

/** What something is called that keys do. */
export type KeyName = (typeof KEYS)[KeyGroup][number][0];

/** Keys whose names differ between languages. */
export type NamedKey = "Ctrl" | "Shift" | "Alt" | "Enter" | "Delete" | "Esc" | "Space";

/** As they stand on the keyboards of Macs. */
const ON_MACS: Readonly<Record<string, string>> = { Ctrl: "⌘", Shift: "⇧", Alt: "⌥", Enter: "↩", Delete: "⌦" };

/** What stands on the keys that are pressed together. */
export function keysOf(way: string, names: Readonly<Record<NamedKey, string>>, isMac: boolean): readonly string[] {
  const named: Readonly<Record<string, string>> = isMac ? { ...names, ...ON_MACS } : names;
  return way.split(" ").map((key) => named[key] ?? key);
}

/** Whether a browser runs where there is a command key. */
export function isOnMac(userAgent: string): boolean {
  return /Macintosh|iPhone|iPad/.test(userAgent);
}

import { useEffect, useState, useSyncExternalStore, type FocusEvent, type ReactNode } from "react";
import { useMessages } from "../messages/messages.tsx";
import { Button, IconButton } from "./button.tsx";
import classes from "./toasts.module.css";

/** A short word on what was done, with a way back where there is one. */
export interface Toast {
  readonly text: string;
  readonly tone?: "plain" | "error";
  /** Takes back what was done. */
  readonly undo?: () => void;
  /** Something else that can be done. */
  readonly action?: { readonly label: string; readonly run: () => void };
  /** It goes only when somebody closes it. */
  readonly stays?: boolean;
  /** It is about the page itself, not about what is in the mailbox: it stays where that is closed. */
  readonly everywhere?: boolean;
  /** Called once it is gone and nothing was taken back. */
  readonly onGone?: () => void;
}

interface Shown extends Toast {
  readonly id: number;
}

/** How long a toast is shown, milliseconds. */
const SHOWN_FOR = 8_000;
/** And while somebody points at it or is in it: they may be about to use it. */
const HELD_FOR = 30_000;
/** Toasts that go by themselves and are shown at once; the oldest makes room. */
const MOST = 3;

let shown: readonly Shown[] = [];
let last = 0;
const listeners = new Set<() => void>();

/** Shows a toast. */
export function toast(what: Toast): void {
  endableToast(what);
}

/** Shows a toast. Returns how to end it at once, as if its time were up. */
export function endableToast(what: Toast): () => void {
  const next = { ...what, id: ++last };
  change([...shown, next]);
  const passing = shown.filter(({ stays }) => stays !== true);
  for (const each of passing.slice(0, Math.max(0, passing.length - MOST))) dismiss(each, "gone");
  return () => dismiss(next, "gone");
}

/** Takes back what was done last, where that can still be done; false where it can't. */
export function undoLatest(): boolean {
  const latest = shown.findLast(({ undo }) => undo !== undefined);
  if (latest === undefined) return false;
  dismiss(latest, "undone");
  return true;
}

/** Takes away what says anything of the mailbox, as when it is closed. */
export function clearToasts(): void {
  for (const each of shown.filter(({ everywhere }) => everywhere !== true)) dismiss(each, "gone");
}

function change(next: readonly Shown[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

function dismiss({ id, undo, onGone }: Shown, how: "gone" | "undone"): void {
  if (!shown.some((each) => each.id === id)) return;
  change(shown.filter((each) => each.id !== id));
  if (how === "undone") undo?.();
  else onGone?.();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Where toasts appear; they are read out as they come, and can be used beside an open dialog. */
export function Toasts(): ReactNode {
  const toasts = useSyncExternalStore(subscribe, () => shown);
  return (
    <div className={classes["toasts"]} role="status" aria-live="polite" data-react-aria-top-layer="true">
      {toasts.map((each) => (
        <OneToast key={each.id} toast={each} />
      ))}
    </div>
  );
}

function OneToast({ toast: what }: { readonly toast: Shown }): ReactNode {
  const { common } = useMessages();
  const [pointed, setPointed] = useState(false);
  const [focused, setFocused] = useState(false);
  const time = pointed || focused ? HELD_FOR : SHOWN_FOR;
  useEffect(() => {
    if (what.stays === true) return undefined;
    const timer = setTimeout(() => dismiss(what, "gone"), time);
    return () => clearTimeout(timer);
  }, [what, time]);
  const leave = ({ currentTarget, relatedTarget }: FocusEvent<HTMLElement>): void => {
    if (!(relatedTarget instanceof Node) || !currentTarget.contains(relatedTarget)) setFocused(false);
  };
  return (
    <div
      className={`${classes["toast"]} ${what.tone === "error" ? classes["error"] : ""}`}
      onPointerEnter={() => setPointed(true)}
      onPointerLeave={() => setPointed(false)}
      onFocus={() => setFocused(true)}
      onBlur={leave}
    >
      <span className={classes["text"]}>{what.text}</span>
      {what.undo === undefined ? null : (
        <Button kind="quiet" onPress={() => dismiss(what, "undone")}>
          {common.undo}
        </Button>
      )}
      {what.action === undefined ? null : (
        <Button kind="quiet" onPress={what.action.run}>
          {what.action.label}
        </Button>
      )}
      <IconButton icon="close" label={common.close} onPress={() => dismiss(what, "gone")} />
    </div>
  );
}

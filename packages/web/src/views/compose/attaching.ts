import type { AttachedFile, AttachmentLimits } from "../../engine/calls/writing.ts";
import type { Messages } from "../../messages/messages.tsx";

// What becomes of files that somebody picks, drops or pastes.

/** Characters of a name. */
const MAX_NAME = 255;
/** What no name may hold: paths, control characters, and those that turn its direction (protocol section 9). */
const FORBIDDEN = /[/\\\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/;
const MAX_MEDIA_TYPE = 127;
const ANY_TYPE = "application/octet-stream";
/** Pictures that browsers draw. */
const PICTURES: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);

/** Files that can be attached, and what is said of those that can't. */
export interface Attaching {
  readonly added: readonly AttachedFile[];
  readonly problems: readonly string[];
}

/** What attaching is told with. */
export interface AttachingTexts {
  readonly texts: Messages["compose"]["attachments"];
  readonly size: (bytes: number) => string;
  /** How a moment is written. */
  readonly time: (at: string) => string;
}

/** Attaches files to what has `before` of them already. */
export function attach(files: readonly File[], before: number, limits: AttachmentLimits, how: AttachingTexts): Attaching {
  const added: AttachedFile[] = [];
  const problems: string[] = [];
  for (const file of files) {
    const name = nameOf(file, how);
    if (file.size === 0) problems.push(how.texts.empty(name));
    else if (limits.size !== null && file.size > limits.size) problems.push(how.texts.tooLarge(name, how.size(limits.size)));
    else if (before + added.length >= limits.count) {
      problems.push(how.texts.tooMany(limits.count));
      break;
    } else added.push({ key: crypto.randomUUID(), name, mediaType: typeOf(file.type), size: file.size, content: file });
  }
  return { added, problems };
}

/** Whether a browser draws it as a picture. */
export function isPicture(mediaType: string): boolean {
  return PICTURES.has(mediaType);
}

function nameOf({ name, type }: File, { texts, time }: AttachingTexts): string {
  // Pictures that are pasted are all called the same.
  const given =
    /^image\.(?:png|jpe?g|gif|webp)$/i.test(name) && type.startsWith("image/")
      ? `${texts.pasted(time(new Date().toISOString()))}.${name.slice(6)}`
      : name;
  const safe = given.replaceAll(":", ".").replaceAll(FORBIDDEN, "_").trim();
  if (safe === "" || safe === "." || safe === "..") return texts.nameless;
  if (safe.length <= MAX_NAME) return safe;
  const ending = /\.[^.]{1,20}$/.exec(safe)?.[0] ?? "";
  return safe.slice(0, MAX_NAME - ending.length).toWellFormed() + ending;
}

function typeOf(type: string): string {
  const plain = type.split(";")[0]?.trim().toLowerCase() ?? "";
  return MEDIA_TYPE.test(plain) && plain.length <= MAX_MEDIA_TYPE ? plain : ANY_TYPE;
}

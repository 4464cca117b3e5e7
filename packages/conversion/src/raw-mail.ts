/** Bytes of the largest mail that is taken; what is larger is left out and said. */
export const MAX_MAIL_BYTES = 64 * 1024 * 1024;

/** A mail as it stands in a file, before anything of it is understood. */
export interface RawMail {
  /** Where it stands, for people: a file, and where in it. */
  readonly place: string;
  readonly bytes: Uint8Array;
  /** What the place itself says of it; null where it says nothing. */
  readonly read: boolean | null;
  /** Seconds since 1970; null where the place doesn't tell. */
  readonly receivedAt: number | null;
  /** The folder that it lay in, as its parts from the outside in; empty for the place that was named. */
  readonly folder: readonly string[];
}

/** Something that could not be read as mail, and why. */
export interface Unreadable {
  readonly place: string;
  readonly reason: SkipReason;
}

/** Why a mail is left out: it is larger than any that is taken; no mail; a file that can't be read; one that breaks the converter. */
export type SkipReason = "too_large" | "not_mail" | "unreadable" | "not_convertible";

/** What a source gives, one after the other. */
export type Found = RawMail | Unreadable;

/** Whether something found is a mail. */
export function isMail(found: Found): found is RawMail {
  return "bytes" in found;
}

import type { Address, Hex32, Timestamp } from "@smimp/protocol";

// The model: what people did, and what must follow from it. It knows nothing of keys, servers and storages.

/** An attachment, whose content follows from its name and size. */
export interface SentAttachment {
  readonly name: string;
  readonly size: number;
}

/** A message that somebody wrote. Its subject is its name: no two are alike. */
export interface Sent {
  readonly subject: string;
  readonly from: Address;
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly bcc: readonly Address[];
  /** Whether the sender keeps a copy and is no recipient anyway. */
  readonly ownCopy: boolean;
  readonly body: string;
  readonly attachments: readonly SentAttachment[];
  /** The device whose outbox it went into, and when; null: it was imported, and is its owner's own. */
  readonly device: string | null;
  at: Timestamp;
  /** The program said that it is in the outbox: from then on it can't be lost. */
  promised: boolean;
  /** Its sender took it out of the outbox, or wanted to. */
  withdrawn: boolean;
  /** Whose copy a server has acknowledged. */
  readonly acknowledged: Set<Address>;
}

/** What a person knows of their own mailbox. */
export interface MailboxFacts {
  /** Subjects that were deleted, and whether the deletion is certain (it was acknowledged). */
  readonly removed: Map<string, "certain" | "tried">;
  /** Messages whose deletion was acknowledged. */
  readonly removedIds: Set<Hex32>;
  /** What may be noted of a message, by kind and subject; no entry: as it came. */
  readonly noted: Map<string, ReadonlySet<string>>;
  /** The month before which what was opened may be burned, and the one before which it is, e.g. `2026-03`. */
  mayBeBurned: string | null;
  isBurned: string | null;
}

/** What people note of a message: whether it is read, whether it is starred, its labels, the id of its folder. */
export type NoteKind = "read" | "starred" | "labels" | "folder";

/** What may be noted of a message, as text; null: as it came. */
export function notedOf({ noted }: MailboxFacts, kind: NoteKind, subject: string): ReadonlySet<string> | null {
  return noted.get(`${kind} ${subject}`) ?? null;
}

/** From now on it may be this too. */
export function mayBe({ noted }: MailboxFacts, kind: NoteKind, subject: string, value: string, asItCame: string): void {
  const key = `${kind} ${subject}`;
  noted.set(key, new Set([...(noted.get(key) ?? [asItCame]), value]));
}

/** It is this and nothing else: that was acknowledged, and nothing else was under way. */
export function mustBe({ noted }: MailboxFacts, kind: NoteKind, subject: string, value: string): void {
  noted.set(`${kind} ${subject}`, new Set([value]));
}

/** Everything that was done in a run. */
export interface Ledger {
  readonly sent: Map<string, Sent>;
  /** Subjects of drafts that somebody wrote, or tried to. */
  readonly drafts: Set<string>;
  mailbox(address: Address): MailboxFacts;
  /** A subject that was never used. */
  newSubject(): string;
}

/** An empty ledger. */
export function createLedger(): Ledger {
  const mailboxes = new Map<Address, MailboxFacts>();
  const sent = new Map<string, Sent>();
  let count = 0;
  return {
    sent,
    drafts: new Set(),
    newSubject: () => `m${++count}`,
    mailbox: (address) => {
      const found = mailboxes.get(address) ?? {
        removed: new Map(),
        removedIds: new Set(),
        noted: new Map(),
        mayBeBurned: null,
        isBurned: null,
      };
      mailboxes.set(address, found);
      return found;
    },
  };
}

/** Whether somebody may have burned their copy: what was sent before the month was opened before it, or later. */
export function mayBeBurned({ mayBeBurned: month }: MailboxFacts, { at }: Sent): boolean {
  return month !== null && at.slice(0, month.length) < month;
}

/** Everybody who gets a copy. */
export function recipientsOf({ from, to, cc, bcc, ownCopy }: Sent): ReadonlySet<Address> {
  return new Set([...to, ...cc, ...bcc, ...(ownCopy ? [from] : [])]);
}

/** The content of an attachment: bytes that follow from its name and repeat nowhere near. */
export function contentOf({ name, size }: SentAttachment): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = Buffer.from(name).reduce((sum, byte) => (Math.imul(sum, 31) + byte) >>> 0, 7);
  for (let index = 0; index < size; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

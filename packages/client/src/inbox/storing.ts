import {
  addSeconds,
  archiveKeyIdOf,
  equalBytes,
  fromB64,
  isSmimpError,
  MAX_SUMMARY_RECIPIENTS,
  openArchive,
  openSummary,
  parseProfile,
  sealArchive,
  sealSummary,
  toB64,
  type Hex32,
  type Pin,
  type ProblemCode,
  type Timestamp,
} from "@smimp/protocol";
import { archiveKey as findArchiveKey } from "../archive-keys.ts";
import { markDirty } from "../keystore/state.ts";
import { destroySecret, markUsed } from "../message-keys.ts";
import type { MessageMarks } from "../model.ts";
import type { NewNotice } from "../notices.ts";
import { FIRST_WAIT, LONGEST_WAIT } from "../outbox/back-off.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { kept, lineOf, NOTHING, type Arrived, type Placed, type TakenIn } from "./arrival.ts";
import { placeOf } from "./content.ts";
import {
  getMessage,
  getWaiting,
  listKeyOf,
  messageOfRef,
  noUnopened,
  putMessage,
  putRef,
  setToArchive,
  setWaiting,
  wasRemoved,
  type MessageDocument,
  type WaitingDocument,
} from "./documents.ts";
import type { Opened } from "./opening.ts";
import { leavePlace, readMessageOf } from "./places.ts";
import { putSummary } from "./summaries.ts";
import type { TakeInParts } from "./take-in.ts";
import { setUnopened } from "./unopened.ts";

/** Faults that mean that somebody, most of all the own server, does what it must not. */
const ALARMS: Readonly<Partial<Record<ProblemCode, string>>> = {
  key_used_twice: "your server issued one of your single-use keys twice: the secrecy of two messages hangs together; ask its operator",
  own_history_mismatch: "your server showed the sender of a message another history of you than the one you know; ask its operator",
};

/** Names of marks in a sealed summary, by the mark. */
const MARKS = {
  firstContact: "first_contact",
  revokedKey: "revoked_key",
  formerKey: "former_key",
  notAuthenticated: "not_authenticated",
} as const;

/** Stores an open message in its place, with what opens it again. Throws what is wrong with its content. */
export async function storeOpened(parts: TakeInParts, arrived: Arrived, opened: Opened, firstContact: boolean): Promise<TakenIn> {
  const { storage, self } = parts;
  const { document, messageId } = arrived;
  const { from } = document;
  const before = await noticedBefore(storage, arrived);
  const own = from === self.address;
  const marks: MessageMarks = {
    firstContact: (firstContact && !own && before.marks === null) || before.marks?.includes(MARKS.firstContact) === true,
    revokedKey: opened.revokedKey || before.marks?.includes(MARKS.revokedKey) === true,
    // Only the device that saw it first can know: it noted it in the summary.
    formerKey: opened.formerKey || before.marks?.includes(MARKS.formerKey) === true,
    notAuthenticated: arrived.message.received_via !== "smimp_client",
  };
  const standing = await standingArchive(storage, arrived, opened);
  const reading = await readMessageOf(parts, { ...arrived, plaintext: opened.plaintext, marks, seenBefore: standing !== null });
  const name = nameIn((await parts.people.document(from))?.profile ?? null);

  return await storage.transact(async (writer) => {
    if (await wasRemoved(writer, messageId)) return NOTHING;
    // A message that was sealed anew after a lost answer: the first one is shown (protocol section 6).
    const first = reading.ref === null ? null : await messageOfRef(storage, writer, from, reading.ref);
    const repeated = first !== null && first !== messageId;
    // It may have stood there while its sender was unconfirmed, or unfetched.
    const listed = await leaveList(storage, writer, messageId);
    const placed = repeated ? null : await reading.put(writer);
    if (!repeated && reading.ref !== null) putRef(storage, writer, from, reading.ref, messageId);
    await markUsed(writer, document.key_id, messageId);
    const sealed = standing ?? sealedFor(parts, arrived, opened, { placed, marks, name });
    putMessage(writer, { ...kept(arrived, placed ?? { place: "none", listKey: null }), ...sealed });
    const done = standing !== null && !repeated;
    if (done) await destroySecret(writer, document.key_id);
    setToArchive(writer, messageId, !done);
    await markDirty(writer);
    setWaiting(writer, messageId, null);
    noUnopened(writer, messageId);
    if (placed !== null) return { summary: placed.summary, notice: null, event: placed.event };
    return listed ? { ...NOTHING, event: { type: "removed", messageId } } : NOTHING;
  });
}

/** Stores a message that can't be verified or opened: the reason is shown, and nothing of its content. Throws what is no fault of it. */
export async function storeInvalid(parts: TakeInParts, arrived: Arrived, error: unknown, withheld = false): Promise<TakenIn> {
  if (!isSmimpError(error)) throw error;
  const { storage, self } = parts;
  const { messageId, document } = arrived;
  const alarm = ALARMS[error.code];
  const news: NewNotice[] = [];
  if (alarm !== undefined) news.push({ code: error.code, detail: alarm, address: document.from, messageId });
  if (withheld) {
    const detail = `a message names a record that the server of ${document.from} does not show: it may be withholding a key change`;
    news.push({ code: "history_withheld", detail, address: document.from, messageId });
  }
  const place = placeOf(document.message_type);
  const summary = place === "inbox" ? lineOf(self.address, arrived, { state: "invalid", reason: error.code }) : null;
  return await storage.transact(async (writer) => {
    if (error.code !== "key_unknown") noUnopened(writer, messageId);
    // Tried once more and in vain: that is no news.
    else if (await setUnopened(storage, writer, messageId, document.key_id)) return NOTHING;
    await leaveList(storage, writer, messageId);
    if (summary !== null) await putSummary(storage, writer, summary);
    putMessage(writer, kept(arrived, { place, listKey: summary === null ? null : listKeyOf(summary) }));
    setWaiting(writer, messageId, null);
    const [notice = null] = news.map((each) => parts.notices.post(writer, each));
    return { summary, notice, event: summary === null ? null : { type: "message", message: summary } };
  });
}

/** Stores a message whose archive key was burned: of its content nothing can be read any more, by anybody. */
export async function storeBurned(parts: TakeInParts, arrived: Arrived): Promise<TakenIn> {
  const { storage, self } = parts;
  const { messageId, document } = arrived;
  const place = placeOf(document.message_type) === "inbox" ? "inbox" : "none";
  const summary = place === "inbox" ? lineOf(self.address, arrived, { state: "burned" }) : null;
  return await storage.transact(async (writer) => {
    await leaveList(storage, writer, messageId);
    if (summary !== null) await putSummary(storage, writer, summary);
    putMessage(writer, { ...kept(arrived, { place, listKey: summary === null ? null : listKeyOf(summary) }), extensions: null });
    setWaiting(writer, messageId, null);
    noUnopened(writer, messageId);
    return { summary, notice: null, event: summary === null ? null : { type: "message", message: summary } };
  });
}

/** Why a message waits. */
export interface Waiting {
  readonly pinWhenSeen: Pin | null;
  /** A history was asked for in vain. */
  readonly failed?: boolean;
  /** What the person has to know of it. */
  readonly withheld?: string;
}

/** Stores a message that waits for a history. */
export async function storeWaiting(parts: TakeInParts, arrived: Arrived, { pinWhenSeen, failed, withheld }: Waiting): Promise<TakenIn> {
  const { storage, self, clock } = parts;
  const { messageId, document, message } = arrived;
  const place = placeOf(document.message_type);
  const summary = place === "inbox" ? lineOf(self.address, arrived, { state: "unconfirmed" }) : null;
  return await storage.transact(async (writer) => {
    const before = await getWaiting(writer, messageId);
    await leaveList(storage, writer, messageId);
    if (summary !== null) await putSummary(storage, writer, summary);
    putMessage(writer, kept(arrived, { place, listKey: summary === null ? null : listKeyOf(summary) }));
    const { envelope: _envelope, ...said } = message;
    const first = {
      messageId,
      from: document.from,
      message: said,
      pinWhenSeen,
      keyId: document.key_id,
      attempts: 0,
      nextAttemptAt: clock(),
    };
    setWaiting(writer, messageId, failed === true ? triedAgain(before ?? first, clock()) : first);
    noUnopened(writer, messageId);
    if (before !== null && before.attempts > 0) return NOTHING;
    const news = { code: "history_withheld", address: self.address, messageId } as const;
    const notice = withheld === undefined ? null : parts.notices.post(writer, { ...news, detail: withheld });
    return { summary, notice, event: null };
  });
}

/** A waiting message after one more attempt in vain; null where it doesn't wait any more. */
export async function postponed(writer: StorageWriter, messageId: Hex32, now: Timestamp): Promise<WaitingDocument | null> {
  const waiting = await getWaiting(writer, messageId);
  return waiting === null ? null : triedAgain(waiting, now);
}

function triedAgain(waiting: WaitingDocument, now: Timestamp): WaitingDocument {
  const attempts = waiting.attempts + 1;
  // The next sync tries at once: most outages are short. After that, dead domains shall not hold up everybody's syncs.
  const wait = attempts === 1 ? 0 : Math.min(FIRST_WAIT * 2 ** Math.min(attempts - 2, 30), LONGEST_WAIT);
  return { ...waiting, attempts, nextAttemptAt: addSeconds(now, wait) };
}

/** What the device noted that opened the message before; marks are null where none did. */
async function noticedBefore(storage: Storage, { message, messageId }: Arrived): Promise<{ readonly marks: readonly string[] | null }> {
  if (message.summary === null) return { marks: null };
  try {
    const sealed = fromB64(message.summary);
    const key = await findArchiveKey(storage, archiveKeyIdOf(sealed));
    return { marks: key === null ? null : (openSummary(key, messageId, sealed).marks ?? []) };
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return { marks: null };
  }
}

/** Takes a message out of the list that it stands in so far; whether it stood in one. */
async function leaveList(storage: Storage, writer: StorageWriter, messageId: Hex32): Promise<boolean> {
  const listed = await getMessage(writer, messageId);
  if (listed !== null) await leavePlace(storage, writer, listed);
  return listed !== null && listed.listKey !== null;
}

type Sealed = Pick<MessageDocument, "archive" | "sealedSummary" | "archived">;

/** The archive that another device left on the server, if it opens this message: then nothing more is to be done there. */
async function standingArchive(storage: Storage, { message, messageId }: Arrived, opened: Opened): Promise<Sealed | null> {
  const { archive, summary } = message;
  if (archive === null) return null;
  if (opened.fromArchive) return { archive, sealedSummary: summary, archived: true };
  try {
    const bytes = fromB64(archive);
    const key = await findArchiveKey(storage, archiveKeyIdOf(bytes));
    if (key === null || !equalBytes(openArchive(key, messageId, bytes), opened.prk)) return null;
    return { archive, sealedSummary: summary, archived: true };
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return null;
  }
}

interface Said {
  readonly placed: Placed | null;
  readonly marks: MessageMarks;
  /** The sender's public name. */
  readonly name: string;
}

function sealedFor(
  { random }: TakeInParts,
  { archiveKey, messageId, document }: Arrived,
  { prk }: Opened,
  { placed, marks, name }: Said,
): Sealed {
  const { from } = document;
  const names = Object.entries(MARKS).flatMap(([mark, name]) => (marks[mark as keyof MessageMarks] ? [name] : []));
  const { subject, text, to, ...rest } = placed?.sealed ?? { subject: "", text: "" };
  const full = {
    ...rest,
    subject,
    name,
    text,
    from,
    ...(to === undefined ? {} : { to: to.slice(0, MAX_SUMMARY_RECIPIENTS) }),
    ...(names.length === 0 ? {} : { marks: names }),
  };
  return {
    archive: toB64(sealArchive(archiveKey, messageId, prk, random)),
    sealedSummary: toB64(sealSummary(archiveKey, messageId, full, random)),
    archived: false,
  };
}

/** What somebody calls themselves in their profile; empty where they don't, or where there is none that can be read. */
export function nameIn(profile: string | null): string {
  if (profile === null) return "";
  try {
    return parseProfile(profile).name ?? "";
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return "";
  }
}

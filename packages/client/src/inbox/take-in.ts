import {
  addSeconds,
  isSmimpError,
  messageIdOf,
  parseEnvelope,
  parseProfile,
  sealArchive,
  sealSummary,
  toB64,
  wipe,
  type Address,
  type ArchiveKey,
  type Clock,
  type EnvelopeDocument,
  type Hex32,
  type Pin,
  type ProblemCode,
  type RandomBytes,
  type StoredMessage,
} from "@smimp/protocol";
import { markDirty } from "../keystore/state.ts";
import { markUsed } from "../message-keys.ts";
import type { InboxSummary, MessageMarks, Notice } from "../model.ts";
import type { NewNotice, NoticeBoard } from "../notices.ts";
import { FIRST_WAIT, isPassing, LONGEST_WAIT } from "../outbox/back-off.ts";
import type { People } from "../people.ts";
import type { Self } from "../self.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { parseContent, previewOf, READ_TYPES, type Content } from "./content.ts";
import {
  type MessageDocument,
  deleteSummary,
  getMessage,
  getWaiting,
  listKeyOf,
  messageOfRef,
  putMessage,
  putRef,
  putSummary,
  setToArchive,
  setWaiting,
  wasRemoved,
} from "./documents.ts";
import { openMessage, type Opened } from "./opening.ts";
import { senderHistory, type Sender } from "./sender.ts";

/** What taking messages in works with. */
export interface TakeInParts {
  readonly storage: Storage;
  readonly people: People;
  readonly self: Self;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly notices: NoticeBoard;
}

/** What became of a message: a line in the inbox, nothing to show, and what the person has to know. */
export interface TakenIn {
  readonly summary: InboxSummary | null;
  readonly notice: Notice | null;
}

const NOTHING: TakenIn = { summary: null, notice: null };
const NO_MARKS: MessageMarks = { firstContact: false, revokedKey: false, formerKey: false, notAuthenticated: false };

/** Faults that mean that somebody, most of all the own server, does what it must not. */
const ALARMS: Readonly<Partial<Record<ProblemCode, string>>> = {
  key_used_twice: "your server issued one of your single-use keys twice: the secrecy of two messages hangs together; ask its operator",
  own_history_mismatch: "your server showed the sender of a message another history of you than the one you know; ask its operator",
};

/**
 * Takes one message in: verifies, opens, and stores it sealed under the month's archive key, all in one transaction. What can't
 * be verified or opened is stored with the reason and never shown. `pinWhenSeen` is set for a message that had to wait.
 */
export async function takeIn(
  parts: TakeInParts,
  message: StoredMessage,
  archiveKey: ArchiveKey,
  pinWhenSeen?: Pin | null,
): Promise<TakenIn> {
  const messageId = messageIdOf(message.envelope);
  const document = parsed(message);
  if (document === null || messageId !== message.message_id) {
    return await onlyNotice(parts, { code: "bad_request", messageId, detail: "your server delivered something that is no message" });
  }
  // Applications read their own messages (protocol section 9).
  if (!READ_TYPES.includes(document.message_type)) return NOTHING;
  if (
    (await wasRemoved(parts.storage, messageId)) ||
    (pinWhenSeen === undefined && (await getMessage(parts.storage, messageId)) !== null)
  ) {
    return NOTHING;
  }
  const arrived: Arrived = { message, document, messageId, archiveKey };
  let sender: Sender;
  try {
    sender = await senderHistory(parts.people, parts.random, { from: document.from, fromLink: document.from_link, pinWhenSeen });
  } catch (error) {
    return await storeInvalid(parts, arrived, error);
  }
  if (sender.chain === null) return await storeUnconfirmed(parts, arrived, sender.pinWhenSeen);
  try {
    const opened = await openMessage(parts, { ...arrived, sender: sender.chain, pinWhenSeen: sender.pinWhenSeen });
    if (opened === null) return NOTHING;
    return await storeOpened(parts, arrived, opened, sender.pinWhenSeen === null);
  } catch (error) {
    // The own history could not be looked at: that is no fault of the message.
    if (isSmimpError(error) && isPassing(error.code)) return await storeUnconfirmed(parts, arrived, sender.pinWhenSeen, OWN_WITHHELD);
    return await storeInvalid(parts, arrived, error, sender.withheld);
  }
}

/** A server that shows senders another history must not escape by showing its owner none (protocol section 6). */
const OWN_WITHHELD = "a message names a record of yours that you don't know, and your own server can't be asked for it now";

interface Arrived {
  readonly message: StoredMessage;
  readonly document: EnvelopeDocument;
  readonly messageId: Hex32;
  readonly archiveKey: ArchiveKey;
}

function parsed({ envelope }: StoredMessage): EnvelopeDocument | null {
  try {
    return parseEnvelope(envelope.data);
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return null;
  }
}

async function storeOpened(parts: TakeInParts, arrived: Arrived, opened: Opened, firstContact: boolean): Promise<TakenIn> {
  const { storage, random, people } = parts;
  const { document, messageId, archiveKey } = arrived;
  const { from } = document;
  const content = parseContent(document.message_type, opened.plaintext);
  const own = from === parts.self.address;
  const marks = {
    firstContact: firstContact && !own,
    revokedKey: opened.revokedKey,
    formerKey: opened.formerKey,
    notAuthenticated: arrived.message.received_via !== "smimp_client",
  };
  const summary = lineOf(parts, arrived, { state: "open", marks, content });
  const full = { subject: content.subject, name: nameIn((await people.document(from))?.profile ?? null), text: summary.preview };
  const archive = toB64(sealArchive(archiveKey, messageId, opened.prk, random));
  const sealedSummary = toB64(sealSummary(archiveKey, messageId, full, random));
  wipe(opened.prk, opened.plaintext);

  return await storage.transact(async (writer) => {
    // A message that was sealed anew after a lost answer: the first one is shown (protocol section 6).
    const first = await messageOfRef(storage, writer, from, content.ref);
    const repeated = first !== null && first !== messageId;
    if (repeated) {
      // It may have stood there while its sender was unconfirmed.
      deleteSummary(writer, summary);
    } else {
      putRef(storage, writer, from, content.ref, messageId);
      putSummary(writer, summary);
    }
    await markUsed(writer, document.key_id, messageId);
    await markDirty(writer);
    putMessage(writer, { ...kept(arrived, repeated ? null : listKeyOf(summary)), archive, sealedSummary });
    setToArchive(writer, messageId, true);
    setWaiting(writer, messageId, null);
    return repeated ? NOTHING : { summary, notice: null };
  });
}

async function storeInvalid(parts: TakeInParts, arrived: Arrived, error: unknown, withheld = false): Promise<TakenIn> {
  if (!isSmimpError(error)) throw error;
  const { messageId, document } = arrived;
  const summary = lineOf(parts, arrived, { state: "invalid", reason: error.code });
  const alarm = ALARMS[error.code];
  const news: NewNotice[] = [];
  if (alarm !== undefined) news.push({ code: error.code, detail: alarm, address: document.from, messageId });
  if (withheld) {
    const detail = `a message names a record that the server of ${document.from} does not show: it may be withholding a key change`;
    news.push({ code: "history_withheld", detail, address: document.from, messageId });
  }
  return await parts.storage.transact(async (writer) => {
    putSummary(writer, summary);
    putMessage(writer, kept(arrived, listKeyOf(summary)));
    setWaiting(writer, messageId, null);
    const [notice = null] = news.map((each) => parts.notices.post(writer, each));
    return { summary, notice };
  });
}

async function storeUnconfirmed(parts: TakeInParts, arrived: Arrived, pinWhenSeen: Pin | null, withheld?: string): Promise<TakenIn> {
  const { messageId, document } = arrived;
  const summary = lineOf(parts, arrived, { state: "unconfirmed" });
  return await parts.storage.transact(async (writer: StorageWriter) => {
    const before = await getMessage(writer, messageId);
    putSummary(writer, summary);
    putMessage(writer, kept(arrived, listKeyOf(summary)));
    const attempts = ((await getWaiting(writer, messageId))?.attempts ?? 0) + 1;
    // The next sync tries at once: most outages are short. After that, dead domains shall not hold up everybody's syncs.
    const wait = attempts === 1 ? 0 : Math.min(FIRST_WAIT * 2 ** Math.min(attempts - 2, 30), LONGEST_WAIT);
    const nextAttemptAt = addSeconds(parts.clock(), wait);
    setWaiting(writer, messageId, { messageId, pinWhenSeen, keyId: document.key_id, attempts, nextAttemptAt });
    if (before !== null) return NOTHING;
    const news = { code: "history_withheld", address: parts.self.address, messageId } as const;
    return { summary, notice: withheld === undefined ? null : parts.notices.post(writer, { ...news, detail: withheld }) };
  });
}

function kept({ message, document, messageId }: Arrived, listKey: string | null): MessageDocument {
  return { messageId, listKey, envelope: message.envelope, archive: null, sealedSummary: null, archived: false, keyId: document.key_id };
}

interface Line {
  readonly state: InboxSummary["state"];
  readonly reason?: ProblemCode;
  readonly marks?: MessageMarks;
  readonly content?: Content;
}

function lineOf({ self }: TakeInParts, { message, document, messageId }: Arrived, { state, reason, marks, content }: Line): InboxSummary {
  const from: Address = document.from;
  const own = state === "open" && from === self.address;
  return {
    messageId,
    receivedAt: message.received_at,
    from,
    state,
    reason: reason ?? null,
    messageType: document.message_type,
    subject: content?.subject ?? "",
    preview: content === undefined ? "" : previewOf(content),
    read: message.read || own,
    size: message.envelope.data.length + document.blobs.reduce((sum, blob) => sum + blob.size, 0),
    own,
    marks: marks ?? { ...NO_MARKS, notAuthenticated: message.received_via !== "smimp_client" },
  };
}

function nameIn(profile: string | null): string {
  if (profile === null) return "";
  try {
    return parseProfile(profile).name ?? "";
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return "";
  }
}

async function onlyNotice({ storage, notices }: TakeInParts, notice: NewNotice): Promise<TakenIn> {
  return { summary: null, notice: await storage.transact(async (writer) => notices.post(writer, notice)) };
}

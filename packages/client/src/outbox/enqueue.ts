import {
  BLOB_KEY_BYTES,
  CHUNK_BYTES,
  concat,
  encodeEmail,
  MAX_RECIPIENTS,
  parseHex32,
  secondsOf,
  toB64,
  toHex,
  toHex32,
  type Address,
  type Clock,
  type RandomBytes,
} from "@smimp/protocol";
import type { Draft, DraftAttachment } from "../model.ts";
import type { Storage } from "../storage/storage.ts";
import { deleteOrphan, putContent, putEntry, type CopyDocument, type EntryDocument } from "./documents.ts";

/** Pieces of content in one transaction. */
const CHUNKS_A_TRANSACTION = 16;

/** What enqueuing works with. */
export interface EnqueueParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly me: Address;
}

/**
 * Makes an entry of a draft: contents of attachments first, then the entry in one transaction, from which on it exists.
 * Throws TypeError for a draft without recipients or with more than 1,000, or an attachment of another size than announced, and what `encodeEmail` throws.
 */
export async function enqueue(
  { storage, clock, random, me }: EnqueueParts,
  draft: Draft,
): Promise<{ readonly entry: EntryDocument; readonly copies: readonly CopyDocument[] }> {
  const { to, cc = [], bcc = [], attachments = [] } = draft;
  const recipients = [...new Set([...to, ...cc, ...bcc])];
  if (recipients.length === 0) throw new TypeError("a message needs a recipient");
  if (recipients.length > MAX_RECIPIENTS) throw new TypeError(`a message has at most ${MAX_RECIPIENTS} recipients`);
  const now = clock();
  const ref = toHex32(random(32));
  // Ids count up with the time, so that lists are in the order of queuing.
  const id = `${secondsOf(now).toString(16).padStart(12, "0")}${toHex(random(8))}`;
  const entry: EntryDocument = {
    id,
    queuedAt: now,
    email: {
      ref,
      to: [...to],
      cc: [...cc],
      subject: draft.subject,
      thread_id: draft.replyTo === undefined ? ref : (draft.replyTo.threadId ?? draft.replyTo.ref),
      ...(draft.replyTo === undefined ? {} : { in_reply_to: draft.replyTo.ref }),
      date_sent: now,
      body: draft.body,
    },
    attachments: attachments.map(({ name, mediaType, size }) => ({ name, media_type: mediaType, size })),
    copies: 0,
  };
  refuseUnsendable(entry);

  // The owner's own copy goes last, and only where they are no recipient anyway.
  const own = draft.keepCopy !== false && !recipients.includes(me) ? [me] : [];
  const copies = [...recipients, ...own].map((address): CopyDocument => ({
    to: address,
    own: own.includes(address),
    state: "queued",
    reason: null,
    detail: null,
    attempts: 0,
    nextAttemptAt: now,
    messageId: null,
    requests: 0,
    since: now,
  }));

  try {
    for (const [index, attachment] of attachments.entries()) {
      await storeContent(storage, id, index, attachment);
    }
    const whole = { ...entry, copies: copies.length };
    await storage.transact(async (writer) => putEntry(writer, whole, copies));
    return { entry: whole, copies };
  } catch (error) {
    await deleteOrphan(storage, id);
    throw error;
  }
}

/** What no recipient could read is the sender's mistake, found before anything is stored. */
function refuseUnsendable({ email, attachments }: EntryDocument): void {
  const hash = parseHex32("0".repeat(64));
  encodeEmail({ ...email, attachments: attachments.map((each) => ({ ...each, hash, key: toB64(new Uint8Array(BLOB_KEY_BYTES)) })) });
}

async function storeContent(storage: Storage, id: string, attachment: number, { name, size, open }: DraftAttachment): Promise<void> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  let total = 0;
  let chunk = 0;
  const flush = async (): Promise<void> => {
    const bytes = concat(...waiting);
    [waiting, length] = [[], 0];
    await storage.transact(async (writer) => {
      for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
        putContent(writer, id, attachment, chunk++, bytes.subarray(start, start + CHUNK_BYTES));
      }
    });
  };
  for await (const piece of open()) {
    total += piece.length;
    if (total > size) break;
    // The caller may use its buffer again.
    waiting.push(piece.slice());
    length += piece.length;
    if (length >= CHUNK_BYTES * CHUNKS_A_TRANSACTION) await flush();
  }
  await flush();
  if (total !== size) throw new TypeError(`${name} does not have the announced ${size} bytes`);
}

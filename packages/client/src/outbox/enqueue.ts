import {
  BLOB_KEY_BYTES,
  CHUNK_BYTES,
  concat,
  EMAIL,
  MAX_RECIPIENTS,
  parseHex32,
  secondsOf,
  SHORT_MESSAGE,
  toB64,
  toHex,
  toHex32,
  type Address,
  type Clock,
  type Email,
  type Hex32,
  type MessageType,
  type RandomBytes,
} from "@smimp/protocol";
import type { Draft, DraftAttachment } from "../model.ts";
import type { Contents } from "../storage/contents.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { outboxContents, putEntry, type CopyDocument, type EntryDocument, type Payload } from "./documents.ts";
import { encodePayload } from "./payload.ts";

/** Pieces of content in one transaction. */
const CHUNKS_A_TRANSACTION = 16;

/** What enqueuing works with. */
export interface EnqueueParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly me: Address;
}

/** A message of any type, ready to be queued. */
export interface Sendable {
  readonly messageType: MessageType;
  readonly payload: Payload;
  /** Shared by all copies: that of the payload where it has one; a new one where left out. */
  readonly ref?: Hex32;
  readonly recipients: readonly Address[];
  readonly attachments?: readonly DraftAttachment[];
  /** Whether a sealed copy goes into the sender's own mailbox; no unless said so. */
  readonly keepCopy?: boolean;
  /** Its owner didn't write it. */
  readonly automatic?: boolean;
  /** What is to be stored in the same transaction. */
  readonly alongside?: (writer: StorageWriter) => Promise<void>;
}

/** An entry and its copies. */
export interface Enqueued {
  readonly entry: EntryDocument;
  readonly copies: readonly CopyDocument[];
}

/** The email that a draft is. `ref` is that of a draft which was synced before. */
export function emailOf({ clock, random }: Pick<EnqueueParts, "clock" | "random">, draft: Draft, ref?: Hex32): Omit<Email, "attachments"> {
  const { to, cc = [], subject, body, replyTo, answersTo, autoAnswersTo, automatic } = draft;
  const own = ref ?? toHex32(random(32));
  return {
    ref: own,
    to: [...to],
    cc: [...cc],
    subject,
    thread_id: replyTo === undefined ? own : (replyTo.threadId ?? replyTo.ref),
    ...(replyTo === undefined ? {} : { in_reply_to: replyTo.ref }),
    date_sent: clock(),
    body,
    ...(answersTo === undefined ? {} : { reply_to: answersTo }),
    ...(autoAnswersTo === undefined ? {} : { auto_reply_address: autoAnswersTo }),
    ...markOf(automatic),
  };
}

/** What tells programs that another one wrote a message. */
function markOf(automatic: boolean | undefined): { readonly extensions?: { readonly auto_reply: true } } {
  return automatic === true ? { extensions: { auto_reply: true } } : {};
}

/** An email as it is queued. */
export function sendableEmail(parts: EnqueueParts, draft: Draft, ref?: Hex32): Sendable & { readonly ref: Hex32 } {
  const email = emailOf(parts, draft, ref);
  const { to, cc = [], bcc = [], attachments = [], keepCopy = true, automatic = false } = draft;
  return { messageType: EMAIL, payload: { email }, ref: email.ref, recipients: [...to, ...cc, ...bcc], attachments, keepCopy, automatic };
}

/** A short message as it is queued: it says whom it is for, so that its sender's copy stands in the right conversation. */
export function sendableShort(
  random: RandomBytes,
  recipients: readonly Address[],
  text: string,
  attachments: readonly DraftAttachment[],
  { automatic = false }: { readonly automatic?: boolean } = {},
): Sendable {
  const ref = toHex32(random(32));
  const payload = { short: { ref, to: [...new Set(recipients)], text, ...markOf(automatic) } };
  return { messageType: SHORT_MESSAGE, payload, ref, recipients, attachments, keepCopy: true, automatic };
}

/**
 * Makes an entry of a message: contents of attachments first, then the entry in one transaction, from which on it exists.
 * Throws TypeError for a message without recipients or with more than 1,000, or an attachment of another size than announced, and what
 * `encodePayload` throws.
 */
export async function enqueue({ storage, clock, random, me }: EnqueueParts, message: Sendable): Promise<Enqueued> {
  const { messageType, payload, attachments = [], keepCopy = false } = message;
  const recipients = [...new Set(message.recipients)];
  if (recipients.length === 0) throw new TypeError("a message needs a recipient");
  if (recipients.length > MAX_RECIPIENTS) throw new TypeError(`a message has at most ${MAX_RECIPIENTS} recipients`);
  const now = clock();
  const entry: EntryDocument = {
    // Ids count up with the time, so that lists are in the order of queuing.
    id: `${secondsOf(now).toString(16).padStart(12, "0")}${toHex(random(8))}`,
    queuedAt: now,
    ref: message.ref ?? toHex32(random(32)),
    messageType,
    payload,
    subject: subjectOf(payload),
    automatic: message.automatic ?? false,
    attachments: attachments.map(({ name, mediaType, size }) => ({ name, media_type: mediaType, size })),
    copies: 0,
  };
  refuseUnsendable(entry);

  // The owner's own copy goes last, and only where they are no recipient anyway.
  const own = keepCopy && !recipients.includes(me) ? [me] : [];
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
      await storeContent(storage, outboxContents, entry.id, index, attachment);
    }
    const whole = { ...entry, copies: copies.length };
    await storage.transact(async (writer) => {
      putEntry(writer, whole, copies);
      await message.alongside?.(writer);
    });
    return { entry: whole, copies };
  } catch (error) {
    await outboxContents.deleteAll(storage, entry.id);
    throw error;
  }
}

function subjectOf(payload: Payload): string {
  if ("email" in payload) return payload.email.subject;
  return "secret" in payload ? payload.secret.name : "";
}

/** What no recipient could read is the sender's mistake, found before anything is stored. */
function refuseUnsendable({ payload, attachments }: EntryDocument): void {
  const hash = parseHex32("0".repeat(64));
  encodePayload(
    payload,
    attachments.map((each) => ({ ...each, hash, key: toB64(new Uint8Array(BLOB_KEY_BYTES)) })),
  );
}

/** Stores an attachment's content under an id, piece by piece. Throws TypeError where it has another size than announced. */
export async function storeContent(
  storage: Storage,
  contents: Contents,
  id: string,
  attachment: number,
  { name, size, open }: Pick<DraftAttachment, "name" | "size" | "open">,
): Promise<void> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  let total = 0;
  let chunk = 0;
  const flush = async (): Promise<void> => {
    const bytes = concat(...waiting);
    [waiting, length] = [[], 0];
    await storage.transact(async (writer) => {
      for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
        contents.put(writer, id, attachment, chunk++, bytes.subarray(start, start + CHUNK_BYTES));
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

import {
  HISTORY_FRESH,
  isSmimpError,
  parseEnvelope,
  recordAt,
  restoreSealed,
  seal,
  secondsBetween,
  SmimpError,
  wipe,
  type Address,
  type Hex32,
  type ProblemCode,
  type PublicKey,
  type SealedEnvelope,
  type Statement,
} from "@smimp/protocol";
import type { Known } from "../people.ts";
import { STALE_HISTORY } from "../session.ts";
import { planBlobs, uploadBlobs, type BlobTransport } from "./blobs.ts";
import type { BlobPlan, EntryDocument, UnderWay } from "./documents.ts";
import { requestKey, type AskingOptions, type KeyAsking } from "./message-key.ts";
import { encodePayload } from "./payload.ts";

/** What an attempt works with. */
export type AttemptParts = KeyAsking & BlobTransport;

/** How an attempt keeps its steps. */
export interface AttemptOptions extends AskingOptions {
  /** Stores what was made for the copy, and the id of what is sealed; resolves once it is durable. */
  readonly keep: (made: UnderWay, messageId: Hex32 | null) => Promise<void>;
}

/** Answers after which the message is sealed anew, with the same ref (protocol section 6): nothing was accepted. */
const SEAL_AGAIN: ReadonlySet<ProblemCode> = new Set<ProblemCode>(["conflict", "ticket_invalid", "key_expired", "key_not_issued"]);
/** Answers after which it may be that the recipient moved to another server. */
const MAYBE_MOVED: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  "unknown_user",
  "not_found",
  "not_accepted",
  "unsupported_version",
  "wrong_server",
  "insecure_transport",
  "temporarily_unavailable",
]);
/** Times that one attempt starts over. */
const MAX_ROUNDS = 3;

/**
 * Delivers one copy: finds the recipient, asks for a key, seals, stores what is sealed, uploads, sends. What is sealed goes out
 * again as it stands until the server has accepted or refused it, so that no lost answer makes two messages of one. `made` is
 * what an earlier attempt kept. Resolves once the server has it; throws what stands in the way.
 */
export async function attempt(
  parts: AttemptParts,
  entry: EntryDocument,
  to: Address,
  made: UnderWay | null,
  options: AttemptOptions,
): Promise<void> {
  let kept = made ?? NOTHING_MADE;
  const keep: AttemptOptions["keep"] = async (next, messageId) => {
    kept = next;
    await options.keep(next, messageId);
  };
  for (let round = 1; ; round++) {
    options.onProgress?.({ step: "resolve", to, name: null, done: 0, total: 1 });
    const recipient = await parts.people.locate(to);
    try {
      await (kept.sealed === null
        ? prepareAndDeliver(parts, entry, recipient, kept, { ...options, keep })
        : deliverAgain(parts, entry, recipient, kept.sealed, kept, options));
      return;
    } catch (error) {
      if (!isSmimpError(error) || round >= MAX_ROUNDS) throw error;
      if (SEAL_AGAIN.has(error.code)) {
        await keep({ ...kept, sealed: null }, null);
        if (error.code === "conflict") await refreshHeads(parts, recipient);
      } else if (!MAYBE_MOVED.has(error.code) || !(await hasMoved(parts, recipient))) throw error;
    }
  }
}

const NOTHING_MADE: UnderWay = { sealed: null, blobs: [] };

async function prepareAndDeliver(
  parts: AttemptParts,
  entry: EntryDocument,
  known: Known,
  made: UnderWay,
  options: AttemptOptions,
): Promise<void> {
  const { self, own, random } = parts;
  const to = known.address;
  const progress = (step: "key" | "seal"): void => options.onProgress?.({ step, to, name: null, done: 0, total: 1 });
  let { blobs } = made;
  if (blobs.length < entry.attachments.length) {
    // Long work comes before the ticket, which lives for an hour only, and is kept: a retry doesn't do it again.
    blobs = await planBlobs(parts, entry, options.signal);
    await options.keep({ sealed: null, blobs }, null);
  }
  progress("key");
  const { recipient, messageKey, ticket } = await requestKey(parts, known, entry.messageType, options);
  progress("seal");
  // Only now: the key may have been replaced while work was done.
  const { me, master } = await own.current();
  const plaintext = plaintextOf(entry, blobs);
  const sealed = seal({
    from: self.address,
    to,
    messageType: entry.messageType,
    fromLink: me.chain.head.link,
    toLink: recipient.pin.link,
    messageKey,
    plaintext,
    blobs: blobs.map(({ reference }) => reference),
    ticket,
    master,
    random,
  });
  wipe(plaintext);
  // Stored before it leaves: from here on it goes out as it is, or not at all.
  await options.keep({ sealed: sealed.statement, blobs }, sealed.messageId);
  await uploadBlobs(parts, recipient.baseUrl, ticket, entry, { to, blobs }, options);
  await send(parts, recipient, sealed, options);
}

/** After a lost answer or a restart: what is sealed already goes out again; the server knows it if it came through. */
async function deliverAgain(
  parts: AttemptParts,
  entry: EntryDocument,
  recipient: Known,
  statement: Statement,
  { blobs }: UnderWay,
  options: AskingOptions,
): Promise<void> {
  const sealed = restoreSealed(statement, await keyOf(parts, statement));
  try {
    await send(parts, recipient, sealed, options);
  } catch (error) {
    if (!isSmimpError(error, "blob_missing")) throw error;
    await uploadBlobs(parts, recipient.baseUrl, sealed.document.ticket, entry, { to: recipient.address, blobs }, options);
    await send(parts, recipient, sealed, options);
  }
}

/** The key that sealed it, which may have been replaced since: the server knows a message that it took before, and refuses it otherwise. */
async function keyOf({ people }: AttemptParts, statement: Statement): Promise<PublicKey> {
  const { chain } = await people.own();
  const record = recordAt(chain, parseEnvelope(statement.data).from_link);
  if (record === undefined) throw new SmimpError("conflict", "it was sealed under a record that is not in your history");
  return record.document.public_key;
}

async function send(parts: AttemptParts, recipient: Known, sealed: SealedEnvelope, options: AskingOptions): Promise<void> {
  const { api, sessions } = parts;
  options.onProgress?.({ step: "send", to: recipient.address, name: null, done: 0, total: 1 });
  const sending = sessions.with(recipient.baseUrl, async (token) => {
    options.onRequest();
    return await api.sendMessage(recipient.baseUrl, sealed, { token, signal: options.signal });
  });
  const { message_id } = await sending.catch(async (error: unknown) => {
    if (!isSmimpError(error, "bad_signature") || !(await isKeyNew(parts, recipient))) throw error;
    const detail = "the server doesn't know your new key yet";
    throw new SmimpError("temporarily_unavailable", detail, { cause: error, retryAfter: STALE_HISTORY });
  });
  if (message_id !== sealed.messageId) throw new SmimpError("temporarily_unavailable", "the server confirmed another message");
  options.onProgress?.({ step: "send", to: recipient.address, name: null, done: 1, total: 1 });
}

/** Whether another server may still judge by the key before the last change (protocol section 5): that passes. */
async function isKeyNew({ own, self, clock }: AttemptParts, recipient: Known): Promise<boolean> {
  if (recipient.baseUrl === self.baseUrl) return false;
  const { me } = await own.current();
  // One that is dated ahead, by a clock that was set back since, is new.
  return secondsBetween(me.chain.head.document.changed_at, clock()) < HISTORY_FRESH + STALE_HISTORY;
}

/** One of the two heads in the envelope is not current: whichever it is, both are asked for anew. */
async function refreshHeads({ people, self }: AttemptParts, recipient: Known): Promise<void> {
  await people.resolve(recipient.address);
  if (recipient.address !== self.address) await people.resolve(self.address);
}

async function hasMoved({ people }: AttemptParts, recipient: Known): Promise<boolean> {
  return (await people.resolve(recipient.address)).baseUrl !== recipient.baseUrl;
}

function plaintextOf({ payload, attachments: named }: EntryDocument, blobs: readonly BlobPlan[]): Uint8Array {
  const attachments = named.map(({ name, media_type, size }, index) => {
    const plan = blobs[index];
    if (plan === undefined) throw new TypeError("the blobs are not planned");
    return { name, media_type, size, hash: plan.reference.hash, key: plan.key };
  });
  return encodePayload(payload, attachments);
}

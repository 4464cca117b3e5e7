import {
  EMAIL,
  encodeEmail,
  isSmimpError,
  restoreSealed,
  seal,
  SmimpError,
  wipe,
  type ProblemCode,
  type SealedEnvelope,
} from "@smimp/protocol";
import type { Known } from "../people.ts";
import { planBlobs, uploadBlobs, type BlobTransport } from "./blobs.ts";
import type { CopyDocument, EntryDocument } from "./documents.ts";
import { requestKey, type AskingOptions, type KeyAsking } from "./message-key.ts";

/** What an attempt works with. */
export type AttemptParts = KeyAsking & BlobTransport;

/** How an attempt keeps its steps. */
export interface AttemptOptions extends AskingOptions {
  /** Stores what became of the copy; resolves once it is durable. */
  readonly save: (copy: CopyDocument) => Promise<void>;
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
 * again as it stands until the server has accepted or refused it, so that no lost answer makes two messages of one. Resolves
 * once the server has it; throws what stands in the way.
 */
export async function attempt(
  parts: AttemptParts,
  entry: EntryDocument,
  start: CopyDocument,
  options: AttemptOptions,
): Promise<CopyDocument> {
  let copy = start;
  const save = async (next: CopyDocument): Promise<void> => {
    copy = next;
    await options.save(next);
  };
  for (let round = 1; ; round++) {
    options.onProgress?.({ step: "resolve", to: copy.to, name: null, done: 0, total: 1 });
    const recipient = await parts.people.find(copy.to);
    try {
      await (copy.sealed === null
        ? prepareAndDeliver(parts, entry, copy, recipient, { ...options, save })
        : deliverAgain(parts, entry, copy, recipient, options));
      return copy;
    } catch (error) {
      if (!isSmimpError(error) || round >= MAX_ROUNDS) throw error;
      if (SEAL_AGAIN.has(error.code)) {
        await save({ ...copy, sealed: null, messageId: null });
        if (error.code === "conflict") await refreshHeads(parts, recipient);
      } else if (!MAYBE_MOVED.has(error.code) || !(await hasMoved(parts, recipient))) throw error;
    }
  }
}

async function prepareAndDeliver(
  parts: AttemptParts,
  entry: EntryDocument,
  copy: CopyDocument,
  known: Known,
  options: AttemptOptions,
): Promise<void> {
  const { people, self, random, storage } = parts;
  const progress = (step: "key" | "seal"): void => options.onProgress?.({ step, to: copy.to, name: null, done: 0, total: 1 });
  const me = await people.find(self.address);
  // Long work comes before the ticket, which lives for an hour only.
  const blobs = await planBlobs(storage, entry, copy);
  progress("key");
  const { recipient, messageKey, ticket } = await requestKey(parts, known, EMAIL, options);
  progress("seal");
  const planned = { ...copy, blobs };
  const plaintext = plaintextOf(entry, planned);
  const sealed = seal({
    from: self.address,
    to: copy.to,
    messageType: EMAIL,
    fromLink: me.chain.head.link,
    toLink: recipient.pin.link,
    messageKey,
    plaintext,
    blobs: blobs.flatMap(({ reference }) => (reference === null ? [] : [reference])),
    ticket,
    master: self.master,
    random,
  });
  wipe(plaintext);
  // Stored before it leaves: from here on it goes out as it is, or not at all.
  const stored = { ...planned, sealed: sealed.statement, messageId: sealed.messageId };
  await options.save(stored);
  await uploadBlobs(parts, recipient.baseUrl, ticket, entry, stored, options);
  await send(parts, recipient, sealed, options);
}

/** After a lost answer or a restart: what is sealed already goes out again; the server knows it if it came through. */
async function deliverAgain(
  parts: AttemptParts,
  entry: EntryDocument,
  copy: CopyDocument,
  recipient: Known,
  options: AskingOptions,
): Promise<void> {
  if (copy.sealed === null) throw new TypeError("nothing is sealed yet");
  const sealed = restoreSealed(copy.sealed, parts.self.master.publicKey);
  try {
    await send(parts, recipient, sealed, options);
  } catch (error) {
    if (!isSmimpError(error, "blob_missing")) throw error;
    await uploadBlobs(parts, recipient.baseUrl, sealed.document.ticket, entry, copy, options);
    await send(parts, recipient, sealed, options);
  }
}

async function send({ api, sessions }: AttemptParts, recipient: Known, sealed: SealedEnvelope, options: AskingOptions): Promise<void> {
  options.onProgress?.({ step: "send", to: recipient.address, name: null, done: 0, total: 1 });
  const { message_id } = await sessions.with(recipient.baseUrl, async (token) => {
    options.onRequest();
    return await api.sendMessage(recipient.baseUrl, sealed, { token, signal: options.signal });
  });
  if (message_id !== sealed.messageId) throw new SmimpError("temporarily_unavailable", "the server confirmed another message");
  options.onProgress?.({ step: "send", to: recipient.address, name: null, done: 1, total: 1 });
}

/** One of the two heads in the envelope is not current: whichever it is, both are asked for anew. */
async function refreshHeads({ people, self }: AttemptParts, recipient: Known): Promise<void> {
  await people.resolve(recipient.address);
  if (recipient.address !== self.address) await people.resolve(self.address);
}

async function hasMoved({ people }: AttemptParts, recipient: Known): Promise<boolean> {
  return (await people.resolve(recipient.address)).baseUrl !== recipient.baseUrl;
}

function plaintextOf(entry: EntryDocument, { blobs }: CopyDocument): Uint8Array {
  const attachments = entry.attachments.map(({ name, media_type, size }, index) => {
    const plan = blobs[index];
    if (plan === undefined || plan.reference === null) throw new TypeError("the blobs are not planned");
    return { name, media_type, size, hash: plan.reference.hash, key: plan.key };
  });
  return encodeEmail({ ...entry.email, attachments });
}

import { fromB64, openBlob, SmimpError, type Attachment, type BlobReference, type Hex32 } from "@smimp/protocol";
import type { Api } from "../api.ts";
import type { InboxMessage, InboxSummary, Progress } from "../model.ts";
import type { Self } from "../self.ts";
import type { Sessions } from "../session.ts";
import type { StorageReader } from "../storage/storage.ts";
import { parseContent, type Content } from "./content.ts";
import { getMessage } from "./documents.ts";
import { reopen } from "./opening.ts";
import { getSummary } from "./summaries.ts";

/** What reading works with. */
export interface ReadingParts {
  readonly storage: StorageReader;
  readonly api: Api;
  readonly sessions: Sessions;
  readonly self: Self;
}

/** How a download reports. */
export interface DownloadOptions {
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

const NO_CONTENT = { to: [], cc: [], inReplyTo: null, dateSent: null, body: "", attachments: [], answersTo: null, autoReply: false };

/** The whole message; nothing but its summary where it could not be verified or opened. Throws `not_found` or `key_unknown`. */
export async function readMessage(storage: StorageReader, messageId: Hex32): Promise<InboxMessage> {
  const { summary, content } = await contentOf(storage, messageId);
  if (content === null) return { ...summary, ...NO_CONTENT };
  const attachments = content.attachments.map(({ name, media_type, size }, index) => ({ index, name, mediaType: media_type, size }));
  const { to, cc, inReplyTo, dateSent, body, answersTo, autoReply } = content;
  const whole = { ...summary, to, cc, inReplyTo, dateSent, body, attachments, answersTo, autoReply };
  if (summary.imported === null || content.imported === null) return whole;
  // Its line names the first of its recipients only.
  const { receivedAt: _receivedAt, ...imported } = content.imported;
  return { ...whole, imported };
}

/**
 * The content of an attachment as a stream. Every piece is authentic when it is given; whether it is whole shows at the end.
 * Throws `not_found`, `decryption_failed` or `commitment_mismatch`.
 */
export async function* readAttachment(
  parts: ReadingParts,
  messageId: Hex32,
  index: number,
  options: DownloadOptions = {},
): AsyncGenerator<Uint8Array> {
  const { content, blobs } = await contentOf(parts.storage, messageId);
  yield* download(parts, { attachment: content?.attachments[index], blobs }, options);
}

/** An attachment, and the blobs that its message names. */
export interface Downloadable {
  readonly attachment: Attachment | undefined;
  readonly blobs: readonly BlobReference[];
}

/** Fetches and opens the content of an attachment. Throws as `readAttachment` does. */
export async function* download(
  { api, sessions, self }: ReadingParts,
  { attachment, blobs }: Downloadable,
  { onProgress, signal }: DownloadOptions = {},
): AsyncGenerator<Uint8Array> {
  if (attachment === undefined) throw new SmimpError("not_found", "there is no such attachment");
  const reference = blobs.find(({ hash }) => hash === attachment.hash);
  if (reference === undefined) throw new SmimpError("decryption_failed", "the message does not name this attachment's blob");
  const response = await sessions.with(
    self.baseUrl,
    async (token) => await api.open(self.baseUrl, "getBlob", { params: { hash: attachment.hash }, token, signal }),
  );
  const { name, size: total } = attachment;
  let done = 0;
  for await (const piece of openBlob(fromB64(attachment.key), response.body ?? none(), reference)) {
    done += piece.length;
    if (done > total) break;
    onProgress?.({ step: "download", to: null, name, done, total });
    yield piece;
  }
  if (done !== total) throw new SmimpError("decryption_failed", "the attachment does not have the size that its message says");
}

interface Stored {
  readonly summary: InboxSummary;
  readonly content: Content | null;
  readonly blobs: readonly BlobReference[];
}

async function contentOf(storage: StorageReader, messageId: Hex32): Promise<Stored> {
  const message = await getMessage(storage, messageId);
  const summary = message === null || message.listKey === null ? null : await getSummary(storage, message.listKey);
  if (message === null || summary === null) throw new SmimpError("not_found", "there is no such message");
  if (summary.state !== "open" || message.archive === null || message.envelope === null) return { summary, content: null, blobs: [] };
  const { document, plaintext } = await reopen(storage, message.envelope, messageId, fromB64(message.archive));
  return { summary, content: parseContent(document.message_type, plaintext), blobs: document.blobs };
}

async function* none(): AsyncGenerator<Uint8Array> {}

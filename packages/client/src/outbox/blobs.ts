import {
  BLOB_HEADER_BYTES,
  BLOB_KEY_BYTES,
  createBlobSealer,
  fromB64,
  isSmimpError,
  toB64,
  type Address,
  type BaseUrl,
  type BlobReference,
  type Hex32,
  type RandomBytes,
} from "@smimp/protocol";
import type { Api } from "../api.ts";
import type { Sessions } from "../session.ts";
import type { StorageReader } from "../storage/storage.ts";
import { outboxContents, type BlobPlan, type EntryDocument } from "./documents.ts";
import { yieldToOthers } from "@smimp/identity";
import type { AskingOptions } from "./message-key.ts";

/** Seconds that an upload may take: a start, and a second for so many bytes. */
export const UPLOAD_BASE_SECONDS = 120;
export const UPLOAD_BYTES_A_SECOND = 16 * 1024;

/** Bytes that are sealed before others have their turn: some 5 milliseconds. */
const BYTES_BETWEEN_TURNS = 1024 * 1024;

/** What uploading works with. */
export interface BlobTransport {
  readonly storage: StorageReader;
  readonly api: Api;
  readonly sessions: Sessions;
  readonly random: RandomBytes;
}

/**
 * A key and a hash for each attachment, for one recipient alone (protocol section 6). A blob is named by its hash before it travels,
 * so it is sealed once for the hash and once for the way; nothing of it is kept in between, however large it is. Others have
 * their turn meanwhile; throws the signal's reason.
 */
export async function planBlobs(
  { storage, random }: Pick<BlobTransport, "storage" | "random">,
  entry: EntryDocument,
  signal: AbortSignal | undefined,
): Promise<readonly BlobPlan[]> {
  const plans: BlobPlan[] = [];
  for (const index of entry.attachments.keys()) {
    const plan = { key: toB64(random(BLOB_KEY_BYTES)), header: toB64(random(BLOB_HEADER_BYTES)) };
    const known: BlobReference[] = [];
    let bytes = 0;
    for await (const piece of sealedContent(storage, entry, index, plan, (reference) => known.push(reference))) {
      bytes += piece.length;
      if (bytes < BYTES_BETWEEN_TURNS) continue;
      bytes = 0;
      await yieldToOthers();
      signal?.throwIfAborted();
    }
    const [reference] = known;
    if (reference === undefined) throw new TypeError("a blob was not sealed to its end");
    plans.push({ ...plan, reference });
  }
  return plans;
}

/** Uploads every blob of a copy under its ticket. */
export async function uploadBlobs(
  { storage, api, sessions }: BlobTransport,
  server: BaseUrl,
  ticket: Hex32,
  entry: EntryDocument,
  { to, blobs }: { readonly to: Address; readonly blobs: readonly BlobPlan[] },
  options: AskingOptions,
): Promise<void> {
  for (const [index, plan] of blobs.entries()) {
    const { reference } = plan;
    const name = entry.attachments[index]?.name ?? null;
    const upload = async (token: string): Promise<void> => {
      options.onRequest();
      const seen = (done: number): void => options.onProgress?.({ step: "upload", to, name, done, total: reference.size });
      await api.put(server, "putBlob", {
        params: { hash: reference.hash },
        query: { ticket },
        token,
        bytes: watched(sealedContent(storage, entry, index, plan), seen),
        length: reference.size,
        seconds: UPLOAD_BASE_SECONDS + Math.ceil(reference.size / UPLOAD_BYTES_A_SECOND),
        signal: options.signal,
      });
    };
    try {
      await sessions.with(server, upload);
    } catch (error) {
      // Its answer was lost the last time: the server has it under this ticket.
      if (!isSmimpError(error, "conflict")) throw error;
    }
  }
}

async function* sealedContent(
  storage: StorageReader,
  entry: EntryDocument,
  index: number,
  { key, header }: Pick<BlobPlan, "key" | "header">,
  onEnd?: (reference: BlobReference) => void,
): AsyncGenerator<Uint8Array> {
  const size = entry.attachments[index]?.size ?? 0;
  const sealer = createBlobSealer(fromB64(key), size, fromB64(header));
  try {
    for await (const piece of outboxContents.read(storage, entry.id, index)) yield* sealer.push(piece);
    yield* sealer.finish();
    onEnd?.(sealer.reference());
  } finally {
    sealer.close();
  }
}

async function* watched(pieces: AsyncIterable<Uint8Array>, see: (done: number) => void): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const piece of pieces) {
    yield piece;
    done += piece.length;
    see(done);
  }
}

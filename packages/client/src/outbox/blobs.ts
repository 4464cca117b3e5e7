import { createBlobSealer, fromB64, isSmimpError, type BaseUrl, type BlobReference, type Hex32 } from "@smimp/protocol";
import type { Api } from "../api.ts";
import type { Sessions } from "../session.ts";
import type { StorageReader } from "../storage/storage.ts";
import { readContent, type BlobPlan, type CopyDocument, type EntryDocument } from "./documents.ts";
import type { AskingOptions } from "./message-key.ts";

/** Seconds that an upload may take: a start, and a second for so many bytes. */
export const UPLOAD_BASE_SECONDS = 120;
export const UPLOAD_BYTES_A_SECOND = 16 * 1024;

/** What uploading works with. */
export interface BlobTransport {
  readonly storage: StorageReader;
  readonly api: Api;
  readonly sessions: Sessions;
}

/** The plans with every blob's hash: a blob is named by it before it travels, so it is sealed once for the hash and once for the way. */
export async function planBlobs(storage: StorageReader, entry: EntryDocument, copy: CopyDocument): Promise<readonly BlobPlan[]> {
  const plans: BlobPlan[] = [];
  for (const [index, plan] of copy.blobs.entries()) {
    if (plan.reference !== null) {
      plans.push(plan);
      continue;
    }
    let reference: BlobReference | null = null;
    const sealed = sealedContent(storage, entry, index, plan, (known) => (reference = known));
    for await (const _piece of sealed) continue;
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
  copy: CopyDocument,
  options: AskingOptions,
): Promise<void> {
  for (const [index, plan] of copy.blobs.entries()) {
    const { reference } = plan;
    if (reference === null) throw new TypeError("the blobs are not planned");
    const name = entry.attachments[index]?.name ?? null;
    const upload = async (token: string): Promise<void> => {
      options.onRequest();
      const seen = (done: number): void => options.onProgress?.({ step: "upload", to: copy.to, name, done, total: reference.size });
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
  { key, header }: BlobPlan,
  onEnd?: (reference: BlobReference) => void,
): AsyncGenerator<Uint8Array> {
  const size = entry.attachments[index]?.size ?? 0;
  const sealer = createBlobSealer(fromB64(key), size, fromB64(header));
  try {
    for await (const piece of readContent(storage, entry.id, index)) yield* sealer.push(piece);
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

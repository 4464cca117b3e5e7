import type { Brand, Hex32 } from "@smimp/protocol";
import type { Readable } from "node:stream";

/** Name of a blob's file, made by `BlobFiles.receive` only: never two alike, also for the same blob. */
export type BlobFile = Brand<string, "BlobFile">;

/** The bytes of attachments on the file system. */
export interface BlobFiles {
  /**
   * Stores bytes as they come, hashing them. Resolves once they and their name are on durable storage; until a row holds the
   * file it goes at the next start. Throws `too_large` beyond `maxBytes`, `bad_request` where the bytes have another hash; then, and
   * when the source fails, nothing stays behind.
   */
  receive(
    source: AsyncIterable<Uint8Array>,
    expected: { readonly hash: Hex32; readonly maxBytes: number },
  ): Promise<{ readonly file: BlobFile; readonly size: number }>;
  /** The bytes of a file, from `start` to `end`, both included, if given. The stream fails where there is no such file. */
  read(file: BlobFile, range?: { readonly start: number; readonly end: number }): Readable;
  /** Deletes a file; none is fine. Only for files that no row holds: a transaction's own deletions happen after its commit. */
  remove(file: BlobFile): Promise<void>;
}

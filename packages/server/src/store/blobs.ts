import type { Address, Hex32, Timestamp } from "@smimp/protocol";
import type { BlobFile } from "./blob-files.ts";

/** A blob that was uploaded whole under a ticket and is not named by a message yet. */
export interface Upload {
  readonly ticket: Hex32;
  /** The recipient that the ticket is for: the account that will own the blob. */
  readonly recipient: Address;
  readonly hash: Hex32;
  readonly size: number;
  readonly file: BlobFile;
  readonly uploadedAt: Timestamp;
}

/** A blob that a stored message names. */
export interface StoredBlob {
  readonly hash: Hex32;
  readonly size: number;
  readonly file: BlobFile;
}

/** Questions about blobs. */
export interface BlobsReader {
  /** A blob named by one of the account's messages. */
  find(owner: Address, hash: Hex32): Promise<StoredBlob | null>;
  /** What was uploaded under a ticket and is not named yet. */
  uploads(ticket: Hex32): Promise<readonly Upload[]>;
  /** Whether any row holds this file. */
  isHeld(file: BlobFile): Promise<boolean>;
}

/** Changes of blobs. `messages.add` gives uploads to their message. */
export interface BlobsWriter extends BlobsReader {
  /** Notes an upload whose file is durable already. False: this ticket has that blob already, and the new file goes after the commit. */
  addUpload(upload: Upload): Promise<boolean>;
}

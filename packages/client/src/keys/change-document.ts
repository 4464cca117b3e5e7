import { SmimpError, type Hex32, type PublicKey, type RecordStatement, type Timestamp } from "@smimp/protocol";
import type { ArchiveKeyDocument } from "../archive-keys.ts";
import { documents } from "../storage/documents.ts";
import type { StorageReader, StorageWriter } from "../storage/storage.ts";

/**
 * How far a change of keys is. `keystore`: the version under the fresh K is on its way; nothing has changed yet. `record`: it is
 * there, and so are the hand-overs; the record is on its way. `finish`: the keys are in place; what is left is tidying up.
 */
export type ChangeStage = "keystore" | "record" | "finish";

/** A change of keys under way (protocol section 8: hand-over), stored before the first request and gone after the last. */
export interface ChangeDocument {
  readonly at: Timestamp;
  readonly stage: ChangeStage;
  /** What is appended to the own chain; null where only K is a fresh one. */
  readonly record: RecordStatement | null;
  readonly link: Hex32 | null;
  /** The profile's text, as it stands beside the record. */
  readonly profile: string | null;
  readonly signedBy: "master" | "recovery";
  /** The keys from then on; those that do not change are the same as before. */
  readonly master_seed: string;
  readonly public_key: PublicKey;
  readonly recovery_key: PublicKey;
  readonly phrase_key: string;
  /** `b64` of the fresh K, at the version of `put`. */
  readonly key: string;
  /** What is sealed with from then on: a device that is left behind holds the old one. */
  readonly archive_key: ArchiveKeyDocument;
  /** Ids of devices that are left behind. */
  readonly without: readonly string[];
  /** Versions that stay on the server in the end; null: as many as it keeps. */
  readonly keep: number | null;
  /** The version under the fresh K; `etag` once the server has it. */
  readonly put: { readonly version: number; readonly hash: Hex32; readonly etag: string | null } | null;
}

const changes = documents<ChangeDocument>("key-change");
const ONLY = "change";

/** The change that is under way; null: none is. */
export async function readChange(reader: StorageReader): Promise<ChangeDocument | null> {
  return await changes.get(reader, ONLY);
}

/** Stores how far it is; null: it is over. */
export function writeChange(writer: StorageWriter, change: ChangeDocument | null): void {
  if (change === null) changes.delete(writer, ONLY);
  else changes.put(writer, ONLY, change);
}

/** What a change ends with where another device's came first. */
export function overtaken(): SmimpError {
  return new SmimpError("conflict", "another device is changing the keys");
}

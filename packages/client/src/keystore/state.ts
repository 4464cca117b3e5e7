import type { Hex32 } from "@smimp/protocol";
import { documents } from "../storage/documents.ts";
import type { StorageReader, StorageWriter } from "../storage/storage.ts";

/** A version that may or may not have reached the server. */
export interface Pending {
  readonly version: number;
  readonly key: string;
  readonly hash: Hex32;
}

/** Where the keystore stands. `version` and `key` are those that the server acknowledged; null before the first. */
export interface KeystoreState {
  readonly version: number | null;
  /** `b64` of K_n; of K_0 while `version` is null. */
  readonly key: string;
  readonly etag: string | null;
  /** Something changed that the server's copy lacks. */
  readonly dirty: boolean;
  readonly pending: Pending | null;
}

/** The one state, under the key `ONLY`. */
export const keystoreStates = documents<KeystoreState>("keystore");
/** Key of the one state. */
export const ONLY = "state";

/** Marks the server's copy as out of date, as part of the transaction that changes something. */
export async function markDirty(writer: StorageWriter): Promise<void> {
  const state = await keystoreStates.get(writer, ONLY);
  if (state !== null && !state.dirty) keystoreStates.put(writer, ONLY, { ...state, dirty: true });
}

/** Whether something may be missing in the server's copy: it changed, or what became of the last save is not known. */
export async function isUnsaved(reader: StorageReader): Promise<boolean> {
  const state = await keystoreStates.get(reader, ONLY);
  return state !== null && (state.dirty || state.pending !== null);
}

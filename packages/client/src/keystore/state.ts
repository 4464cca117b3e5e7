import type { Hex32, Timestamp } from "@smimp/protocol";
import { documents } from "../storage/documents.ts";
import type { StorageReader, StorageWriter } from "../storage/storage.ts";

/** A version that may or may not have reached the server. */
export interface Pending {
  readonly version: number;
  readonly key: string;
  readonly hash: Hex32;
}

/** A version that this device can't open, and the row of them that it ends. */
export interface Unreadable {
  readonly etag: string | null;
  readonly version: number | null;
  /** Since when it has stood there, and since when the row. */
  readonly since: Timestamp;
  readonly began: Timestamp;
  /** Versions in the row. */
  readonly seen: number;
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
  /** How many versions the next save leaves on the server; absent: as many as it keeps. */
  readonly keep?: number;
  /** A newest version that this device can't open. */
  readonly unreadable?: Unreadable;
  /** A version of this device's own, under a fresh K that was given up: it is no other device's. */
  readonly abandoned?: Hex32;
  /** The account moved to another server, which holds an older copy: that is no fault of it. */
  readonly moved?: boolean;
  /** A device was let in: until then it is looked for in the keystore, although none is known. */
  readonly expecting?: Timestamp;
  /** K came from another device, which may have changed the phrase as well: what its keystore says of it counts. */
  readonly handedOver?: boolean;
  /** This device has replaced a version that it could not open: once its own stands there, K is handed over to the other devices. */
  readonly handOverDue?: boolean;
}

/** The one state, under the key `ONLY`. */
export const keystoreStates = documents<KeystoreState>("keystore");
/** Key of the one state. */
export const ONLY = "state";

/** The state. Throws TypeError where there is none. */
export async function readState(reader: StorageReader): Promise<KeystoreState> {
  const state = await keystoreStates.get(reader, ONLY);
  if (state === null) throw new TypeError("there is no keystore in this storage");
  return state;
}

/** Marks the server's copy as out of date, as part of the transaction that changes something. */
export async function markDirty(writer: StorageWriter): Promise<void> {
  const state = await keystoreStates.get(writer, ONLY);
  if (state !== null && !state.dirty) keystoreStates.put(writer, ONLY, { ...state, dirty: true });
}

/** Has the next save erase all versions before it (protocol section 8: after burning, a new phrase, a removed device). */
export async function keepOnlyNext(writer: StorageWriter): Promise<void> {
  const state = await readState(writer);
  keystoreStates.put(writer, ONLY, { ...state, dirty: true, keep: 1 });
}

/** Has the keystore looked at often until then: another device will soon have saved it. */
export async function expectDevice(writer: StorageWriter, until: Timestamp): Promise<void> {
  keystoreStates.put(writer, ONLY, { ...(await readState(writer)), expecting: until });
}

/** Whether something may be missing in the server's copy: it changed, or what became of the last save is not known. */
export async function isUnsaved(reader: StorageReader): Promise<boolean> {
  const state = await keystoreStates.get(reader, ONLY);
  return state !== null && (state.dirty || state.pending !== null);
}

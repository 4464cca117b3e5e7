import { openWithPassphrase, randomBytes, sealWithPassphrase, SmimpError, wipe } from "@smimp/protocol";
import { completed, deleteDatabase, openDatabase, resultOf } from "../storage/requests.ts";

// Where the key of the mailbox's storage is kept, and how it is come by: under the passphrase (Argon2id), and for as long as the owner
// wants no passphrase asked on this device, under a key of the browser that no script can read out (WebCrypto, not extractable). Only
// the second is not libsodium's: nothing of libsodium can keep a key from the page that uses it.

/** The database of the vault. */
export const VAULT = "smimp-vault";
const STORE = "vault";
const ONLY = "only";
const KEY_BYTES = 32;
const IV_BYTES = 12;

/** A storage key under a key that never leaves the browser. */
interface DeviceSlot {
  readonly key: CryptoKey;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly sealed: ArrayBuffer;
}

/** What the vault holds. */
export interface VaultDocument {
  readonly address: string;
  /** Under the passphrase; null while an account is being made. */
  readonly passphrase: Uint8Array | null;
  readonly device: DeviceSlot | null;
  /** When it was last used, milliseconds since 1970. */
  readonly usedAt: number;
  /** Minutes without use after which the passphrase is asked for again; 0: whenever the page was closed. */
  readonly lockAfter: number;
  /** The invite of an account that is being made. */
  readonly invite: { readonly baseUrl: string; readonly code: string | null } | null;
  /** The public name that it shall have. */
  readonly name: string | null;
}

/** Minutes of a day: how long a mailbox stays open without use, unless its owner chooses otherwise. */
export const LOCK_AFTER = 24 * 60;

/** Reads what the vault holds. */
export async function readVault(): Promise<VaultDocument | null> {
  return await withStore("readonly", async (store) => ((await resultOf(store.get(ONLY))) as VaultDocument | undefined) ?? null);
}

/** Replaces what the vault holds. */
export async function writeVault(document: VaultDocument): Promise<void> {
  await withStore("readwrite", async (store) => {
    store.put(document, ONLY);
    await completed(store.transaction);
  });
}

/** Deletes the vault: nothing opens this browser's mailbox any more. */
export async function deleteVault(): Promise<void> {
  await deleteDatabase(VAULT);
}

/** Draws a storage key. */
export function newStorageKey(): Uint8Array {
  return randomBytes(KEY_BYTES);
}

/** Seals a storage key under the passphrase, about a second of work (protocol section 8). */
export function underPassphrase(passphrase: string, storageKey: Uint8Array): Uint8Array {
  return sealWithPassphrase(passphrase, storageKey, randomBytes);
}

/** The storage key. Throws `decryption_failed` for a wrong passphrase. */
export function withPassphrase(passphrase: string, { passphrase: sealed }: VaultDocument): Uint8Array {
  if (sealed === null) throw new SmimpError("decryption_failed", "this mailbox has no passphrase yet");
  return openWithPassphrase(passphrase, sealed);
}

/** Keeps a storage key on this device, so that no passphrase is asked for. */
export async function onDevice(storageKey: Uint8Array): Promise<DeviceSlot> {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const copy = Uint8Array.from(storageKey);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, copy);
  wipe(copy);
  return { key, iv, sealed };
}

/** The storage key from this device; null where it isn't kept, or the mailbox lay idle for too long. */
export async function fromDevice({ device, usedAt, lockAfter }: VaultDocument, now: number): Promise<Uint8Array | null> {
  if (device === null || now - usedAt > lockAfter * 60_000 || now < usedAt - 60_000) return null;
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: device.iv }, device.key, device.sealed));
}

async function withStore<Result>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => Promise<Result>): Promise<Result> {
  const database = await openDatabase(VAULT, 1, (fresh) => fresh.createObjectStore(STORE));
  try {
    return await work(database.transaction(STORE, mode, { durability: "strict" }).objectStore(STORE));
  } finally {
    database.close();
  }
}

import { openWithPassphrase, randomBytes, sealWithPassphrase, SmimpError, wipe } from "@smimp/protocol";
import { LOCK_AFTER } from "./lock-after.ts";
import { completed, deleteDatabase, resultOf } from "../storage/requests.ts";
import { mayOpenItself, ONLY, VAULT, withStore, type DeviceSlot, type SealedHere, type VaultDocument } from "./vault-document.ts";

export { readVault, type RestoreHow, type VaultDocument } from "./vault-document.ts";

// Where the key of the mailbox's storage is kept, and how it is come by: under the passphrase (Argon2id), and for as long as the owner
// wants no passphrase asked on this device, under a key of the browser that no script can read out (WebCrypto, not extractable). Only
// the second is not libsodium's: nothing of libsodium can keep a key from the page that uses it.

const KEY_BYTES = 32;
const IV_BYTES = 12;

/** What an account that is being made needs to go on with, were the page closed meanwhile. */
export interface Beginning {
  readonly baseUrl: string;
  readonly code: string | null;
  /** The public name that it shall have; empty for none. */
  readonly name: string;
}

/** Replaces what the vault holds. */
export async function writeVault(document: VaultDocument): Promise<void> {
  await withStore("readwrite", async (store) => {
    store.put(document, ONLY);
    await completed(store.transaction);
  });
}

/** Changes what the vault holds, as it is at that moment; where there is none, there will be none. */
export async function changeVault(change: (document: VaultDocument) => VaultDocument): Promise<void> {
  await withStore("readwrite", async (store) => {
    const done = completed(store.transaction);
    const document = (await resultOf(store.get(ONLY))) as VaultDocument | undefined;
    if (document !== undefined) store.put(change(document), ONLY);
    await done;
  });
}

/** Deletes the vault: nothing opens this browser's mailbox any more. */
export async function deleteVault(): Promise<void> {
  await deleteDatabase(VAULT);
}

/** A vault for an account that has just come to this browser; its passphrase is set later. */
export async function newVault(address: string, storageKey: Uint8Array, beginning: Beginning | null, now: number): Promise<VaultDocument> {
  const device = await onDevice(storageKey);
  const sealed = beginning === null ? null : await sealHere(device.key, new TextEncoder().encode(JSON.stringify(beginning)));
  return { address, passphrase: null, device, usedAt: now, lockAfter: LOCK_AFTER, beginning: sealed };
}

/** How an account was begun here; null where it wasn't, or that can't be told any more. */
export async function beginningOf({ device, beginning }: VaultDocument): Promise<Beginning | null> {
  if (device === null || beginning === null) return null;
  return JSON.parse(new TextDecoder().decode(await openHere(device.key, beginning))) as Beginning;
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
  return { key, ...(await sealHere(key, storageKey)) };
}

/** The storage key from this device; null where it isn't kept, or the mailbox lay idle for too long. */
export async function fromDevice(vault: VaultDocument, now: number): Promise<Uint8Array | null> {
  const { device } = vault;
  if (device === null || !mayOpenItself(vault, now)) return null;
  return await openHere(device.key, device);
}

async function sealHere(key: CryptoKey, bytes: Uint8Array): Promise<SealedHere> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const copy = Uint8Array.from(bytes);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, copy);
  wipe(copy);
  return { iv, sealed };
}

async function openHere(key: CryptoKey, { iv, sealed }: SealedHere): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, sealed));
}

import { openDatabase, resultOf } from "../storage/requests.ts";

// What lies in the vault, and how it is read: without any cryptography, so that it is known early what the page will show.

/** The database of the vault. */
export const VAULT = "smimp-vault";
/** The one entry that it has. */
export const ONLY = "only";
const STORE = "vault";
/** How far a device's clock may go back without the mailbox taking it for a trick, milliseconds. */
const CLOCK_SLACK = 60_000;

/** Bytes under a key that never leaves the browser. */
export interface SealedHere {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly sealed: ArrayBuffer;
}

/** A storage key under a key that never leaves the browser. */
export interface DeviceSlot extends SealedHere {
  readonly key: CryptoKey;
}

/** How an account is restored; see `RecoverOptions` of the client. */
export interface RestoreHow {
  readonly rotate?: boolean;
  readonly takeBack?: boolean;
}

/** What the vault holds. */
export interface VaultDocument {
  readonly address: string;
  /** Under the passphrase; null until the first one is set. */
  readonly passphrase: Uint8Array | null;
  readonly device: DeviceSlot | null;
  /** When it was last used, milliseconds since 1970. */
  readonly usedAt: number;
  /** Minutes without use after which the passphrase is asked for again; 0: whenever the page was closed; null: never. */
  readonly lockAfter: number | null;
  /** How a mailbox is being brought back: until it is here, its words are needed to go on. Null, or not there: it isn't. */
  readonly restoring?: RestoreHow | null;
  /** A `Beginning`, under the device slot's key; null for an account that was not made here, or is complete. */
  readonly beginning: SealedHere | null;
}

/** Reads what the vault holds. */
export async function readVault(): Promise<VaultDocument | null> {
  return await withStore("readonly", async (store) => ((await resultOf(store.get(ONLY))) as VaultDocument | undefined) ?? null);
}

/** Whether a vault opens without its passphrase, by how long the mailbox lay idle. */
export function mayOpenItself({ passphrase, usedAt, lockAfter }: VaultDocument, now: number): boolean {
  // Without a passphrase there is nothing to ask for: its owner is about to choose one.
  if (passphrase === null) return true;
  if (lockAfter === 0 || now < usedAt - CLOCK_SLACK) return false;
  return lockAfter === null || now - usedAt <= lockAfter * 60_000;
}

/** Works with the vault's store, in a transaction of its own. */
export async function withStore<Result>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => Promise<Result>): Promise<Result> {
  const database = await openDatabase(VAULT, 1, (fresh) => fresh.createObjectStore(STORE));
  try {
    return await work(database.transaction(STORE, mode, { durability: "strict" }).objectStore(STORE));
  } finally {
    database.close();
  }
}

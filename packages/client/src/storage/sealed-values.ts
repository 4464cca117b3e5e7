import { concat, keyedHash, openBox, sealBox, toHex, utf8, wipe, type RandomBytes } from "@smimp/protocol";
import { pooledRandom } from "./pooled-random.ts";

/** How a storage seals what it writes: each value is a box that opens only in the place it was written to. */
export interface SealedValues {
  seal(collection: string, key: string, value: Uint8Array): Uint8Array;
  /** Throws `decryption_failed` for what was changed, or written to another place: nobody can swap two values. */
  unseal(collection: string, key: string, sealed: Uint8Array): Uint8Array;
  /** As `Storage.hiddenKey`. */
  hiddenKey(collection: string, text: string): string;
  /** Wipes the keys. */
  close(): void;
}

/** Seals under keys that follow from a storage's own, 32 bytes, which the caller may wipe afterwards. */
export function createSealedValues(storageKey: Uint8Array, random: RandomBytes): SealedValues {
  const boxKey = keyedHash(storageKey, utf8("smimp storage box"));
  const hidingKey = keyedHash(storageKey, utf8("smimp storage hiding"));
  const nonces = pooledRandom(random);
  return {
    seal: (collection, key, value) => sealBox(boxKey, placeOf(collection, key), value, nonces),
    unseal: (collection, key, sealed) => openBox(boxKey, placeOf(collection, key), sealed),
    hiddenKey: (collection, text) => toHex(keyedHash(hidingKey, placeOf(collection, text))),
    close: () => wipe(boxKey, hidingKey),
  };
}

function placeOf(collection: string, key: string): Uint8Array {
  return concat(utf8(collection), 0, utf8(key));
}

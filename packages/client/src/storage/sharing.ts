import { keyedHash, openWithPassphrase, utf8, wipe } from "@smimp/protocol";

/** A secret of a storage that whoever knows its passphrase can find without opening it. */
export interface StorageSharing {
  /** The key of the storage, sealed under the passphrase as it is in the file: `openSharing` finds the secret in it. */
  readonly sealedKey: Uint8Array;
  /** 32 bytes, the same for each opening; it opens nothing of the storage. */
  readonly secret: Uint8Array;
}

/** The secret of a storage that another program has open. Throws `decryption_failed` for a wrong passphrase. */
export function openSharing(passphrase: string, sealedKey: Uint8Array): Uint8Array {
  const storageKey = openWithPassphrase(passphrase, sealedKey);
  try {
    return sharingSecret(storageKey);
  } finally {
    wipe(storageKey);
  }
}

/** The secret that goes with a storage's key. */
export function sharingSecret(storageKey: Uint8Array): Uint8Array {
  return keyedHash(storageKey, utf8("smimp storage sharing"));
}

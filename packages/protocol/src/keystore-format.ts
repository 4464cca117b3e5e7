import type { Address } from "./address.ts";
import { BOX_KEY_BYTES, BOX_OVERHEAD, openBox, openWithKey, SEALED_TO_KEY_OVERHEAD, sealBox, sealToKey } from "./box.ts";
import { assertBytes, concat, keyedHash, uint64be, utf8, type RandomBytes } from "./bytes.ts";
import { MAX_KEYSTORE_BYTES } from "./limits.ts";
import { SmimpError } from "./problem.ts";

// Keystore of protocol section 8: n || K_n sealed to the phrase's X-Wing key || box(K_n, text).

const VERSION_BYTES = 8;
const SEALED_KEY_BYTES = SEALED_TO_KEY_OVERHEAD + BOX_KEY_BYTES;
const MIN_KEYSTORE_BYTES = VERSION_BYTES + SEALED_KEY_BYTES + BOX_OVERHEAD;

/** `K_{n+1} = KH(K_n, "smimp/1.0 keystore step")`, 32 bytes: there is no way back (protocol section 8). */
export function nextKeystoreKey(key: Uint8Array): Uint8Array {
  return keyedHash(key, utf8("smimp/1.0 keystore step"));
}

/** What a version of a keystore is sealed from. */
export interface KeystoreToSeal {
  readonly address: Address;
  /** The version n, from 0. */
  readonly version: number;
  /** K_n, 32 bytes. */
  readonly key: Uint8Array;
  /** Public X-Wing key of the recovery phrase, 1,216 bytes. */
  readonly phraseKey: Uint8Array;
  /** What `encodeKeystoreDocument` gives. */
  readonly text: Uint8Array;
  /** Asked for 64, 24 and 24 bytes. */
  readonly random: RandomBytes;
}

/** Seals a version of a keystore (protocol section 8). Throws `too_large`, or `bad_request` for a phrase key that can't be used. */
export function sealKeystore({ address, version, key, phraseKey, text, random }: KeystoreToSeal): Uint8Array {
  assertBytes(key, "key", BOX_KEY_BYTES);
  assertBytes(text, "text");
  if (text.length > MAX_KEYSTORE_BYTES - MIN_KEYSTORE_BYTES) throw new SmimpError("too_large", "the keystore is too large");
  const n = uint64be(version);
  const sealedKey = sealToKey({ publicKey: phraseKey, ad: keystoreAd("keystore key", address, n), text: key, random });
  return concat(n, sealedKey, sealBox(key, keystoreAd("keystore", address, n), text, random));
}

/** The version n of a sealed keystore: it stands in clear, and is authentic once the keystore opens. Throws `decryption_failed`. */
export function keystoreVersion(keystore: Uint8Array): number {
  assertBytes(keystore, "keystore");
  if (keystore.length < MIN_KEYSTORE_BYTES) throw failed("too short for a keystore");
  const version = Number(new DataView(keystore.buffer, keystore.byteOffset).getBigUint64(0));
  if (!Number.isSafeInteger(version)) throw failed("no such version of a keystore");
  return version;
}

/** What opens a keystore: K_n of its version, or the secret of the phrase's X-Wing key. */
export type KeystoreOpener = { readonly key: Uint8Array } | { readonly phraseSeed: Uint8Array };

/** An opened keystore. */
export interface OpenedKeystore {
  readonly version: number;
  /** K_n, 32 bytes; the next version is sealed under `nextKeystoreKey` of it. */
  readonly key: Uint8Array;
  /** What `parseKeystoreDocument` reads. */
  readonly text: Uint8Array;
}

/**
 * Opens a keystore (protocol section 8). Who opens with the phrase still has to check that the restored master secret is
 * that of the chain's last `public_key`. Throws `too_large` or `decryption_failed`.
 */
export function openKeystore(address: Address, keystore: Uint8Array, opener: KeystoreOpener): OpenedKeystore {
  assertBytes(keystore, "keystore");
  if (keystore.length > MAX_KEYSTORE_BYTES) throw new SmimpError("too_large", "the keystore is too large");
  const version = keystoreVersion(keystore);
  const n = uint64be(version);
  const sealed = keystore.subarray(VERSION_BYTES, VERSION_BYTES + SEALED_KEY_BYTES);
  const key = "key" in opener ? opener.key : openWithKey({ seed: opener.phraseSeed, ad: keystoreAd("keystore key", address, n), sealed });
  const text = openBox(key, keystoreAd("keystore", address, n), keystore.subarray(VERSION_BYTES + SEALED_KEY_BYTES));
  return { version, key, text };
}

function keystoreAd(what: "keystore" | "keystore key", address: Address, n: Uint8Array): Uint8Array {
  return concat(utf8(`smimp/1.0 ${what}`), 0, utf8(address), 0, n);
}

function failed(detail: string): SmimpError {
  return new SmimpError("decryption_failed", detail);
}

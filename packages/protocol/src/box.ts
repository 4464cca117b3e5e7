import { decrypt, encrypt, NONCE_BYTES, TAG_BYTES } from "./aead.ts";
import { assertBytes, concat, hash, keyedHash, utf8, wipe, type RandomBytes } from "./bytes.ts";
import { SmimpError } from "./problem.ts";
import { decapsulate, encapsulate, ENCAPSULATION_BYTES, X_WING_COINS_BYTES } from "./x-wing.ts";

/** Bytes of a box's key, and by how much a box is longer than its text (protocol section 8). */
export const BOX_KEY_BYTES = 32;
export const BOX_OVERHEAD = NONCE_BYTES + TAG_BYTES;
/** By how much a text sealed to an X-Wing key is longer (protocol section 8). */
export const SEALED_TO_KEY_OVERHEAD = ENCAPSULATION_BYTES + BOX_OVERHEAD;
/** Bytes of the random half of a link code (protocol section 8). */
export const LINK_SECRET_BYTES = 16;

/** A *box* of protocol section 8: nonce || ciphertext. `random` is asked for the nonce, 24 bytes. */
export function sealBox(key: Uint8Array, ad: Uint8Array, text: Uint8Array, random: RandomBytes): Uint8Array {
  assertBytes(key, "key", BOX_KEY_BYTES);
  assertBytes(ad, "ad");
  assertBytes(text, "text");
  const nonce = random(NONCE_BYTES);
  assertBytes(nonce, "nonce", NONCE_BYTES);
  return concat(nonce, encrypt(key, nonce, ad, text));
}

/** The text of a box. Throws `decryption_failed`. */
export function openBox(key: Uint8Array, ad: Uint8Array, box: Uint8Array): Uint8Array {
  assertBytes(key, "key", BOX_KEY_BYTES);
  assertBytes(ad, "ad");
  assertBytes(box, "box");
  if (box.length < BOX_OVERHEAD) throw new SmimpError("decryption_failed", "too short for a box");
  return decrypt(key, box.subarray(0, NONCE_BYTES), ad, box.subarray(NONCE_BYTES));
}

/** What is sealed to an X-Wing key. */
export interface TextToSeal {
  /** X-Wing public key, 1,216 bytes. */
  readonly publicKey: Uint8Array;
  readonly ad: Uint8Array;
  readonly text: Uint8Array;
  /** The 16 random bytes of a link code, where there is one. */
  readonly linkSecret?: Uint8Array;
  /** Asked for 64 bytes (the encapsulation), then for 24 (the nonce). */
  readonly random: RandomBytes;
}

/** *Sealed to an X-Wing key* of protocol section 8: encapsulation || box. Throws `bad_request` for a key that can't be used. */
export function sealToKey({ publicKey, ad, text, linkSecret, random }: TextToSeal): Uint8Array {
  const coins = random(X_WING_COINS_BYTES);
  const { encapsulation, shared } = encapsulate(publicKey, coins);
  const key = boxKey(shared, encapsulation, linkSecret);
  const sealed = concat(encapsulation, sealBox(key, ad, text, random));
  wipe(coins, shared, key);
  return sealed;
}

/** What is opened with the secret of an X-Wing key. */
export interface SealedToKey {
  /** The key's secret, 32 bytes. */
  readonly seed: Uint8Array;
  readonly ad: Uint8Array;
  readonly sealed: Uint8Array;
  /** The 16 random bytes of a link code, where there is one. */
  readonly linkSecret?: Uint8Array;
}

/** The text that was sealed to the key. Throws `decryption_failed`. */
export function openWithKey({ seed, ad, sealed, linkSecret }: SealedToKey): Uint8Array {
  assertBytes(sealed, "sealed");
  if (sealed.length < SEALED_TO_KEY_OVERHEAD) throw new SmimpError("decryption_failed", "too short for what is sealed to a key");
  const encapsulation = sealed.subarray(0, ENCAPSULATION_BYTES);
  const shared = decapsulate(seed, encapsulation);
  const key = boxKey(shared, encapsulation, linkSecret);
  try {
    return openBox(key, ad, sealed.subarray(ENCAPSULATION_BYTES));
  } finally {
    wipe(shared, key);
  }
}

function boxKey(shared: Uint8Array, encapsulation: Uint8Array, linkSecret: Uint8Array | undefined): Uint8Array {
  const base = concat(utf8("smimp/1.0 box"), 0, hash(encapsulation));
  if (linkSecret === undefined) return keyedHash(shared, base);
  // An empty one would silently be none: a link without its second half.
  assertBytes(linkSecret, "linkSecret", LINK_SECRET_BYTES);
  return keyedHash(shared, concat(base, linkSecret));
}

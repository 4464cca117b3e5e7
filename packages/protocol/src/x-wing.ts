import { assertBytes } from "./bytes.ts";
import { SmimpError } from "./problem.ts";
import { sodium } from "./sodium.ts";

/** Bytes of X-Wing's public keys, seeds (which are its secret keys), encapsulations, and of what encapsulating draws. */
export const X_WING_PUBLIC_KEY_BYTES = 1_216;
export const X_WING_SEED_BYTES = 32;
export const ENCAPSULATION_BYTES = 1_120;
export const X_WING_COINS_BYTES = 64;

/** The public key of a 32-byte seed (protocol section 4). */
export function xWingPublicKey(seed: Uint8Array): Uint8Array {
  assertBytes(seed, "seed", X_WING_SEED_BYTES);
  return sodium.crypto_kem_xwing_seed_keypair(seed).publicKey;
}

/** A shared secret of 32 bytes, and what lets the owner of the key find it. */
export interface Encapsulated {
  readonly encapsulation: Uint8Array;
  readonly shared: Uint8Array;
}

/**
 * `X-Wing.Encapsulate(public key)` with the 64 random bytes given. Throws `bad_request` for a key that is no X-Wing key:
 * one of another length, that fails ML-KEM's modulus check, or whose X25519 half is of small order (protocol section 4).
 */
export function encapsulate(publicKey: Uint8Array, coins: Uint8Array): Encapsulated {
  assertBytes(publicKey, "publicKey");
  assertBytes(coins, "coins", X_WING_COINS_BYTES);
  if (publicKey.length !== X_WING_PUBLIC_KEY_BYTES) throw new SmimpError("bad_request", "an X-Wing key has 1,216 bytes");
  try {
    const { ciphertext, sharedSecret } = sodium.crypto_kem_xwing_enc_deterministic(publicKey, coins);
    return { encapsulation: ciphertext, shared: sharedSecret };
  } catch (cause) {
    throw new SmimpError("bad_request", "not a usable X-Wing key", { cause });
  }
}

/** The shared secret in an encapsulation: 32 bytes, of no meaning where the seed is another. Throws `decryption_failed`. */
export function decapsulate(seed: Uint8Array, encapsulation: Uint8Array): Uint8Array {
  assertBytes(seed, "seed", X_WING_SEED_BYTES);
  assertBytes(encapsulation, "encapsulation");
  if (encapsulation.length !== ENCAPSULATION_BYTES) throw new SmimpError("decryption_failed", "an encapsulation has 1,120 bytes");
  try {
    return sodium.crypto_kem_xwing_dec(encapsulation, seed);
  } catch (cause) {
    throw new SmimpError("decryption_failed", "not a usable encapsulation", { cause });
  }
}

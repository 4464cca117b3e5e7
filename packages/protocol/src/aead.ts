import { SmimpError } from "./problem.ts";
import { sodium } from "./sodium.ts";

/** Bytes of an XChaCha20-Poly1305 nonce and tag. */
export const NONCE_BYTES = 24;
export const TAG_BYTES = 16;

/** XChaCha20-Poly1305-IETF: ciphertext and tag. */
export function encrypt(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, text: Uint8Array): Uint8Array {
  return sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(text, ad, null, nonce, key);
}

/** The text of `encrypt`. Throws `decryption_failed`. */
export function decrypt(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  try {
    return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, ciphertext, ad, nonce, key);
  } catch {
    // libsodium's reason is the same for all: what was sealed is not what came.
    throw new SmimpError("decryption_failed", "what was sealed can't be decrypted");
  }
}

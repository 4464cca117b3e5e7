import sodium from "libsodium-wrappers-sumo";
import { ratePerSecond } from "./rate.ts";

/** Operations a second of the bare library calls that nobody can leave out of sealing and opening one message. */
export interface CryptoFloor {
  /** X-Wing encapsulation, XChaCha20-Poly1305, Ed25519 signature. */
  readonly seal: number;
  /** Ed25519 check, X-Wing decapsulation, XChaCha20-Poly1305. */
  readonly open: number;
}

const COINS_BYTES = 64;

/** Measures the same build of libsodium that the protocol package uses, on a text of that many bytes. */
export async function measureCryptoFloor(textBytes: number, seconds: number): Promise<CryptoFloor> {
  await sodium.ready;
  const kem = sodium.crypto_kem_xwing_keypair();
  const signer = sodium.crypto_sign_keypair();
  const text = sodium.randombytes_buf(textBytes);
  const nonce = sodium.randombytes_buf(sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  const digest = sodium.randombytes_buf(32);
  const { ciphertext, sharedSecret } = sodium.crypto_kem_xwing_enc(kem.publicKey);
  const box = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(text, null, null, nonce, sharedSecret);
  const signature = sodium.crypto_sign_detached(digest, signer.privateKey);
  const seal = ratePerSecond(seconds, () => {
    // Coins from the platform: libsodium's WebAssembly fetches its own random bytes one word at a call.
    const coins = crypto.getRandomValues(new Uint8Array(COINS_BYTES));
    const shared = sodium.crypto_kem_xwing_enc_deterministic(kem.publicKey, coins).sharedSecret;
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(text, null, null, nonce, shared);
    sodium.crypto_sign_detached(digest, signer.privateKey);
  });
  const open = ratePerSecond(seconds, () => {
    if (!sodium.crypto_sign_verify_detached(signature, digest, signer.publicKey)) throw new Error("the floor's own signature is not valid");
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, box, null, nonce, sodium.crypto_kem_xwing_dec(ciphertext, kem.privateKey));
  });
  return { seal, open };
}

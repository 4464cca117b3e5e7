import type { Address } from "./address.ts";
import { assertBytes, concat, keyedHash, utf8, wipe } from "./bytes.ts";
import { signingKey, type SigningKey } from "./statement.ts";
import { xWingPublicKey } from "./x-wing.ts";

/** Bytes of the secret P that a recovery phrase spells (protocol section 8). */
export const PHRASE_SECRET_BYTES = 32;

/** A phrase as people type it, in its normal form: lower case, one space apart. Checks nothing. */
export function normalizePhrase(typed: string): string {
  return typed.trim().toLowerCase().split(/\s+/).join(" ");
}

/** The seed of an address's recovery key (protocol section 8). */
export function recoverySeed(secret: Uint8Array, address: Address): Uint8Array {
  assertBytes(secret, "secret", PHRASE_SECRET_BYTES);
  return keyedHash(secret, concat(utf8("smimp/1.0 recovery"), 0, utf8(address)));
}

/** The recovery key of an address (protocol section 8). */
export function recoverySigningKey(secret: Uint8Array, address: Address): SigningKey {
  const seed = recoverySeed(secret, address);
  const key = signingKey(seed);
  wipe(seed);
  return key;
}

/** The X-Wing key that keystore keys are sealed to: its secret and its public key, which devices keep (protocol section 8). */
export interface PhraseKeystoreKey {
  /** 32 bytes. */
  readonly seed: Uint8Array;
  /** 1,216 bytes. */
  readonly publicKey: Uint8Array;
}

/** The X-Wing key of a phrase (protocol section 8). */
export function phraseKeystoreKey(secret: Uint8Array): PhraseKeystoreKey {
  assertBytes(secret, "secret", PHRASE_SECRET_BYTES);
  const seed = keyedHash(secret, utf8("smimp/1.0 keystore kem"));
  return { seed, publicKey: xWingPublicKey(seed) };
}

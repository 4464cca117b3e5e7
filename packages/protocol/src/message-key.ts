import * as v from "valibot";
import type { Address } from "./address.ts";
import { assertBytes, fromB64, hash, toB64, toHex32, type Hex32 } from "./bytes.ts";
import { parseJson } from "./json.ts";
import { MAX_CLOCK_SKEW, MAX_EPHEMERAL_LIFE, MAX_NON_EPHEMERAL_LIFE } from "./limits.ts";
import { SmimpError } from "./problem.ts";
import { b64, normalAddress, parseShape, timestamp } from "./schema.ts";
import { sodium } from "./sodium.ts";
import { signStatement, verifyStatement, type PublicKey, type SigningKey, type Statement } from "./statement.ts";
import { addSeconds, secondsBetween, type Timestamp } from "./time.ts";

/** Bytes of an X-Wing public key and of the seed that is its secret (protocol section 4). */
export const MESSAGE_KEY_BYTES = 1_216;
export const MESSAGE_KEY_SEED_BYTES = 32;
/** Random bytes of X-Wing.Encapsulate. */
export const ENCAPSULATION_COINS_BYTES = 64;

/** A single-use key, or the one that stands in when none is left (protocol section 4). */
export type MessageKeyKind = "ephemeral" | "non_ephemeral";

const LONGEST_LIFE: Readonly<Record<MessageKeyKind, number>> = {
  ephemeral: MAX_EPHEMERAL_LIFE,
  non_ephemeral: MAX_NON_EPHEMERAL_LIFE,
};

const messageKeyDocument = v.object({
  address: normalAddress,
  public_key: b64(MESSAGE_KEY_BYTES),
  kind: v.picklist(["ephemeral", "non_ephemeral"]),
  created_at: timestamp,
  expires_at: timestamp,
});

/** A message key whose statement was verified; only `checkMessageKey` makes one. */
export interface MessageKey {
  readonly keyId: Hex32;
  readonly kind: MessageKeyKind;
  /** X-Wing public key, 1216 bytes. */
  readonly publicKey: Uint8Array;
  readonly createdAt: Timestamp;
  readonly expiresAt: Timestamp;
  readonly statement: Statement;
}

/** `key_id = H(public key bytes)` (protocol section 4). */
export function keyIdOf(publicKey: Uint8Array): Hex32 {
  assertBytes(publicKey, "publicKey", MESSAGE_KEY_BYTES);
  return toHex32(hash(publicKey));
}

/** The X-Wing public key of a 32-byte seed, 1216 bytes. */
export function messagePublicKey(seed: Uint8Array): Uint8Array {
  assertBytes(seed, "seed", MESSAGE_KEY_SEED_BYTES);
  return sodium.crypto_kem_xwing_seed_keypair(seed).publicKey;
}

/** What a new message key is made of. */
export interface NewMessageKey {
  readonly address: Address;
  /** 32 random bytes: the secret. */
  readonly seed: Uint8Array;
  readonly kind: MessageKeyKind;
  readonly createdAt: Timestamp;
  readonly expiresAt: Timestamp;
  /** The owner's current master key. */
  readonly master: SigningKey;
}

/** Makes the statement that publishes a message key (protocol section 4). */
export function signMessageKey(key: NewMessageKey): Statement {
  const document = {
    address: key.address,
    public_key: toB64(messagePublicKey(key.seed)),
    kind: key.kind,
    created_at: key.createdAt,
    expires_at: key.expiresAt,
  };
  return signStatement("message-key", key.master, JSON.stringify(document));
}

/** What a message key's statement is held against. */
export interface MessageKeyCheck {
  readonly statement: Statement;
  readonly address: Address;
  /** The owner's current master key. */
  readonly publicKey: PublicKey;
  readonly now: Timestamp;
  /** Where only one kind will do. */
  readonly kind?: MessageKeyKind;
}

/**
 * Verifies a message key (protocol section 4): statement, address, kind, lifetime, and the key itself, which libsodium
 * must accept. Throws `bad_signature`, `bad_request`, `bad_address` or `key_expired`.
 */
export function checkMessageKey({ statement, address, publicKey, now, kind }: MessageKeyCheck): MessageKey {
  verifyStatement("message-key", publicKey, statement);
  const document = parseShape(messageKeyDocument, parseJson(statement.data));
  if (document.address !== address) throw new SmimpError("bad_request", "the message key is that of another address");
  if (kind !== undefined && document.kind !== kind) throw new SmimpError("bad_request", `not the ${kind} message key that was asked for`);
  const life = secondsBetween(document.created_at, document.expires_at);
  if (life <= 0 || life > LONGEST_LIFE[document.kind]) throw new SmimpError("bad_request", "the message key's life is not allowed");
  if (document.created_at > addSeconds(now, MAX_CLOCK_SKEW)) throw new SmimpError("bad_request", "the message key is dated ahead");
  if (document.expires_at <= now) throw new SmimpError("key_expired", "the message key has expired");
  const key = fromB64(document.public_key, MESSAGE_KEY_BYTES);
  assertUsable(key);
  return {
    keyId: keyIdOf(key),
    kind: document.kind,
    publicKey: key,
    createdAt: document.created_at,
    expiresAt: document.expires_at,
    statement,
  };
}

const PROBE_COINS = new Uint8Array(ENCAPSULATION_COINS_BYTES);

/** X-Wing.Encapsulate with the coins given. Throws `bad_request` for a key that libsodium refuses (protocol section 4). */
export function encapsulate(publicKey: Uint8Array, coins: Uint8Array): { encapsulation: Uint8Array; shared: Uint8Array } {
  assertBytes(publicKey, "publicKey", MESSAGE_KEY_BYTES);
  assertBytes(coins, "coins", ENCAPSULATION_COINS_BYTES);
  try {
    const { ciphertext, sharedSecret } = sodium.crypto_kem_xwing_enc_deterministic(publicKey, coins);
    return { encapsulation: ciphertext, shared: sharedSecret };
  } catch (cause) {
    throw new SmimpError("bad_request", "the message key is not a valid X-Wing key", { cause });
  }
}

// ML-KEM's modulus check and the order of the X25519 half are libsodium's, and happen when it encapsulates.
function assertUsable(publicKey: Uint8Array): void {
  encapsulate(publicKey, PROBE_COINS);
}

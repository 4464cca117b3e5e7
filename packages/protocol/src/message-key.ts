import * as v from "valibot";
import type { Address } from "./address.ts";
import { assertBytes, fromB64, hash, toB64, toHex32, type Hex32 } from "./bytes.ts";
import { parseJson } from "./json.ts";
import { MAX_CLOCK_SKEW, MAX_EPHEMERAL_LIFE, MAX_NON_EPHEMERAL_LIFE } from "./limits.ts";
import { SmimpError } from "./problem.ts";
import { b64, normalAddress, parseShape, timestamp } from "./schema.ts";
import { signStatement, verifyStatement, type PublicKey, type SigningKey, type Statement } from "./statement.ts";
import { addSeconds, secondsBetween, type Timestamp } from "./time.ts";
import { encapsulate, X_WING_COINS_BYTES, X_WING_PUBLIC_KEY_BYTES, xWingPublicKey } from "./x-wing.ts";

/** A single-use key, or the one that stands in when none is left (protocol section 4). */
export type MessageKeyKind = "ephemeral" | "non_ephemeral";

const LONGEST_LIFE: Readonly<Record<MessageKeyKind, number>> = {
  ephemeral: MAX_EPHEMERAL_LIFE,
  non_ephemeral: MAX_NON_EPHEMERAL_LIFE,
};

/** The members of a message key (protocol section 4). */
export const messageKeyDocument = v.object({
  address: normalAddress,
  public_key: b64(X_WING_PUBLIC_KEY_BYTES),
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
  assertBytes(publicKey, "publicKey", X_WING_PUBLIC_KEY_BYTES);
  return toHex32(hash(publicKey));
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
    public_key: toB64(xWingPublicKey(key.seed)),
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
  const key = fromB64(document.public_key, X_WING_PUBLIC_KEY_BYTES);
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

const PROBE_COINS = new Uint8Array(X_WING_COINS_BYTES);

// ML-KEM's modulus check and the order of the X25519 half are libsodium's, and happen when it encapsulates.
function assertUsable(publicKey: Uint8Array): void {
  encapsulate(publicKey, PROBE_COINS);
}

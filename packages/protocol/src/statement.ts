import type { Brand } from "./brand.ts";
import { assertBytes, concat, fromB64, hash, toB64, utf8 } from "./bytes.ts";
import { SmimpError } from "./problem.ts";
import { sodium } from "./sodium.ts";
import { unlessRefused } from "./unless-refused.ts";

/** What a signature can be for; one for one purpose never passes for another (protocol section 1). */
export type StatementType = "record" | "message-key" | "session" | "envelope" | "assertion" | "deletion";

/** A text and the signature over it, as it travels. The text is never re-encoded (protocol section 1). */
export interface Statement {
  readonly data: string;
  readonly signature: string;
}

/** An Ed25519 public key, `b64` of 32 bytes. Strict `b64` is unique, so texts compare as keys do. */
export type PublicKey = Brand<string, "PublicKey">;

/** An Ed25519 key pair that signs. Made from its 32-byte seed by `signingKey`. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  readonly secretKey: Uint8Array;
}

/** Bytes of an Ed25519 public key, seed and signature. */
export const PUBLIC_KEY_BYTES = 32;
export const SEED_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** The key pair of a 32-byte seed. */
export function signingKey(seed: Uint8Array): SigningKey {
  assertBytes(seed, "seed", SEED_BYTES);
  const pair = sodium.crypto_sign_seed_keypair(seed);
  return { publicKey: toB64(pair.publicKey) as PublicKey, secretKey: pair.privateKey };
}

/** Parses a public key's `b64`. Whether the point is usable shows when a signature is verified. Throws `bad_request`. */
export function parsePublicKey(text: unknown): PublicKey {
  fromB64(text as string, PUBLIC_KEY_BYTES);
  return text as PublicKey;
}

/** `H( utf8("smimp/1.0 " + type) || 00 || utf8(data) )`, 32 bytes. */
export function statementDigest(type: StatementType, data: string): Uint8Array {
  return hash(concat(utf8(`smimp/1.0 ${type}`), 0, utf8(data)));
}

/** Signs a document that the caller built itself; `data` is carried as it stands. */
export function signStatement(type: StatementType, key: SigningKey, data: string): Statement {
  return { data, signature: signDigest(type, key, statementDigest(type, data)) };
}

/** Signs a digest as `type`: co-signatures of records sign the same bytes as the record itself. Returns `b64`. */
export function signDigest(type: StatementType, key: SigningKey, digest: Uint8Array): string {
  return toB64(sodium.crypto_sign_detached(signedBytes(type, digest), key.secretKey));
}

/** Verifies a statement with a key known from outside, before its data is parsed. Returns the digest. Throws `bad_signature`. */
export function verifyStatement(type: StatementType, key: PublicKey, statement: Statement): Uint8Array {
  if (typeof statement.data !== "string" || !statement.data.isWellFormed())
    throw new SmimpError("bad_signature", "there is no text that could be signed");
  const digest = statementDigest(type, statement.data);
  verifyDigest(type, key, digest, statement.signature);
  return digest;
}

/** Verifies one signature over a digest, by libsodium's rules (protocol section 1). Throws `bad_signature`. */
export function verifyDigest(type: StatementType, key: PublicKey, digest: Uint8Array, signature: string): void {
  const valid = unlessRefused(
    () =>
      sodium.crypto_sign_verify_detached(fromB64(signature, SIGNATURE_BYTES), signedBytes(type, digest), fromB64(key, PUBLIC_KEY_BYTES)),
    () => false,
  );
  if (!valid) throw new SmimpError("bad_signature", `the signature of this ${type} is not valid`);
}

function signedBytes(type: StatementType, digest: Uint8Array): Uint8Array {
  return concat(utf8(`smimp/1.0 ${type}`), 0, digest);
}

import * as v from "valibot";
import { NONCE_BYTES, TAG_BYTES } from "./aead.ts";
import { b64Length, HASH_BYTES, toHex32, utf8, type Hex32 } from "./bytes.ts";
import { parseJson } from "./json.ts";
import { MAX_BLOBS, MAX_REQUEST_VALUES } from "./limits.ts";
import { MIN_PADDED_BYTES } from "./padding.ts";
import { b64, b64UpTo, count, hex32, messageType, normalAddress, parseShape, publicKey } from "./schema.ts";
import { statementDigest, type Statement } from "./statement.ts";
import { ENCAPSULATION_BYTES } from "./x-wing.ts";

/** The one algorithm of envelopes (protocol section 6). */
export const ENVELOPE_ALGORITHM = "xwing-xchacha20poly1305";

/** Bytes of the largest ciphertext that is looked at at all; servers take far less (`DEFAULT_MAX_MESSAGE_BYTES`). */
export const MAX_CIPHERTEXT_BYTES = 64 * 1024 * 1024;
/** Bytes of the commitment that a ciphertext starts with, and of the shortest ciphertext. */
export const COMMITMENT_BYTES = HASH_BYTES;
export const MIN_CIPHERTEXT_BYTES = COMMITMENT_BYTES + MIN_PADDED_BYTES + TAG_BYTES;

const boundFields = {
  from: normalAddress,
  to: normalAddress,
  message_type: messageType,
  from_link: hex32,
  to_link: hex32,
  sender_key: publicKey,
  ticket: hex32,
};

/** The members of an envelope that a caller chooses and that the encryption binds (protocol section 6). */
export const envelopeFields = v.object(boundFields);
/** What an envelope binds, its `key_id` aside. */
export type EnvelopeFields = v.InferOutput<typeof envelopeFields>;

/** A blob that an envelope names: the hash of all its bytes, and their number. */
export const blobReference = v.object({ hash: hex32, size: count });
/** A blob that an envelope names. */
export type BlobReference = v.InferOutput<typeof blobReference>;

/** The members of an envelope (protocol section 6). */
export const envelopeDocument = v.object({
  ...boundFields,
  algorithm: v.literal(ENVELOPE_ALGORITHM),
  key_id: hex32,
  encapsulation: b64(ENCAPSULATION_BYTES),
  nonce: b64(NONCE_BYTES),
  ciphertext: v.pipe(b64UpTo(MAX_CIPHERTEXT_BYTES), v.minLength(b64Length(MIN_CIPHERTEXT_BYTES))),
  blobs: v.pipe(v.array(blobReference), v.maxLength(MAX_BLOBS)),
});
/** What an envelope says (protocol section 6); members as they travel. */
export type EnvelopeDocument = v.InferOutput<typeof envelopeDocument>;

/**
 * Parses an envelope's `data`. Of an envelope whose signature was not verified, only what chooses the keys (`from`,
 * `from_link`) may be used (protocol section 1). Its values count as those of a request do: it is read before anybody
 * knows who sent it. Throws `bad_request` or `bad_address`.
 */
export function parseEnvelope(data: string): EnvelopeDocument {
  return parseEnvelopeDocument(parseJson(data, MAX_REQUEST_VALUES));
}

/** Parses an envelope's document that is JSON already. Throws `bad_request` or `bad_address`. */
export function parseEnvelopeDocument(value: unknown): EnvelopeDocument {
  return parseShape(envelopeDocument, value);
}

/** `message_id`: the digest of the statement, the same for both sides (protocol section 6). */
export function messageIdOf(statement: Statement): Hex32 {
  return toHex32(statementDigest("envelope", statement.data));
}

/** `ad` of protocol section 6: every value as it stands in the envelope, its syntax checked before, so none holds a line feed. */
export function additionalData(fields: EnvelopeFields, keyId: Hex32): Uint8Array {
  const { from, to, message_type, from_link, to_link, sender_key, ticket } = fields;
  return utf8([from, to, message_type, from_link, to_link, sender_key, keyId, ticket].join("\n"));
}

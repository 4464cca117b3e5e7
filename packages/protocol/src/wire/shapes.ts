import * as v from "valibot";
import {
  ARCHIVE_BYTES,
  KEYSTORE_VERSIONS,
  MAX_HELD_KEYS,
  MAX_JSON_BYTES,
  MAX_PROFILE_BYTES,
  MAX_RECORD_BYTES,
  MAX_SUMMARY_BYTES,
} from "../limits.ts";
import { anyAddress, b64, b64UpTo, count, hex32, normalAddress, sequence, signature, statement, timestamp } from "../schema.ts";

// Shapes that several requests and answers share, and how an endpoint is described (protocol sections 10 and 12).

/** Longest `data` of the statements that are not records or envelopes, characters. */
const MAX_SMALL_STATEMENT = 4_096;

/** A record with its co-signatures (protocol section 3). */
export const recordStatement = v.object({
  data: v.pipe(v.string(), v.maxLength(MAX_RECORD_BYTES)),
  signature,
  new_key_signature: v.optional(signature),
  recovery_signature: v.optional(signature),
});
/** A record and its signatures as they travel. */
export type RecordStatement = v.InferOutput<typeof recordStatement>;

/** A statement that is neither record nor envelope. */
export const smallStatement = statement(MAX_SMALL_STATEMENT);
/** A message key as it travels (protocol section 4). */
export const messageKeyStatement = statement(MAX_SMALL_STATEMENT);
/** An envelope as it travels (protocol section 6). */
export const envelopeStatement = v.object({ data: v.string(), signature });
/** A profile's text (protocol section 3). */
export const profileText = v.pipe(v.string(), v.maxLength(MAX_PROFILE_BYTES));
/** A folder's name: an opaque id that a client made (protocol section 8). */
export const folderName = v.pipe(v.string(), v.maxLength(64), v.regex(/^[A-Za-z0-9_-]+$/));
/** A yes or no that stands in a path. */
export const bit = v.picklist(["true", "false"]);
/** Id of a message. */
export const messageId = hex32;

/** Parameters of a proof of work (protocol section 7). */
export const workParameters = v.object({
  algorithm: v.literal("blake2b"),
  zero_bits: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(64)),
  count: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(64)),
  nonce: hex32,
  expires_at: timestamp,
});
/** What work is asked for. */
export type WorkParameters = v.InferOutput<typeof workParameters>;

/** A solved proof of work (protocol section 7). */
export const work = v.object({ nonce: hex32, values: v.pipe(v.array(hex32), v.minLength(1), v.maxLength(64)) });
/** A solution: `count` values under the nonce of its parameters. */
export type Work = v.InferOutput<typeof work>;

/** A message as the server keeps it (protocol section 8). */
export const storedMessage = v.object({
  message_id: messageId,
  envelope: envelopeStatement,
  received_at: timestamp,
  /** Greater than that of every message that came before it to this server. */
  position: count,
  received_via: v.picklist(["smimp_client", "smtp_bridge", "imap_bridge", "import_api"]),
  read: v.boolean(),
  folder: v.nullable(v.string()),
  pow: v.nullable(v.object({ parameters: workParameters, pow: work })),
  archive: v.nullable(b64(ARCHIVE_BYTES)),
  summary: v.nullable(b64UpTo(MAX_SUMMARY_BYTES)),
  extensions: v.nullable(v.string()),
  protocol_version: v.string(),
});
/** A message as the server keeps it. */
export type StoredMessage = v.InferOutput<typeof storedMessage>;

/** A line of a folder's listing (protocol section 8). */
export const messageListing = v.object({
  message_id: messageId,
  received_at: timestamp,
  position: count,
  read: v.boolean(),
  from: normalAddress,
  size: count,
  archive: v.nullable(b64(ARCHIVE_BYTES)),
  summary: v.nullable(b64UpTo(MAX_SUMMARY_BYTES)),
});
/** A line of a folder's listing. */
export type MessageListing = v.InferOutput<typeof messageListing>;

/** A path that names an address. */
export const addressPath = v.object({ address: anyAddress });
/** A path that names a message. */
export const idPath = v.object({ id: messageId });
/** An account's state: decimal digits (protocol section 8). */
export const state = v.pipe(v.string(), v.maxLength(64), v.regex(/^[0-9]+$/));
/** Where a chain stands. */
export const headAnswer = v.object({ sequence, link: hex32 });
/** How many single-use keys a server holds. */
export const keyCount = v.object({ count });
/** Single-use keys to be published. */
export const keysBody = v.object({ keys: v.pipe(v.array(messageKeyStatement), v.maxLength(MAX_HELD_KEYS)) });

/** Who may call: anyone; a session of any address; the master session of a local account; the same or its recovery session. */
export type Caller = "anyone" | "session" | "owner" | "owner_or_recovery";

/** How one endpoint looks on the wire (protocol section 12). `path` is relative to `{base}1.0/`, `version` to the base. */
export interface Endpoint {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly caller: Caller;
  /** One sentence for the OpenAPI document. */
  readonly summary: string;
  readonly params?: v.GenericSchema;
  readonly query?: v.GenericSchema;
  /** A schema for JSON, or `bytes`. */
  readonly body?: v.GenericSchema | "bytes";
  /** Media type of a body of bytes that may stand in place of application/octet-stream. */
  readonly mediaType?: string;
  /** Bytes of the largest request body; a server may be configured to other limits for messages and blobs. */
  readonly maxBody?: number;
  /** A schema for JSON, or another kind of answer; absent: 204. */
  readonly answer?: v.GenericSchema | "bytes" | "ndjson" | "events";
  /** Status of success where it is neither 200 (with an answer) nor 204 (without). */
  readonly status?: 200 | 201;
}

/** Keeps the exact type of a definition. */
export function endpoint<const E extends Endpoint>(definition: E): E {
  return definition;
}

/** Longest request body of an endpoint in bytes, unless the server is configured otherwise. */
export function maxBodyOf(definition: Endpoint): number {
  return definition.maxBody ?? MAX_JSON_BYTES;
}

/** A problem document, RFC 9457 (protocol section 10). */
export const problemDocument = v.looseObject({
  type: v.optional(v.string()),
  code: v.pipe(v.string(), v.maxLength(64)),
  detail: v.optional(v.pipe(v.string(), v.maxLength(1_024))),
});

/** The body of an answer that asks for work. */
export const powRequired = v.object({ pow: workParameters });

/** Members of `not_found` for a keystore's version that isn't there: those that are, the one that was stored last first (protocol section 8). */
export const keystoreVersions = v.object({ versions: v.pipe(v.array(count), v.maxLength(KEYSTORE_VERSIONS)) });

import * as v from "valibot";
import {
  ARCHIVE_BYTES,
  MAX_FOLDER_PAGE,
  MAX_HELD_KEYS,
  MAX_JSON_BYTES,
  MAX_KEYSTORE_BYTES,
  MAX_KEYS_REQUEST_BYTES,
  MAX_MESSAGES_PER_REQUEST,
  MAX_PROFILE_BYTES,
  MAX_RECORD_BYTES,
  MAX_RECORDS,
  MAX_SUMMARY_BYTES,
} from "./limits.ts";
import {
  anyAddress,
  b64,
  b64UpTo,
  count,
  hex32,
  messageType,
  normalAddress,
  publicKey,
  sequence,
  signature,
  statement,
  timestamp,
} from "./schema.ts";

// Shapes of requests and answers, protocol sections 2 to 8 and 12. One table serves the server's validation, its OpenAPI
// document and the client's parsing, so that the two sides can't drift apart.

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

const smallStatement = statement(MAX_SMALL_STATEMENT);
const messageKeyStatement = smallStatement;
const envelopeStatement = v.object({ data: v.string(), signature });
const profileText = v.pipe(v.string(), v.maxLength(MAX_PROFILE_BYTES));
const bit = v.picklist(["true", "false"]);
const messageId = hex32;

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
  read: v.boolean(),
  from: normalAddress,
  size: count,
  archive: v.nullable(b64(ARCHIVE_BYTES)),
  summary: v.nullable(b64UpTo(MAX_SUMMARY_BYTES)),
});
/** A line of a folder's listing. */
export type MessageListing = v.InferOutput<typeof messageListing>;

const addressPath = v.object({ address: anyAddress });
const idPath = v.object({ id: messageId });
const state = v.pipe(v.string(), v.maxLength(64), v.regex(/^[0-9]+$/));
const headAnswer = v.object({ sequence, link: hex32 });
const keyCount = v.object({ count });
const keysBody = v.object({ keys: v.pipe(v.array(messageKeyStatement), v.maxLength(MAX_HELD_KEYS)) });

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
  /** Bytes of the largest request body; a server may be configured to other limits for messages and blobs. */
  readonly maxBody?: number;
  /** A schema for JSON, or another kind of answer; absent: 204. */
  readonly answer?: v.GenericSchema | "bytes" | "ndjson" | "events";
  /** Status of success where it is neither 200 (with an answer) nor 204 (without). */
  readonly status?: 200 | 201;
}

function endpoint<const E extends Endpoint>(definition: E): E {
  return definition;
}

const getVersion = endpoint({
  method: "GET",
  path: "version",
  caller: "anyone",
  summary: "Protocol versions that this server speaks.",
  answer: v.object({ versions: v.pipe(v.array(v.pipe(v.string(), v.maxLength(16))), v.minLength(1), v.maxLength(64)) }),
});

const getServerInformation = endpoint({
  method: "GET",
  path: "server_information",
  caller: "anyone",
  summary: "Name, software, domains, endpoints, limits and registration policy.",
  answer: v.object({
    name: v.pipe(v.string(), v.maxLength(256)),
    software: v.pipe(v.string(), v.maxLength(256)),
    domains: v.pipe(v.array(v.string()), v.maxLength(10_000)),
    endpoints: v.pipe(v.array(v.string()), v.maxLength(256)),
    limits: v.object({ message: count, blob: count, keys: count }),
    registration: v.picklist(["closed", "invite", "open"]),
  }),
});

const getHistory = endpoint({
  method: "GET",
  path: "get_user/{address}/history",
  caller: "anyone",
  summary: "The whole record chain and the profile.",
  params: addressPath,
  answer: v.object({
    records: v.pipe(v.array(recordStatement), v.minLength(1), v.maxLength(MAX_RECORDS)),
    profile: v.nullable(profileText),
  }),
});

const getMostRecent = endpoint({
  method: "GET",
  path: "get_user/{address}/most_recent",
  caller: "anyone",
  summary: "The last record and the profile.",
  params: addressPath,
  answer: v.object({ record: recordStatement, profile: v.nullable(profileText) }),
});

const getPublicKey = endpoint({
  method: "GET",
  path: "get_user/{address}/public_key",
  caller: "anyone",
  summary: "The current master key and where it stands in the chain.",
  params: addressPath,
  answer: v.object({ public_key: publicKey, sequence, link: hex32 }),
});

const initializeAccount = endpoint({
  method: "POST",
  path: "initialize_account",
  caller: "anyone",
  summary: "Creates an account with a one-time code.",
  body: v.object({
    code: v.nullable(v.pipe(v.string(), v.maxLength(64))),
    record: recordStatement,
    profile: v.nullable(profileText),
    nonephemeral_key: messageKeyStatement,
    ephemeral_keys: v.pipe(v.array(messageKeyStatement), v.maxLength(MAX_HELD_KEYS)),
    keystore: v.nullable(b64UpTo(MAX_KEYSTORE_BYTES)),
    pow: v.optional(work),
  }),
  maxBody: MAX_KEYS_REQUEST_BYTES + Math.ceil((MAX_KEYSTORE_BYTES * 4) / 3),
  answer: headAnswer,
  status: 201,
});

const updateProfile = endpoint({
  method: "POST",
  path: "update_profile",
  caller: "anyone",
  summary: "Appends a record; it authenticates itself.",
  body: v.object({
    record: recordStatement,
    profile: v.nullable(profileText),
    nonephemeral_key: v.optional(messageKeyStatement),
    ephemeral_keys: v.optional(v.pipe(v.array(messageKeyStatement), v.maxLength(MAX_HELD_KEYS))),
  }),
  maxBody: MAX_KEYS_REQUEST_BYTES,
  answer: headAnswer,
});

const getSessionChallenge = endpoint({
  method: "GET",
  path: "create_session/{address}",
  caller: "anyone",
  summary: "A challenge to sign.",
  params: addressPath,
  answer: v.object({ token: b64(32), expires_at: timestamp }),
});

const createSession = endpoint({
  method: "POST",
  path: "create_session/{address}",
  caller: "anyone",
  summary: "A session for a signed challenge.",
  params: addressPath,
  body: smallStatement,
  answer: v.object({ authentication_token: b64(32), expires_at: timestamp, local: v.boolean() }),
});

const destroySession = endpoint({ method: "POST", path: "destroy_session", caller: "session", summary: "Ends the session at once." });

const getEphemeralKeys = endpoint({
  method: "GET",
  path: "ephemeral_keys",
  caller: "owner",
  summary: "Single-use keys that were not issued yet.",
  answer: v.object({ count, key_ids: v.pipe(v.array(hex32), v.maxLength(MAX_HELD_KEYS)) }),
});

const addEphemeralKeys = endpoint({
  method: "POST",
  path: "ephemeral_keys",
  caller: "owner",
  summary: "Adds single-use keys.",
  body: keysBody,
  maxBody: MAX_KEYS_REQUEST_BYTES,
  answer: keyCount,
});

const replaceEphemeralKeys = endpoint({
  method: "PUT",
  path: "ephemeral_keys",
  caller: "owner",
  summary: "Replaces the single-use keys that were not issued yet.",
  body: keysBody,
  maxBody: MAX_KEYS_REQUEST_BYTES,
  answer: keyCount,
});

const getNonephemeralKey = endpoint({
  method: "GET",
  path: "nonephemeral_key",
  caller: "owner",
  summary: "The non-ephemeral key.",
  answer: messageKeyStatement,
});

const putNonephemeralKey = endpoint({
  method: "PUT",
  path: "nonephemeral_key",
  caller: "owner",
  summary: "Replaces the non-ephemeral key.",
  body: messageKeyStatement,
});

const getMessageKey = endpoint({
  method: "POST",
  path: "get_message_key",
  caller: "session",
  summary: "A message key of the recipient, the head of the recipient's history, and a ticket.",
  body: v.object({ address: normalAddress, message_type: messageType, pow: v.optional(work) }),
  answer: v.object({
    ticket: hex32,
    expires_at: timestamp,
    public_key: publicKey,
    sequence,
    link: hex32,
    message_key: messageKeyStatement,
  }),
});

const getPowParams = endpoint({
  method: "GET",
  path: "get_pow_params/{address}/{message_type}",
  caller: "session",
  summary: "The work that is due for a message to this address.",
  params: v.object({ address: anyAddress, message_type: messageType }),
  answer: workParameters,
});

const putBlob = endpoint({
  method: "PUT",
  path: "blob/{hash}",
  caller: "session",
  summary: "Uploads a sealed attachment under a ticket.",
  params: v.object({ hash: hex32 }),
  query: v.object({ ticket: hex32 }),
  body: "bytes",
  status: 201,
});

const sendMessage = endpoint({
  method: "POST",
  path: "send_message/{address}",
  caller: "session",
  summary: "Delivers a sealed message; answered once it is on durable storage.",
  params: addressPath,
  body: envelopeStatement,
  answer: v.object({ message_id: messageId }),
});

const folder = v.object({
  name: v.string(),
  message_type: messageType,
  parent: v.nullable(v.string()),
  display_name: v.nullable(v.string()),
});

const getFolders = endpoint({
  method: "GET",
  path: "folders",
  caller: "owner",
  summary: "All folders.",
  answer: v.object({ folders: v.array(folder) }),
});

const getFolder = endpoint({
  method: "GET",
  path: "folder/{message_type}",
  caller: "owner",
  summary: "The messages of a type's root folder, newest first.",
  params: v.object({ message_type: messageType }),
  query: v.object({
    cursor: v.optional(v.pipe(v.string(), v.maxLength(128), v.regex(/^[A-Za-z0-9_.-]+$/))),
    limit: v.optional(
      v.pipe(v.string(), v.regex(/^[0-9]{1,3}$/), v.transform(Number), v.number(), v.minValue(1), v.maxValue(MAX_FOLDER_PAGE)),
    ),
  }),
  answer: v.object({ messages: v.pipe(v.array(messageListing), v.maxLength(MAX_FOLDER_PAGE)), cursor: v.nullable(v.string()), state }),
});

const getMessage = endpoint({
  method: "GET",
  path: "message/{id}/{update_read}",
  caller: "owner",
  summary: "One message; `true` marks it as read.",
  params: v.object({ id: messageId, update_read: bit }),
  answer: storedMessage,
});

const getMessages = endpoint({
  method: "POST",
  path: "messages",
  caller: "owner",
  summary: "Up to 100 messages as NDJSON, in the order asked; unknown ids are left out.",
  body: v.object({ ids: v.pipe(v.array(messageId), v.minLength(1), v.maxLength(MAX_MESSAGES_PER_REQUEST)) }),
  answer: "ndjson",
});

const deleteMessage = endpoint({ method: "DELETE", path: "message/{id}", caller: "owner", summary: "Deletes a message.", params: idPath });

const getMessageRead = endpoint({
  method: "GET",
  path: "message_read/{id}",
  caller: "owner",
  summary: "Whether a message is read.",
  params: idPath,
  answer: v.object({ read: v.boolean() }),
});

const setMessageRead = endpoint({
  method: "POST",
  path: "message_read/{id}",
  caller: "owner",
  summary: "Marks a message as read or unread.",
  params: idPath,
  body: v.object({ read: v.boolean() }),
});

const putMessageArchive = endpoint({
  method: "PUT",
  path: "message_archive/{id}",
  caller: "owner",
  summary: "Stores the sealed message key and summary; If-Match or If-None-Match: *.",
  params: idPath,
  body: v.object({ archive: b64(ARCHIVE_BYTES), summary: b64UpTo(MAX_SUMMARY_BYTES) }),
});

const getBlob = endpoint({
  method: "GET",
  path: "blob/{hash}",
  caller: "owner",
  summary: "The bytes of a sealed attachment.",
  params: v.object({ hash: hex32 }),
  answer: "bytes",
});

const getChanges = endpoint({
  method: "GET",
  path: "changes",
  caller: "owner",
  summary: "Ids created, updated and destroyed since a state.",
  query: v.object({ since: state }),
  answer: v.object({
    state,
    created: v.array(messageId),
    updated: v.array(messageId),
    destroyed: v.array(messageId),
    more: v.boolean(),
  }),
});

const getEvents = endpoint({
  method: "GET",
  path: "events",
  caller: "owner",
  summary: "Server-sent events of new states.",
  answer: "events",
});

const getQuota = endpoint({
  method: "GET",
  path: "quota",
  caller: "owner",
  summary: "Bytes used, and the limit (-1: none).",
  answer: v.object({ used: count, total: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)) }),
});

const getKeystore = endpoint({
  method: "GET",
  path: "keystore",
  caller: "owner_or_recovery",
  summary: "The sealed keystore, the newest version or one of the last ten.",
  query: v.object({ version: v.optional(v.pipe(v.string(), v.regex(/^[0-9]{1,15}$/), v.transform(Number), v.number())) }),
  answer: "bytes",
});

const putKeystore = endpoint({
  method: "PUT",
  path: "keystore",
  caller: "owner_or_recovery",
  summary: "Stores the next version of the sealed keystore; If-Match or If-None-Match: *.",
  body: "bytes",
  maxBody: MAX_KEYSTORE_BYTES,
});

/** Every endpoint that is in service, by the name that code uses for it (protocol section 12). */
export const ENDPOINTS = {
  getVersion,
  getServerInformation,
  getHistory,
  getMostRecent,
  getPublicKey,
  initializeAccount,
  updateProfile,
  getSessionChallenge,
  createSession,
  destroySession,
  getEphemeralKeys,
  addEphemeralKeys,
  replaceEphemeralKeys,
  getNonephemeralKey,
  putNonephemeralKey,
  getMessageKey,
  getPowParams,
  putBlob,
  sendMessage,
  getFolders,
  getFolder,
  getMessage,
  getMessages,
  deleteMessage,
  getMessageRead,
  setMessageRead,
  putMessageArchive,
  getBlob,
  getChanges,
  getEvents,
  getQuota,
  getKeystore,
  putKeystore,
} as const satisfies Readonly<Record<string, Endpoint>>;

/** Name of an endpoint. */
export type EndpointName = keyof typeof ENDPOINTS;

type Output<E, Key extends string> = E extends { readonly [K in Key]: infer S extends v.GenericSchema } ? v.InferOutput<S> : undefined;
type Input<E, Key extends string> = E extends { readonly [K in Key]: infer S extends v.GenericSchema } ? v.InferInput<S> : undefined;

/** What a server reads of a request to an endpoint, parsed. */
export type ParamsOf<Name extends EndpointName> = Output<(typeof ENDPOINTS)[Name], "params">;
export type QueryOf<Name extends EndpointName> = Output<(typeof ENDPOINTS)[Name], "query">;
export type BodyOf<Name extends EndpointName> = Output<(typeof ENDPOINTS)[Name], "body">;
/** What a client sends. */
export type BodyInputOf<Name extends EndpointName> = Input<(typeof ENDPOINTS)[Name], "body">;
/** What a client reads of an answer, parsed; and what a server gives (the same shape, brands aside). */
export type AnswerOf<Name extends EndpointName> = Output<(typeof ENDPOINTS)[Name], "answer">;
export type AnswerInputOf<Name extends EndpointName> = Input<(typeof ENDPOINTS)[Name], "answer">;

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

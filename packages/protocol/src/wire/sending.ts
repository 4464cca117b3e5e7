import * as v from "valibot";
import { MAX_HELD_KEYS, MAX_KEYS_REQUEST_BYTES } from "../limits.ts";
import { anyAddress, count, hex32, messageType, normalAddress, publicKey, sequence, timestamp } from "../schema.ts";
import {
  messageKeyStatement,
  envelopeStatement,
  messageId,
  addressPath,
  keyCount,
  keysBody,
  endpoint,
  workParameters,
  work,
} from "./shapes.ts";

// Message keys, work, attachments and messages coming in (protocol sections 4, 6 and 7).

/** Single-use keys that were not issued yet. */
export const getEphemeralKeys = endpoint({
  method: "GET",
  path: "ephemeral_keys",
  caller: "owner",
  summary: "Single-use keys that were not issued yet.",
  answer: v.object({ count, key_ids: v.pipe(v.array(hex32), v.maxLength(MAX_HELD_KEYS)) }),
});

/** Adds single-use keys. */
export const addEphemeralKeys = endpoint({
  method: "POST",
  path: "ephemeral_keys",
  caller: "owner",
  summary: "Adds single-use keys.",
  body: keysBody,
  maxBody: MAX_KEYS_REQUEST_BYTES,
  answer: keyCount,
});

/** Replaces the single-use keys that were not issued yet. */
export const replaceEphemeralKeys = endpoint({
  method: "PUT",
  path: "ephemeral_keys",
  caller: "owner",
  summary: "Replaces the single-use keys that were not issued yet.",
  body: keysBody,
  maxBody: MAX_KEYS_REQUEST_BYTES,
  answer: keyCount,
});

/** The non-ephemeral key. */
export const getNonephemeralKey = endpoint({
  method: "GET",
  path: "nonephemeral_key",
  caller: "owner",
  summary: "The non-ephemeral key.",
  answer: messageKeyStatement,
});

/** Replaces the non-ephemeral key. */
export const putNonephemeralKey = endpoint({
  method: "PUT",
  path: "nonephemeral_key",
  caller: "owner",
  summary: "Replaces the non-ephemeral key.",
  body: messageKeyStatement,
});

/** A message key of the recipient, the head of the recipient's history, and a ticket. */
export const getMessageKey = endpoint({
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

/** The work that is due for a message to this address. */
export const getPowParams = endpoint({
  method: "GET",
  path: "get_pow_params/{address}/{message_type}",
  caller: "session",
  summary: "The work that is due for a message to this address.",
  params: v.object({ address: anyAddress, message_type: messageType }),
  answer: workParameters,
});

/** Uploads a sealed attachment under a ticket. */
export const putBlob = endpoint({
  method: "PUT",
  path: "blob/{hash}",
  caller: "session",
  summary: "Uploads a sealed attachment under a ticket.",
  params: v.object({ hash: hex32 }),
  query: v.object({ ticket: hex32 }),
  body: "bytes",
  status: 201,
});

/** Delivers a sealed message; answered once it is on durable storage. */
export const sendMessage = endpoint({
  method: "POST",
  path: "send_message/{address}",
  caller: "session",
  summary: "Delivers a sealed message; answered once it is on durable storage.",
  params: addressPath,
  /** Only to oneself: the message is marked as imported (protocol section 8). */
  query: v.object({ received_via: v.optional(v.literal("import_api")) }),
  body: envelopeStatement,
  answer: v.object({ message_id: messageId }),
});

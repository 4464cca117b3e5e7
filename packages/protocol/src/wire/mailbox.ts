import * as v from "valibot";
import { ARCHIVE_BYTES, MAX_KEYSTORE_BYTES, MAX_MESSAGES_PER_REQUEST, MAX_SUMMARY_BYTES } from "../limits.ts";
import { b64, b64UpTo, count, hex32 } from "../schema.ts";
import { bit, messageId, idPath, state, endpoint, storedMessage } from "./shapes.ts";

// An owner's messages and keystore (protocol section 8).

/** One message; `true` marks it as read. */
export const getMessage = endpoint({
  method: "GET",
  path: "message/{id}/{update_read}",
  caller: "owner",
  summary: "One message; `true` marks it as read.",
  params: v.object({ id: messageId, update_read: bit }),
  answer: storedMessage,
});

/** Up to 100 messages as NDJSON, in the order asked; unknown ids are left out. */
export const getMessages = endpoint({
  method: "POST",
  path: "messages",
  caller: "owner",
  summary: "Up to 100 messages as NDJSON, in the order asked; unknown ids are left out.",
  body: v.object({ ids: v.pipe(v.array(messageId), v.minLength(1), v.maxLength(MAX_MESSAGES_PER_REQUEST)) }),
  answer: "ndjson",
});

/** Deletes a message. */
export const deleteMessage = endpoint({
  method: "DELETE",
  path: "message/{id}",
  caller: "owner",
  summary: "Deletes a message.",
  params: idPath,
});

/** Whether a message is read. */
export const getMessageRead = endpoint({
  method: "GET",
  path: "message_read/{id}",
  caller: "owner",
  summary: "Whether a message is read.",
  params: idPath,
  answer: v.object({ read: v.boolean() }),
});

/** Marks a message as read or unread. */
export const setMessageRead = endpoint({
  method: "POST",
  path: "message_read/{id}",
  caller: "owner",
  summary: "Marks a message as read or unread.",
  params: idPath,
  body: v.object({ read: v.boolean() }),
});

/** Stores the sealed message key and summary; If-Match or If-None-Match: *. */
export const putMessageArchive = endpoint({
  method: "PUT",
  path: "message_archive/{id}",
  caller: "owner",
  summary: "Stores the sealed message key and summary; If-Match or If-None-Match: *.",
  params: idPath,
  body: v.object({ archive: b64(ARCHIVE_BYTES), summary: b64UpTo(MAX_SUMMARY_BYTES) }),
});

/** The bytes of a sealed attachment. */
export const getBlob = endpoint({
  method: "GET",
  path: "blob/{hash}",
  caller: "owner",
  summary: "The bytes of a sealed attachment.",
  params: v.object({ hash: hex32 }),
  answer: "bytes",
});

/** Ids created, updated and destroyed since a state. */
export const getChanges = endpoint({
  method: "GET",
  path: "changes",
  caller: "owner",
  summary: "Ids created, updated and destroyed since a state.",
  query: v.object({
    since: state,
    /** From whoever lists everything: what was destroyed before is nothing to them, so that no state is too old. */
    listing: v.optional(v.literal("true")),
  }),
  answer: v.object({
    state,
    created: v.array(messageId),
    updated: v.array(messageId),
    destroyed: v.array(messageId),
    /** Whether a folder was made, changed or deleted. */
    folders: v.optional(v.boolean()),
    more: v.boolean(),
  }),
});

/** Server-sent events of new states. */
export const getEvents = endpoint({
  method: "GET",
  path: "events",
  caller: "owner",
  summary: "Server-sent events of new states.",
  answer: "events",
});

/** Bytes used, and the limit (-1: none). */
export const getQuota = endpoint({
  method: "GET",
  path: "quota",
  caller: "owner",
  summary: "Bytes used, and the limit (-1: none).",
  answer: v.object({ used: count, total: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)) }),
});

/** The sealed keystore, the newest version or one of the last ten. */
export const getKeystore = endpoint({
  method: "GET",
  path: "keystore",
  caller: "owner_or_recovery",
  summary: "The sealed keystore, the newest version or one of the last ten.",
  query: v.object({ version: v.optional(v.pipe(v.string(), v.regex(/^[0-9]{1,15}$/), v.transform(Number), v.number())) }),
  answer: "bytes",
});

/** Stores the next version of the sealed keystore; If-Match or If-None-Match: *. */
export const putKeystore = endpoint({
  method: "PUT",
  path: "keystore",
  caller: "owner_or_recovery",
  summary: "Stores the next version of the sealed keystore; If-Match or If-None-Match: *. With keep, older versions are erased.",
  query: v.object({ keep: v.optional(v.picklist(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"])) }),
  body: "bytes",
  maxBody: MAX_KEYSTORE_BYTES,
});

import * as v from "valibot";
import { MAX_AVATAR_BYTES, MAX_HELD_KEYS, MAX_KEYSTORE_BYTES, MAX_KEYS_REQUEST_BYTES, MAX_RECORDS } from "../limits.ts";
import { b64UpTo, count, hex32, publicKey, sequence } from "../schema.ts";
import { messageKeyStatement, profileText, addressPath, headAnswer, endpoint, recordStatement, work } from "./shapes.ts";

// Finding servers and people, and the records that accounts are made of (protocol sections 2, 3 and 8).

/** Protocol versions that this server speaks. */
export const getVersion = endpoint({
  method: "GET",
  path: "version",
  caller: "anyone",
  summary: "Protocol versions that this server speaks.",
  answer: v.object({ versions: v.pipe(v.array(v.pipe(v.string(), v.maxLength(16))), v.minLength(1), v.maxLength(64)) }),
});

/** Name, software, domains, endpoints, limits and registration policy. */
export const getServerInformation = endpoint({
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

/** The whole record chain and the profile. */
export const getHistory = endpoint({
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

/** The last record and the profile. */
export const getMostRecent = endpoint({
  method: "GET",
  path: "get_user/{address}/most_recent",
  caller: "anyone",
  summary: "The last record and the profile.",
  params: addressPath,
  answer: v.object({ record: recordStatement, profile: v.nullable(profileText) }),
});

/** The current master key and where it stands in the chain. */
export const getPublicKey = endpoint({
  method: "GET",
  path: "get_user/{address}/public_key",
  caller: "anyone",
  summary: "The current master key and where it stands in the chain.",
  params: addressPath,
  answer: v.object({ public_key: publicKey, sequence, link: hex32 }),
});

/** Creates an account with a one-time code. */
export const initializeAccount = endpoint({
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

/** Appends a record; it authenticates itself. */
export const updateProfile = endpoint({
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

/** The avatar's image, where the profile names one. */
export const getUserAvatar = endpoint({
  method: "GET",
  path: "user_avatar/{address}",
  caller: "anyone",
  summary: "The avatar's image, where the profile names one.",
  params: addressPath,
  answer: "bytes",
});

/** Stores the avatar's image, PNG or JPEG; it is shown once the profile names it. */
export const postUserAvatar = endpoint({
  method: "POST",
  path: "user_avatar",
  caller: "owner",
  summary: "Stores the avatar's image, PNG or JPEG; it is shown once the profile names its hash.",
  body: "bytes",
  maxBody: MAX_AVATAR_BYTES,
  answer: v.object({ hash: hex32 }),
});

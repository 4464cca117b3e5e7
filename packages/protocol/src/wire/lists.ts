import * as v from "valibot";
import { MAX_ADDRESS_LENGTH } from "../address.ts";
import { MAX_LIST_PAGE, MAX_NOTE_BYTES } from "../limits.ts";
import { b64UpTo, hex32, timestamp } from "../schema.ts";
import { endpoint } from "./shapes.ts";

// Whom an owner lets in and keeps out (protocol section 8).

const listPath = v.object({ hash: hex32 });
const note = v.nullable(b64UpTo(MAX_NOTE_BYTES));
const newListEntry = v.object({
  // An address or `#domain`; which of the two it is, and whether it is one, is the parser's of list entries.
  entry: v.pipe(v.string(), v.maxLength(MAX_ADDRESS_LENGTH)),
  note,
});
const page = {
  query: v.object({ cursor: v.optional(hex32) }),
  answer: v.object({
    entries: v.pipe(v.array(v.object({ hash: hex32, note, created_at: timestamp })), v.maxLength(MAX_LIST_PAGE)),
    cursor: v.nullable(hex32),
  }),
};
const listHash = v.object({ hash: hex32 });

/** Whom the owner lets in. */
export const getAllowlist = endpoint({ method: "GET", path: "allowlist", caller: "owner", summary: "Whom the owner lets in.", ...page });

/** Lets somebody in, or replaces the note of an entry. */
export const addToAllowlist = endpoint({
  method: "POST",
  path: "allowlist",
  caller: "owner",
  summary: "Lets somebody in, or replaces the note of an entry.",
  body: newListEntry,
  answer: listHash,
});

/** Takes an entry away. */
export const removeFromAllowlist = endpoint({
  method: "DELETE",
  path: "allowlist/{hash}",
  caller: "owner",
  summary: "Takes an entry away.",
  params: listPath,
});

/** Whom the owner keeps out. */
export const getBlocklist = endpoint({ method: "GET", path: "blocklist", caller: "owner", summary: "Whom the owner keeps out.", ...page });

/** Keeps somebody out, or replaces the note of an entry. */
export const addToBlocklist = endpoint({
  method: "POST",
  path: "blocklist",
  caller: "owner",
  summary: "Keeps somebody out, or replaces the note of an entry.",
  body: newListEntry,
  answer: listHash,
});

/** Takes an entry away. */
export const removeFromBlocklist = endpoint({
  method: "DELETE",
  path: "blocklist/{hash}",
  caller: "owner",
  summary: "Takes an entry away.",
  params: listPath,
});

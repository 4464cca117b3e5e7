import * as v from "valibot";
import { hex32 } from "../schema.ts";
import { endpoint, smallStatement, state } from "./shapes.ts";

// The end of an account, and its way to another server (protocol section 8).

/** Deletes an account; the statement authenticates itself. */
export const deleteAccount = endpoint({
  method: "DELETE",
  path: "account",
  caller: "anyone",
  summary: "Deletes an account; the statement authenticates itself.",
  body: smallStatement,
});

/** Everything that the server holds of an account, as lines of `export-line.ts`. */
export const exportAccount = endpoint({
  method: "GET",
  path: "export",
  caller: "owner",
  summary: "Everything that the server holds of an account; with since, only messages that came after that state.",
  query: v.object({ since: v.optional(state) }),
  answer: "ndjson",
});

/** Takes over an account that was exported elsewhere. */
export const importAccount = endpoint({
  method: "POST",
  path: "import_account",
  caller: "session",
  summary: "Takes over an account that was exported elsewhere: NDJSON, whose first line holds a code, then the lines of the export.",
  body: "bytes",
  mediaType: "application/x-ndjson",
  answer: v.object({ link: hex32 }),
});

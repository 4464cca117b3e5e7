import * as v from "valibot";
import { b64, timestamp } from "../schema.ts";
import { smallStatement, addressPath, endpoint } from "./shapes.ts";

// Logging in and out (protocol section 5).

/** A challenge to sign. */
export const getSessionChallenge = endpoint({
  method: "GET",
  path: "create_session/{address}",
  caller: "anyone",
  summary: "A challenge to sign.",
  params: addressPath,
  answer: v.object({ token: b64(32), expires_at: timestamp }),
});

/** A session for a signed challenge. */
export const createSession = endpoint({
  method: "POST",
  path: "create_session/{address}",
  caller: "anyone",
  summary: "A session for a signed challenge.",
  params: addressPath,
  body: smallStatement,
  answer: v.object({ authentication_token: b64(32), expires_at: timestamp, local: v.boolean() }),
});

/** Ends the session at once. */
export const destroySession = endpoint({
  method: "POST",
  path: "destroy_session",
  caller: "session",
  summary: "Ends the session at once.",
});

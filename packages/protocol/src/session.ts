import * as v from "valibot";
import type { Address } from "./address.ts";
import type { BaseUrl } from "./base-url.ts";
import { parseJson } from "./json.ts";
import { MAX_CLOCK_SKEW } from "./limits.ts";
import { SmimpError } from "./problem.ts";
import { b64, normalAddress, parseShape, timestamp } from "./schema.ts";
import { signStatement, verifyStatement, type PublicKey, type SigningKey, type Statement } from "./statement.ts";
import { secondsBetween, type Timestamp } from "./time.ts";
import { unlessRefused } from "./unless-refused.ts";

/** Whose key opened a session (protocol section 5). */
export type SessionRole = "master" | "recovery";

/** The members of a session statement (protocol section 5). */
export const sessionDocument = v.object({
  // A wrong server must be told apart from a malformed one, so any text may stand here.
  server: v.string(),
  address: normalAddress,
  token: b64(32),
  role: v.picklist(["master", "recovery"]),
  issued_at: timestamp,
});

/** What a client signs to log in. */
export interface NewSession {
  /** The base URL that the client connected to. */
  readonly server: BaseUrl;
  readonly address: Address;
  /** The server's challenge, `b64` of 32 bytes. */
  readonly token: string;
  readonly role: SessionRole;
  readonly issuedAt: Timestamp;
  /** The master key, or the recovery key for role `recovery`. */
  readonly key: SigningKey;
}

/** Signs a server's challenge (protocol section 5). */
export function signSession({ server, address, token, role, issuedAt, key }: NewSession): Statement {
  return signStatement("session", key, JSON.stringify({ server, address, token, role, issued_at: issuedAt }));
}

/** What the server knows. */
export interface SessionCheck {
  readonly statement: Statement;
  /** The server's configured base URL, never the Host header. */
  readonly server: BaseUrl;
  readonly address: Address;
  /** The challenge that was handed out, `b64`. */
  readonly token: string;
  readonly now: Timestamp;
  readonly publicKey: PublicKey;
  readonly recoveryKey: PublicKey;
}

/**
 * Checks a signed challenge (protocol section 5). `role` is read only to choose among the two known keys; nothing else
 * counts before the signature holds. Throws `bad_signature`, `bad_request`, `wrong_server` or `unauthenticated`.
 */
export function checkSession({ statement, server, address, token, now, publicKey, recoveryKey }: SessionCheck): {
  readonly role: SessionRole;
} {
  const document = parseShape(sessionDocument, parseJson(statement.data));
  verifyStatement("session", document.role === "recovery" ? recoveryKey : publicKey, statement);
  if (document.server !== server) throw new SmimpError("wrong_server", "this session was signed for another server");
  if (document.address !== address) throw unauthenticated("this session was signed for another address");
  if (document.token !== token) throw unauthenticated("this session was signed for another challenge");
  if (Math.abs(secondsBetween(document.issued_at, now)) > MAX_CLOCK_SKEW)
    throw unauthenticated("this session was signed at another time: check the clock");
  return { role: document.role };
}

/** The challenge that a statement names, read only to find what the server handed out; nothing is verified yet. Undefined where there is none. */
export function claimedToken(statement: Statement): string | undefined {
  return unlessRefused(
    () => parseShape(sessionDocument, parseJson(statement.data)).token,
    () => undefined,
  );
}

function unauthenticated(detail: string): SmimpError {
  return new SmimpError("unauthenticated", detail);
}

import * as v from "valibot";
import type { Address } from "./address.ts";
import { parseJson } from "./json.ts";
import { MAX_ASSERTION_LIFE, MAX_ASSERTION_SKEW } from "./limits.ts";
import { SmimpError } from "./problem.ts";
import { normalAddress, parseShape, sequence, timestamp } from "./schema.ts";
import { signStatement, verifyStatement, type PublicKey, type SigningKey, type Statement } from "./statement.ts";
import { addSeconds, secondsBetween, type Timestamp } from "./time.ts";

/** The members of an assertion (protocol section 11). */
export const assertionDocument = v.object({
  audience: v.string(),
  address: normalAddress,
  nonce: v.string(),
  issued_at: timestamp,
  expires_at: timestamp,
  sequence,
});

/** What a person's client signs to sign in at a site. */
export interface NewAssertion {
  /** The site's exact origin, taken from the browser or the redirect target, never from a parameter. */
  readonly audience: string;
  readonly address: Address;
  /** The text that the site chose. */
  readonly nonce: string;
  readonly issuedAt: Timestamp;
  /** At most five minutes after `issuedAt`. */
  readonly expiresAt: Timestamp;
  /** That of the last record. */
  readonly sequence: number;
  readonly master: SigningKey;
}

/** Signs an assertion (protocol section 11). */
export function signAssertion(assertion: NewAssertion): Statement {
  const { audience, address, nonce, issuedAt, expiresAt, master } = assertion;
  const document = { audience, address, nonce, issued_at: issuedAt, expires_at: expiresAt, sequence: assertion.sequence };
  return signStatement("assertion", master, JSON.stringify(document));
}

/** What the site knows. */
export interface AssertionCheck {
  readonly statement: Statement;
  /** The site's own origin. */
  readonly audience: string;
  readonly address: Address;
  /** The nonce that this browser session was given. */
  readonly nonce: string;
  readonly now: Timestamp;
  /** The last record of the address, fetched and held against the pin. */
  readonly head: { readonly public_key: PublicKey; readonly sequence: number };
}

/**
 * Checks an assertion (protocol section 11). Throws `bad_signature`, `bad_request`, `audience_mismatch`,
 * `nonce_mismatch` or `assertion_expired`.
 */
export function checkAssertion({ statement, audience, address, nonce, now, head }: AssertionCheck): {
  readonly address: Address;
  readonly sequence: number;
} {
  verifyStatement("assertion", head.public_key, statement);
  const document = parseShape(assertionDocument, parseJson(statement.data));
  if (document.audience !== audience) throw new SmimpError("audience_mismatch", "this assertion is meant for another site");
  if (document.address !== address) throw new SmimpError("bad_request", "this assertion is that of another address");
  if (document.nonce !== nonce) throw new SmimpError("nonce_mismatch", "this assertion answers another request");
  if (document.sequence !== head.sequence) throw new SmimpError("bad_request", "this assertion was not made with the last record");
  const life = secondsBetween(document.issued_at, document.expires_at);
  if (life <= 0 || life > MAX_ASSERTION_LIFE) throw new SmimpError("bad_request", "this assertion's life is not allowed");
  if (document.issued_at > addSeconds(now, MAX_ASSERTION_SKEW)) throw new SmimpError("bad_request", "this assertion is dated ahead");
  if (document.expires_at <= now) throw new SmimpError("assertion_expired", "this assertion has expired");
  return { address: document.address, sequence: document.sequence };
}

import * as v from "valibot";
import type { Address } from "./address.ts";
import type { BaseUrl } from "./base-url.ts";
import type { Hex32 } from "./bytes.ts";
import { parseJson } from "./json.ts";
import { MAX_CLOCK_SKEW } from "./limits.ts";
import { SmimpError } from "./problem.ts";
import { baseUrl, hex32, normalAddress, parseShape, timestamp } from "./schema.ts";
import { signStatement, verifyStatement, type PublicKey, type SigningKey, type Statement } from "./statement.ts";
import { secondsBetween, type Timestamp } from "./time.ts";

/** The members of a deletion (protocol section 8, Account). */
export const deletionDocument = v.object({ address: normalAddress, server: baseUrl, link: hex32, issued_at: timestamp });

/** What the owner of an account signs to delete it. */
export interface NewDeletion {
  readonly address: Address;
  readonly server: BaseUrl;
  /** Link of the head of the chain. */
  readonly link: Hex32;
  readonly issuedAt: Timestamp;
  /** The recovery key. */
  readonly recovery: SigningKey;
}

/** Signs the deletion of an account (protocol section 8, Account). */
export function signDeletion({ address, server, link, issuedAt, recovery }: NewDeletion): Statement {
  return signStatement("deletion", recovery, JSON.stringify({ address, server, link, issued_at: issuedAt }));
}

/** What the server knows. */
export interface DeletionCheck {
  readonly statement: Statement;
  readonly address: Address;
  readonly server: BaseUrl;
  readonly link: Hex32;
  readonly now: Timestamp;
  readonly recoveryKey: PublicKey;
}

/** The address that a deletion names, read only to find the account; nothing is verified yet (protocol section 1). Throws `bad_request`, `bad_address`. */
export function claimedDeletion(statement: Statement): Address {
  return parseShape(deletionDocument, parseJson(statement.data)).address;
}

/** Checks a deletion (protocol section 8, Account). Throws `bad_signature`, `bad_request`, `wrong_server`, `conflict` or `unauthenticated`. */
export function checkDeletion({ statement, address, server, link, now, recoveryKey }: DeletionCheck): void {
  verifyStatement("deletion", recoveryKey, statement);
  const document = parseShape(deletionDocument, parseJson(statement.data));
  if (document.server !== server) throw new SmimpError("wrong_server", "this deletion was signed for another server");
  if (document.address !== address) throw new SmimpError("unauthenticated", "this deletion was signed for another address");
  if (Math.abs(secondsBetween(document.issued_at, now)) > MAX_CLOCK_SKEW) {
    throw new SmimpError("unauthenticated", "this deletion was signed at another time: check the clock");
  }
  if (document.link !== link) throw new SmimpError("conflict", "the history has moved on since this deletion was signed");
}

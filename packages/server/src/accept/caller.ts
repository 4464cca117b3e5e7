import {
  fromB64,
  hash,
  isSmimpError,
  SmimpError,
  toHex32,
  type Address,
  type Hex32,
  type PublicKey,
  type Timestamp,
} from "@smimp/protocol";
import type { Store } from "../store/store.ts";

/** Bytes of a session token and of a challenge (protocol section 5). */
export const TOKEN_BYTES = 32;

/** Who makes an authenticated request. */
export interface Caller {
  readonly address: Address;
  readonly role: "master" | "recovery";
  /** Only the hash of the token is known from here on (protocol section 5). */
  readonly session: Hex32;
  readonly expiresAt: Timestamp;
  /** The head of a local account's chain; null for an address of another server. */
  readonly local: { readonly publicKey: PublicKey; readonly link: Hex32 } | null;
}

/** H of a token as it travels. Throws `unauthenticated` where it is none. */
export function hashToken(token: string): Hex32 {
  try {
    return toHex32(hash(fromB64(token, TOKEN_BYTES)));
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    throw new SmimpError("unauthenticated", "this is no session token");
  }
}

/** The caller of a request by its session token. Throws `unauthenticated` or `session_expired`. */
export function authenticate(store: Store, token: string | undefined, now: Timestamp): Promise<Caller> {
  if (token === undefined) return Promise.reject(new SmimpError("unauthenticated", "log in first"));
  return findCaller(store, hashToken(token), now);
}

/** The caller by the hash of the token. Throws as `authenticate` does. */
export function findCaller(store: Store, session: Hex32, now: Timestamp): Promise<Caller> {
  return store.read(async (reader) => {
    const found = await reader.sessions.find(session);
    if (found === null) throw new SmimpError("unauthenticated", "there is no such session");
    const { address, role, expiresAt } = found;
    if (expiresAt <= now) throw new SmimpError("session_expired", "log in again");
    if (!found.local) return { address, role, session, expiresAt, local: null };
    const account = await reader.accounts.find(address);
    if (account === null || account.disabledAt !== null) throw new SmimpError("unauthenticated", "this account is not in service");
    return { address, role, session, expiresAt, local: { publicKey: account.head.publicKey, link: account.head.link } };
  });
}

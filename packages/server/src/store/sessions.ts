import type { Address, Hex32, Timestamp } from "@smimp/protocol";

/** A session; of its token only the hash is known here (protocol section 5). */
export interface Session {
  /** H(token bytes). */
  readonly tokenHash: Hex32;
  readonly address: Address;
  readonly role: "master" | "recovery";
  /** Whether the address is one of this server's. */
  readonly local: boolean;
  readonly expiresAt: Timestamp;
}

/** Questions about sessions. */
export interface SessionsReader {
  /** The session, an expired one too until it is cleaned away: the caller compares `expiresAt`. */
  find(tokenHash: Hex32): Promise<Session | null>;
}

/** Changes of challenges and sessions. */
export interface SessionsWriter extends SessionsReader {
  createChallenge(challenge: { readonly tokenHash: Hex32; readonly address: Address; readonly expiresAt: Timestamp }): Promise<void>;
  /** Takes a challenge away: true exactly once, if it was for this address and is not expired. */
  takeChallenge(tokenHash: Hex32, address: Address, now: Timestamp): Promise<boolean>;
  create(session: Session): Promise<void>;
  /** Ends a session. False: there was none. */
  end(tokenHash: Hex32): Promise<boolean>;
  /** Ends all sessions and challenges of an address. Resolves with the number of sessions. */
  endAll(address: Address): Promise<number>;
}

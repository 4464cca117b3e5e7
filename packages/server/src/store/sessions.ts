import type { Address, Hex32, Timestamp } from "@smimp/protocol";
import type { Queries } from "./schema.ts";

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

/** Challenges and sessions in SQL. */
export class SqlSessions implements SessionsWriter {
  readonly #db: Queries;

  constructor(db: Queries) {
    this.#db = db;
  }

  async find(tokenHash: Hex32): Promise<Session | null> {
    const row = await this.#db.selectFrom("sessions").selectAll().where("token_hash", "=", tokenHash).executeTakeFirst();
    if (row === undefined) return null;
    return { tokenHash, address: row.address, role: row.role, local: row.local === 1, expiresAt: row.expires_at };
  }

  async createChallenge(challenge: Parameters<SessionsWriter["createChallenge"]>[0]): Promise<void> {
    const { tokenHash, address, expiresAt } = challenge;
    await this.#db.insertInto("session_challenges").values({ token_hash: tokenHash, address, expires_at: expiresAt }).execute();
  }

  async takeChallenge(tokenHash: Hex32, address: Address, now: Timestamp): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom("session_challenges")
      .where("token_hash", "=", tokenHash)
      .where("address", "=", address)
      .where("expires_at", ">", now)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  async create(session: Session): Promise<void> {
    const { tokenHash, address, role, local, expiresAt } = session;
    await this.#db
      .insertInto("sessions")
      .values({ token_hash: tokenHash, address, role, local: local ? 1 : 0, expires_at: expiresAt })
      .execute();
  }

  async end(tokenHash: Hex32): Promise<boolean> {
    return (await this.#db.deleteFrom("sessions").where("token_hash", "=", tokenHash).executeTakeFirst()).numDeletedRows > 0n;
  }

  async endAll(address: Address): Promise<number> {
    await this.#db.deleteFrom("session_challenges").where("address", "=", address).execute();
    return Number((await this.#db.deleteFrom("sessions").where("address", "=", address).executeTakeFirst()).numDeletedRows);
  }
}

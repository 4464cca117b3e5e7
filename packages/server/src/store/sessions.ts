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
  /** What ended after a position, in any process, and the position that this tells up to. */
  endedSince(position: number): Promise<{ readonly position: number; readonly ended: readonly EndedAccess[] }>;
  /** The position of what ended last. */
  endedPosition(): Promise<number>;
}

/** A session that ended, or with `session` null all of an address. */
export interface EndedAccess {
  readonly address: Address;
  readonly session: Hex32 | null;
}

/** Changes of challenges and sessions. */
export interface SessionsWriter extends SessionsReader {
  createChallenge(challenge: { readonly tokenHash: Hex32; readonly address: Address; readonly expiresAt: Timestamp }): Promise<void>;
  /** Takes a challenge away: true exactly once, if it was for this address and is not expired. */
  takeChallenge(tokenHash: Hex32, address: Address, now: Timestamp): Promise<boolean>;
  create(session: Session): Promise<void>;
  /** Ends those of an address that run out first, beyond so many. */
  endOldest(address: Address, most: number): Promise<void>;
  /** Ends a session. False: there was none. */
  end(tokenHash: Hex32): Promise<boolean>;
  /** Ends those of an address that its recovery key opened. Resolves with their names. */
  endRecovery(address: Address): Promise<readonly Hex32[]>;
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

  async endedSince(position: number): ReturnType<SessionsReader["endedSince"]> {
    const rows = await this.#db.selectFrom("ended_access").selectAll().where("position", ">", position).orderBy("position").execute();
    return {
      position: rows.at(-1)?.position ?? position,
      ended: rows.map((row) => ({ address: row.address, session: row.token_hash })),
    };
  }

  async endedPosition(): Promise<number> {
    const row = await this.#db.selectFrom("ended_access").select("position").orderBy("position", "desc").limit(1).executeTakeFirst();
    return row?.position ?? 0;
  }

  async endOldest(address: Address, most: number): Promise<void> {
    const query = this.#db.selectFrom("sessions").select("token_hash").where("address", "=", address).orderBy("expires_at", "desc");
    for (const { token_hash } of await query.orderBy("token_hash").limit(-1).offset(most).execute()) await this.end(token_hash);
  }

  async end(tokenHash: Hex32): Promise<boolean> {
    const row = await this.#db.deleteFrom("sessions").where("token_hash", "=", tokenHash).returning("address").executeTakeFirst();
    if (row === undefined) return false;
    await this.#db.insertInto("ended_access").values({ address: row.address, token_hash: tokenHash }).execute();
    return true;
  }

  async endRecovery(address: Address): Promise<readonly Hex32[]> {
    const query = this.#db.selectFrom("sessions").select("token_hash").where("address", "=", address).where("role", "=", "recovery");
    const sessions = (await query.execute()).map(({ token_hash }) => token_hash);
    for (const session of sessions) await this.end(session);
    return sessions;
  }

  endAll(address: Address): Promise<number> {
    return endAccess(this.#db, address);
  }
}

/** Ends all sessions and challenges of an address, in every process. Resolves with the number of sessions. */
export async function endAccess(db: Queries, address: Address): Promise<number> {
  await db.deleteFrom("session_challenges").where("address", "=", address).execute();
  const { numDeletedRows } = await db.deleteFrom("sessions").where("address", "=", address).executeTakeFirst();
  await db.insertInto("ended_access").values({ address, token_hash: null }).execute();
  return Number(numDeletedRows);
}

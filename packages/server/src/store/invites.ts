import type { Address, Hex32, Timestamp } from "@smimp/protocol";
import type { Selectable } from "kysely";
import type { Database, Queries } from "./schema.ts";

/** An invite; of its code only the hash is known here (protocol section 8). */
export interface Invite {
  /** H(utf8(code)). */
  readonly codeHash: Hex32;
  /** The address it is for; null: any free one. */
  readonly address: Address | null;
  readonly createdAt: Timestamp;
  readonly expiresAt: Timestamp;
  readonly usedAt: Timestamp | null;
  readonly usedBy: Address | null;
}

/** Questions about invites. */
export interface InvitesReader {
  find(codeHash: Hex32): Promise<Invite | null>;
  /** Whether an unused, unexpired one is for this address alone. */
  isOpenFor(address: Address, now: Timestamp): Promise<boolean>;
  /** Whether an unused, unexpired one is for any address. */
  isOpenForAny(now: Timestamp): Promise<boolean>;
  /** All, newest first. */
  list(): Promise<readonly Invite[]>;
}

/** Changes of invites. */
export interface InvitesWriter extends InvitesReader {
  create(invite: Pick<Invite, "codeHash" | "address" | "createdAt" | "expiresAt">): Promise<void>;
  /** Uses an invite up: true exactly once, for an unexpired one that is for this address or for any. */
  use(codeHash: Hex32, address: Address, now: Timestamp): Promise<boolean>;
}

/** Invites in SQL. */
export class SqlInvites implements InvitesWriter {
  readonly #db: Queries;

  constructor(db: Queries) {
    this.#db = db;
  }

  async find(codeHash: Hex32): Promise<Invite | null> {
    const row = await this.#db.selectFrom("invites").selectAll().where("code_hash", "=", codeHash).executeTakeFirst();
    return row === undefined ? null : toInvite(row);
  }

  isOpenFor(address: Address, now: Timestamp): Promise<boolean> {
    return this.#isOpen(address, now);
  }

  isOpenForAny(now: Timestamp): Promise<boolean> {
    return this.#isOpen(null, now);
  }

  async list(): Promise<readonly Invite[]> {
    const rows = await this.#db.selectFrom("invites").selectAll().orderBy("created_at", "desc").orderBy("code_hash").execute();
    return rows.map(toInvite);
  }

  async create(invite: Parameters<InvitesWriter["create"]>[0]): Promise<void> {
    const { codeHash, address, createdAt, expiresAt } = invite;
    const row = { code_hash: codeHash, address, created_at: createdAt, expires_at: expiresAt, used_at: null, used_by: null };
    await this.#db.insertInto("invites").values(row).execute();
  }

  async use(codeHash: Hex32, address: Address, now: Timestamp): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable("invites")
      .set({ used_at: now, used_by: address })
      .where("code_hash", "=", codeHash)
      .where("used_at", "is", null)
      .where("expires_at", ">", now)
      .where((eb) => eb.or([eb("address", "is", null), eb("address", "=", address)]))
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async #isOpen(address: Address | null, now: Timestamp): Promise<boolean> {
    const row = await this.#db
      .selectFrom("invites")
      .select("code_hash")
      .where("address", "is", address)
      .where("used_at", "is", null)
      .where("expires_at", ">", now)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }
}

function toInvite(row: Selectable<Database["invites"]>): Invite {
  return {
    codeHash: row.code_hash,
    address: row.address,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    usedBy: row.used_by,
  };
}

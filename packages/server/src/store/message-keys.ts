import { addSeconds, MIN_ISSUE_LIFE, SmimpError, type Address, type Hex32, type Statement, type Timestamp } from "@smimp/protocol";
import { sql } from "kysely";
import type { Queries } from "./schema.ts";

/** Kinds of message keys (protocol section 4). */
export type MessageKeyKind = "ephemeral" | "non_ephemeral";

/** What became of a message key: `held` (a single-use one: not issued yet), `issued`, or `void`. Only the first ever changes. */
export type MessageKeyState = "held" | "issued" | "void";

/** A verified message key, ready to be stored or given out. */
export interface MessageKeyRow {
  readonly keyId: Hex32;
  readonly statement: Statement;
  readonly expiresAt: Timestamp;
}

/** Questions about message keys. */
export interface MessageKeysReader {
  /** Ids of single-use keys that are held, not expired: what `GET ephemeral_keys` answers. */
  heldIds(address: Address, now: Timestamp): Promise<readonly Hex32[]>;
  /** The non-ephemeral key, an expired one too; null before the account is initialised or after all keys were made void. */
  nonEphemeral(address: Address): Promise<MessageKeyRow | null>;
  /** What is known of a key id of this account. */
  find(
    address: Address,
    keyId: Hex32,
  ): Promise<{ readonly kind: MessageKeyKind; readonly state: MessageKeyState; readonly expiresAt: Timestamp } | null>;
}

/**
 * Changes of message keys. A key id stays known for ever, so a key that was issued or made void is never issued, however often
 * it is uploaded (protocol section 4). Limits on how many are held are the caller's: it throws when a count is too high.
 */
export interface MessageKeysWriter extends MessageKeysReader {
  /** Adds single-use keys; known ones are passed over, and those that have expired are void. Resolves with how many are held afterwards. */
  add(address: Address, keys: readonly MessageKeyRow[], now: Timestamp): Promise<number>;
  /** Makes held single-use keys that are not among `keys` void, and adds the others. Resolves with how many are held afterwards. */
  replaceHeld(address: Address, keys: readonly MessageKeyRow[], now: Timestamp): Promise<number>;
  /** Sets the one non-ephemeral key; the one before is void. Throws `conflict` where this key was void or single-use already. */
  setNonEphemeral(address: Address, key: MessageKeyRow): Promise<void>;
  /** Issues a held single-use key with at least 24 h left, oldest expiry first: each at most once ever. Null: none left. */
  issue(address: Address, now: Timestamp): Promise<MessageKeyRow | null>;
  /** Makes all keys of an account void, the non-ephemeral one too (a new master key, protocol section 3). */
  voidAll(address: Address): Promise<void>;
  /** Makes every held single-use key of every account void, as after restoring a backup. Resolves with their number. */
  voidAllHeld(): Promise<number>;
}

/** Message keys in SQL. */
export class SqlMessageKeys implements MessageKeysWriter {
  readonly #db: Queries;

  constructor(db: Queries) {
    this.#db = db;
  }

  async heldIds(address: Address, now: Timestamp): Promise<readonly Hex32[]> {
    const rows = await this.#db
      .selectFrom("message_keys")
      .select("key_id")
      .where("address", "=", address)
      .where("kind", "=", sql.lit("ephemeral"))
      .where("state", "=", sql.lit("held"))
      .where("expires_at", ">", now)
      .orderBy("expires_at")
      .orderBy("key_id")
      .execute();
    return rows.map((row) => row.key_id);
  }

  async nonEphemeral(address: Address): Promise<MessageKeyRow | null> {
    const row = await this.#db
      .selectFrom("message_keys")
      .select(["key_id", "data", "signature", "expires_at"])
      .where("address", "=", address)
      .where("kind", "=", sql.lit("non_ephemeral"))
      .where("state", "=", sql.lit("held"))
      .executeTakeFirst();
    return row === undefined ? null : toKey(row);
  }

  async find(address: Address, keyId: Hex32): ReturnType<MessageKeysReader["find"]> {
    const row = await this.#db
      .selectFrom("message_keys")
      .select(["kind", "state", "expires_at"])
      .where("address", "=", address)
      .where("key_id", "=", keyId)
      .executeTakeFirst();
    return row === undefined ? null : { kind: row.kind, state: row.state, expiresAt: row.expires_at };
  }

  async add(address: Address, keys: readonly MessageKeyRow[], now: Timestamp): Promise<number> {
    // Their owner forgets the secrets of expired keys: a clock that goes back must not bring them back.
    await this.#db
      .updateTable("message_keys")
      .set({ state: "void", data: null, signature: null })
      .where("address", "=", address)
      .where("kind", "=", sql.lit("ephemeral"))
      .where("state", "=", sql.lit("held"))
      .where("expires_at", "<=", now)
      .execute();
    for (const key of keys) {
      const row = toRow(address, "ephemeral", key);
      await this.#db
        .insertInto("message_keys")
        .values(row)
        .onConflict((oc) => oc.columns(["address", "key_id"]).doNothing())
        .execute();
    }
    return (await this.heldIds(address, now)).length;
  }

  async replaceHeld(address: Address, keys: readonly MessageKeyRow[], now: Timestamp): Promise<number> {
    const kept = keys.map((key) => key.keyId);
    let query = this.#db
      .updateTable("message_keys")
      .set({ state: "void", data: null, signature: null })
      .where("address", "=", address)
      .where("kind", "=", sql.lit("ephemeral"))
      .where("state", "=", sql.lit("held"));
    if (kept.length > 0) query = query.where("key_id", "not in", kept);
    await query.execute();
    return await this.add(address, keys, now);
  }

  async setNonEphemeral(address: Address, key: MessageKeyRow): Promise<void> {
    const known = await this.find(address, key.keyId);
    if (known !== null && (known.kind !== "non_ephemeral" || known.state !== "held")) {
      throw new SmimpError("conflict", "this message key was used before");
    }
    await this.#db
      .updateTable("message_keys")
      .set({ state: "void", data: null, signature: null })
      .where("address", "=", address)
      .where("kind", "=", sql.lit("non_ephemeral"))
      .where("state", "=", sql.lit("held"))
      .where("key_id", "<>", key.keyId)
      .execute();
    const row = toRow(address, "non_ephemeral", key);
    // The same key with a new statement lives on under the new one.
    await this.#db
      .insertInto("message_keys")
      .values(row)
      .onConflict((oc) =>
        oc.columns(["address", "key_id"]).doUpdateSet({ data: row.data, signature: row.signature, expires_at: row.expires_at }),
      )
      .execute();
  }

  async issue(address: Address, now: Timestamp): Promise<MessageKeyRow | null> {
    // One statement picks and marks, so no two requests, connections or nodes are given the same key (protocol section 4).
    const row = await this.#db
      .updateTable("message_keys")
      .set({ state: "issued" })
      .where("address", "=", address)
      .where("state", "=", sql.lit("held"))
      .where("key_id", "=", (eb) =>
        eb
          .selectFrom("message_keys")
          .select("key_id")
          .where("address", "=", address)
          .where("kind", "=", sql.lit("ephemeral"))
          .where("state", "=", sql.lit("held"))
          .where("expires_at", ">=", addSeconds(now, MIN_ISSUE_LIFE))
          .orderBy("expires_at")
          .orderBy("key_id")
          .limit(1),
      )
      .returning(["key_id", "data", "signature", "expires_at"])
      .executeTakeFirst();
    if (row === undefined) return null;
    // The statement is on its way and never needed here again; the id stays.
    await this.#db
      .updateTable("message_keys")
      .set({ data: null, signature: null })
      .where("address", "=", address)
      .where("key_id", "=", row.key_id)
      .execute();
    return toKey(row);
  }

  async voidAll(address: Address): Promise<void> {
    await this.#db
      .updateTable("message_keys")
      .set({ state: "void", data: null, signature: null })
      .where("address", "=", address)
      .where("state", "=", sql.lit("held"))
      .execute();
  }

  async voidAllHeld(): Promise<number> {
    const { numUpdatedRows } = await this.#db
      .updateTable("message_keys")
      .set({ state: "void", data: null, signature: null })
      .where("kind", "=", sql.lit("ephemeral"))
      .where("state", "=", sql.lit("held"))
      .executeTakeFirst();
    return Number(numUpdatedRows);
  }
}

// Kind and state stand in the SQL as literals where an index is partial on them: SQLite uses it for those only.

function toRow(address: Address, kind: MessageKeyKind, key: MessageKeyRow) {
  const { data, signature } = key.statement;
  return { address, key_id: key.keyId, kind, state: "held" as const, data, signature, expires_at: key.expiresAt };
}

function toKey(row: { key_id: Hex32; data: string | null; signature: string | null; expires_at: Timestamp }): MessageKeyRow {
  if (row.data === null || row.signature === null) throw new TypeError("a held message key has its statement");
  return { keyId: row.key_id, statement: { data: row.data, signature: row.signature }, expiresAt: row.expires_at };
}

import type { Address, Hex32, Timestamp } from "@smimp/protocol";
import { sql } from "kysely";
import type { Queries } from "./schema.ts";

/** One of an account's two lists (protocol section 8). */
export type ListName = "allowlist" | "blocklist";

/** An entry as it is kept: what it is about is known as a keyed hash only. */
export interface ListEntryRow {
  readonly hash: Hex32;
  /** `b64`, sealed. */
  readonly note: string | null;
  readonly createdAt: Timestamp;
}

/** Questions about allow and block lists. */
export interface ListEntriesReader {
  /** Entries in the order of their hashes, from the one after `after`. */
  page(
    owner: Address,
    list: ListName,
    options: { readonly after?: Hex32 | undefined; readonly limit: number },
  ): Promise<readonly ListEntryRow[]>;
  count(owner: Address, list: ListName): Promise<number>;
  find(owner: Address, list: ListName, hash: Hex32): Promise<ListEntryRow | null>;
  /** In which list which of some hashes stand. */
  standing(owner: Address, hashes: readonly Hex32[]): Promise<readonly { readonly list: ListName; readonly hash: Hex32 }[]>;
}

/** Changes of allow and block lists. */
export interface ListEntriesWriter extends ListEntriesReader {
  /** Adds an entry; one that stands already keeps its time and gets the new note. */
  put(owner: Address, list: ListName, entry: ListEntryRow): Promise<void>;
  /** False: no such entry. */
  remove(owner: Address, list: ListName, hash: Hex32): Promise<boolean>;
}

/** Allow and block lists in SQL. */
export class SqlListEntries implements ListEntriesWriter {
  readonly #db: Queries;

  constructor(db: Queries) {
    this.#db = db;
  }

  async page(
    owner: Address,
    list: ListName,
    { after, limit }: { readonly after?: Hex32 | undefined; readonly limit: number },
  ): Promise<readonly ListEntryRow[]> {
    let query = this.#db.selectFrom("list_entries").selectAll().where("address", "=", owner).where("list", "=", list);
    if (after !== undefined) query = query.where("hash", ">", after);
    return (await query.orderBy("hash").limit(limit).execute()).map(({ hash, note, created_at: createdAt }) => ({ hash, note, createdAt }));
  }

  async count(owner: Address, list: ListName): Promise<number> {
    const { count } = await this.#db
      .selectFrom("list_entries")
      .select(sql<number>`count(*)`.as("count"))
      .where("address", "=", owner)
      .where("list", "=", list)
      .executeTakeFirstOrThrow();
    return count;
  }

  async find(owner: Address, list: ListName, hash: Hex32): Promise<ListEntryRow | null> {
    const query = this.#db
      .selectFrom("list_entries")
      .selectAll()
      .where("address", "=", owner)
      .where("list", "=", list)
      .where("hash", "=", hash);
    const row = await query.executeTakeFirst();
    return row === undefined ? null : { hash, note: row.note, createdAt: row.created_at };
  }

  standing(owner: Address, hashes: readonly Hex32[]): Promise<readonly { readonly list: ListName; readonly hash: Hex32 }[]> {
    return this.#db
      .selectFrom("list_entries")
      .select(["list", "hash"])
      .where("address", "=", owner)
      .where("list", "in", ["allowlist", "blocklist"])
      .where("hash", "in", hashes)
      .execute();
  }

  async put(owner: Address, list: ListName, { hash, note, createdAt }: ListEntryRow): Promise<void> {
    await this.#db
      .insertInto("list_entries")
      .values({ address: owner, list, hash, note, created_at: createdAt })
      .onConflict((oc) => oc.columns(["address", "list", "hash"]).doUpdateSet({ note }))
      .execute();
  }

  async remove(owner: Address, list: ListName, hash: Hex32): Promise<boolean> {
    const query = this.#db.deleteFrom("list_entries").where("address", "=", owner).where("list", "=", list).where("hash", "=", hash);
    return (await query.executeTakeFirst()).numDeletedRows > 0n;
  }
}

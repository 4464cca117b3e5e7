import type { Address } from "@smimp/protocol";
import { sql } from "kysely";
import type { BlobFile, Removals } from "./blob-files.ts";
import type { Queries } from "./schema.ts";
import type { Store } from "./store.ts";

/**
 * What belongs to an account and goes with it, in the order in which it may go, with the column that holds the account's address and
 * how many rows one transaction takes: few where rows are large, so that nobody waits long.
 */
const OWNED = [
  { table: "message_blobs", owner: "recipient", rows: 500, files: true },
  { table: "uploads", owner: "recipient", rows: 500, files: true },
  { table: "messages", owner: "recipient", rows: 100, files: false },
  { table: "folders", owner: "address", rows: 1_000, files: false },
  { table: "destroyed_messages", owner: "recipient", rows: 1_000, files: false },
  { table: "correspondents", owner: "recipient", rows: 1_000, files: false },
  { table: "issue_counters", owner: "recipient", rows: 1_000, files: false },
  { table: "stranger_issue_counters", owner: "recipient", rows: 1_000, files: false },
  { table: "message_keys", owner: "address", rows: 1_000, files: false },
  { table: "list_entries", owner: "address", rows: 1_000, files: false },
  { table: "avatars", owner: "address", rows: 2, files: false },
  { table: "hand_overs", owner: "address", rows: 100, files: false },
  { table: "keystores", owner: "address", rows: 4, files: false },
  { table: "sessions", owner: "address", rows: 1_000, files: false },
  { table: "session_challenges", owner: "address", rows: 1_000, files: false },
] as const satisfies readonly { table: string; owner: "recipient" | "address"; rows: number; files: boolean }[];

/** The tables whose rows go with the account that owns them. */
export const OWNED_TABLES: readonly string[] = OWNED.map(({ table }) => table);

/** Questions about accounts that were deleted, or whose import failed, and of which something is left. */
export interface DeparturesReader {
  /** Their addresses. */
  leaving(): Promise<readonly Address[]>;
}

/** Takes them away. */
export interface DeparturesWriter extends DeparturesReader {
  /** Makes what was left half-imported leave, as after a crash. For the serving process, before it serves. Resolves with the number. */
  abandonArrivals(): Promise<number>;
  /** Takes some of what a leaving account owned away; its blobs' files go after the commit. True: nothing is left of it. */
  takeSome(address: Address): Promise<boolean>;
}

/** Takes away all that is left of a leaving account, in small transactions between which others run. Of one that is not leaving, nothing goes. */
export async function takeAway(store: Store, address: Address): Promise<void> {
  while (!(await store.transact((writer) => writer.departures.takeSome(address))));
}

/** Departures in SQL. */
export class SqlDepartures implements DeparturesWriter {
  readonly #db: Queries;
  readonly #removals: Removals;

  constructor(db: Queries, removals: Removals) {
    this.#db = db;
    this.#removals = removals;
  }

  async leaving(): Promise<readonly Address[]> {
    const rows = await this.#db.selectFrom("accounts").select("address").where("phase", "=", sql.lit("leaving")).execute();
    return rows.map(({ address }) => address);
  }

  async abandonArrivals(): Promise<number> {
    const query = this.#db.updateTable("accounts").set({ phase: "leaving" }).where("phase", "=", sql.lit("arriving"));
    return Number((await query.executeTakeFirst()).numUpdatedRows);
  }

  async takeSome(address: Address): Promise<boolean> {
    const account = await this.#db.selectFrom("accounts").select("phase").where("address", "=", address).executeTakeFirst();
    if (account?.phase !== "leaving") return true;
    for (const { table, owner, rows, files } of OWNED) {
      const taken = files ? await this.#takeFiles(table, address, rows) : await this.#take(table, owner, address, rows);
      if (taken === rows) return false;
    }
    await this.#db.deleteFrom("accounts").where("address", "=", address).execute();
    return true;
  }

  async #take(table: string, owner: string, address: Address, rows: number): Promise<number> {
    const result = await sql`DELETE FROM ${sql.table(table)} WHERE rowid IN
      (SELECT rowid FROM ${sql.table(table)} WHERE ${sql.ref(owner)} = ${address} LIMIT ${rows})`.execute(this.#db);
    return Number(result.numAffectedRows ?? 0n);
  }

  async #takeFiles(table: string, address: Address, rows: number): Promise<number> {
    const result = await sql<{ file: BlobFile }>`DELETE FROM ${sql.table(table)} WHERE rowid IN
      (SELECT rowid FROM ${sql.table(table)} WHERE recipient = ${address} LIMIT ${rows}) RETURNING file`.execute(this.#db);
    for (const { file } of result.rows) this.#removals.push(file);
    return result.rows.length;
  }
}

import type { Removals } from "./blob-files.ts";
import type { Queries } from "./schema.ts";

/** How far states jump, so that none that a client saw after the backup was made is ever counted again. */
const STATE_JUMP = 1_000_000_000;

/** What was made void, besides message keys, after a backup was put back. */
export interface RestoreReport {
  readonly accounts: number;
  readonly tickets: number;
  readonly work: number;
  readonly sessions: number;
  /** Open invites: some may have been used since the backup. */
  readonly invites: number;
  /** Blobs that no message names: their tickets are void. */
  readonly uploads: number;
}

/** Makes void what an older copy of the database can't answer for (protocol section 4). */
export interface RestoringWriter {
  /** All but message keys, at once. Files of blobs go after the commit. */
  voidRest(): Promise<RestoreReport>;
}

/** Restoring in SQL. */
export class SqlRestoring implements RestoringWriter {
  readonly #db: Queries;
  readonly #removals: Removals;

  constructor(db: Queries, removals: Removals) {
    this.#db = db;
    this.#removals = removals;
  }

  async voidRest(): Promise<RestoreReport> {
    const uploads = await this.#db.deleteFrom("uploads").returning("file").execute();
    for (const { file } of uploads) this.#removals.push(file);
    // Clients ask from a state that this copy has not reached or has reached otherwise: all are told to list again.
    const accounts = await this.#db
      .updateTable("accounts")
      .set((eb) => ({ state: eb("state", "+", STATE_JUMP), changes_floor: eb("state", "+", STATE_JUMP) }))
      .where("phase", "=", "live")
      .executeTakeFirst();
    await this.#db.deleteFrom("session_challenges").execute();
    return {
      accounts: Number(accounts.numUpdatedRows),
      tickets: await this.#empty("tickets"),
      work: await this.#empty("work_demands"),
      sessions: await this.#empty("sessions"),
      invites: await this.#empty("invites"),
      uploads: uploads.length,
    };
  }

  async #empty(table: "tickets" | "work_demands" | "sessions" | "invites"): Promise<number> {
    let query = this.#db.deleteFrom(table);
    if (table === "invites") query = this.#db.deleteFrom("invites").where("used_at", "is", null);
    return Number((await query.executeTakeFirst()).numDeletedRows);
  }
}

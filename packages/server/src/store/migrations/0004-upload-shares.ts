import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const STATEMENTS = [
  // What each sender has uploaded for a recipient is asked with every upload.
  `CREATE INDEX uploads_by_recipient_and_sender ON uploads (recipient, sender, size)`,
  `DROP INDEX uploads_by_recipient`,
];

/** Shares of a recipient's room. */
export const uploadShares: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const STATEMENTS = [
  // An account that is still being imported, or that was deleted and is being taken away in pieces, is nobody's yet or any more.
  `ALTER TABLE accounts ADD COLUMN phase TEXT NOT NULL DEFAULT 'live' CHECK (phase IN ('live', 'arriving', 'leaving'))`,
  `CREATE INDEX accounts_not_live ON accounts (phase, address) WHERE phase <> 'live'`,
  // Null: the server's default; -1: no limit.
  `ALTER TABLE accounts ADD COLUMN quota_bytes INTEGER`,
  `CREATE INDEX invites_open ON invites (address, expires_at) WHERE used_at IS NULL`,
  // Which sessions ended, for every process that has event streams open.
  `CREATE TABLE ended_access (position INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT NOT NULL, token_hash TEXT)`,
  `CREATE TABLE prefix_issue_counters (prefix TEXT NOT NULL, day TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (prefix, day))`,
  `CREATE INDEX prefix_issue_counters_by_day ON prefix_issue_counters (day)`,
  `CREATE INDEX messages_by_age ON messages (received_at)`,
];

/** Accounts that leave or arrive, quotas of one account, access that ends on every node, retention. */
export const accountLife: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

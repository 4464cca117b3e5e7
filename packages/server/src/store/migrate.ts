import { Migrator, type Migration, type MigrationProvider } from "kysely/migration";
import { firstLight } from "./migrations/0001-first-light.ts";
import { mailboxWhole } from "./migrations/0002-mailbox-whole.ts";
import { accountLife } from "./migrations/0003-account-life.ts";
import { uploadShares } from "./migrations/0004-upload-shares.ts";
import type { Queries } from "./schema.ts";

/** All migrations by name, in the order of their names. Only ever added to. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001-first-light": firstLight,
  "0002-mailbox-whole": mailboxWhole,
  "0003-account-life": accountLife,
  "0004-upload-shares": uploadShares,
};

/**
 * Brings a database to the newest migration, all in one transaction: it is there wholly or not at all, and two processes that
 * start at once don't meet in it. Throws on a database that a newer release has migrated further.
 */
export async function migrate(db: Queries, migrations: Readonly<Record<string, Migration>> = MIGRATIONS): Promise<void> {
  const provider: MigrationProvider = { getMigrations: () => Promise.resolve({ ...migrations }) };
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error !== undefined) {
    throw new Error("the database can't be brought to this release's layout; was it used with a newer one?", { cause: error });
  }
}

import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const STATEMENTS = [
  // The account's state at the last change of a folder.
  `ALTER TABLE accounts ADD COLUMN folders_state INTEGER NOT NULL DEFAULT 0`,
  // `total` and `unread` are kept with every change of a message, so that a list of folders costs as much as it has folders.
  `CREATE TABLE folders (
    address TEXT NOT NULL REFERENCES accounts (address), name TEXT NOT NULL, message_type TEXT NOT NULL, parent TEXT, display_name TEXT,
    total INTEGER NOT NULL DEFAULT 0, unread INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (address, name), CHECK (unread BETWEEN 0 AND total))`,
  `CREATE INDEX folders_by_parent ON folders (address, parent) WHERE parent IS NOT NULL`,
  `CREATE INDEX messages_in_folder ON messages (recipient, folder, created_state) WHERE folder IS NOT NULL`,
  `CREATE TABLE list_entries (
    address TEXT NOT NULL REFERENCES accounts (address), list TEXT NOT NULL CHECK (list IN ('allowlist', 'blocklist')), hash TEXT NOT NULL,
    note TEXT, created_at TEXT NOT NULL, PRIMARY KEY (address, list, hash))`,
  `CREATE TABLE avatars (
    address TEXT NOT NULL REFERENCES accounts (address), hash TEXT NOT NULL, media_type TEXT NOT NULL CHECK (media_type IN ('image/png', 'image/jpeg')),
    bytes BLOB NOT NULL, named INTEGER NOT NULL CHECK (named IN (0, 1)), stored_at TEXT NOT NULL, PRIMARY KEY (address, hash))`,
  `CREATE UNIQUE INDEX avatars_named ON avatars (address) WHERE named = 1`,
  `CREATE INDEX avatars_unnamed ON avatars (stored_at) WHERE named = 0`,
  // Belongs to nobody: a new device has no account yet.
  `CREATE TABLE device_links (code TEXT NOT NULL PRIMARY KEY, public_key TEXT NOT NULL, sealed TEXT, expires_at TEXT NOT NULL)`,
  `CREATE INDEX device_links_by_expiry ON device_links (expires_at)`,
  `CREATE TABLE hand_overs (
    address TEXT NOT NULL REFERENCES accounts (address), code TEXT NOT NULL, public_key TEXT NOT NULL, sealed TEXT NOT NULL, expires_at TEXT NOT NULL,
    PRIMARY KEY (address, code))`,
  `CREATE INDEX hand_overs_by_expiry ON hand_overs (expires_at)`,
];

/** Folders, allow and block lists, avatars, links of devices and what is handed over to them. */
export const mailboxWhole: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

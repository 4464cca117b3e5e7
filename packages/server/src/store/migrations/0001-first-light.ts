import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

// Written out once and never edited after a release: later changes are further migrations, forward only.
const STATEMENTS = [
  `CREATE TABLE accounts (
    address TEXT NOT NULL PRIMARY KEY, sequence INTEGER NOT NULL, link TEXT NOT NULL, public_key TEXT NOT NULL, recovery_key TEXT NOT NULL,
    profile TEXT, list_key BLOB NOT NULL, created_at TEXT NOT NULL, disabled_at TEXT, state INTEGER NOT NULL, used_bytes INTEGER NOT NULL CHECK (used_bytes >= 0),
    changes_floor INTEGER NOT NULL)`,
  `CREATE TABLE records (
    address TEXT NOT NULL, sequence INTEGER NOT NULL, link TEXT NOT NULL, data TEXT NOT NULL, signature TEXT NOT NULL, new_key_signature TEXT,
    recovery_signature TEXT, signed_by TEXT NOT NULL CHECK (signed_by IN ('master', 'recovery')), accepted_at TEXT NOT NULL,
    PRIMARY KEY (address, sequence))`,
  `CREATE TABLE account_keys (public_key TEXT NOT NULL PRIMARY KEY, address TEXT NOT NULL)`,
  `CREATE TABLE address_tombstones (address TEXT NOT NULL PRIMARY KEY, deleted_at TEXT NOT NULL)`,
  `CREATE TABLE invites (
    code_hash TEXT NOT NULL PRIMARY KEY, address TEXT, created_at TEXT NOT NULL, expires_at TEXT NOT NULL, used_at TEXT, used_by TEXT)`,
  `CREATE TABLE session_challenges (token_hash TEXT NOT NULL PRIMARY KEY, address TEXT NOT NULL, expires_at TEXT NOT NULL)`,
  `CREATE INDEX session_challenges_by_address ON session_challenges (address)`,
  `CREATE INDEX session_challenges_by_expiry ON session_challenges (expires_at)`,
  `CREATE TABLE sessions (
    token_hash TEXT NOT NULL PRIMARY KEY, address TEXT NOT NULL, role TEXT NOT NULL CHECK (role IN ('master', 'recovery')),
    local INTEGER NOT NULL CHECK (local IN (0, 1)), expires_at TEXT NOT NULL)`,
  `CREATE INDEX sessions_by_address ON sessions (address)`,
  `CREATE INDEX sessions_by_expiry ON sessions (expires_at)`,
  `CREATE TABLE message_keys (
    address TEXT NOT NULL REFERENCES accounts (address), key_id TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('ephemeral', 'non_ephemeral')),
    state TEXT NOT NULL CHECK (state IN ('held', 'issued', 'void')), data TEXT, signature TEXT, expires_at TEXT NOT NULL,
    PRIMARY KEY (address, key_id), CHECK (state <> 'held' OR (data IS NOT NULL AND signature IS NOT NULL)))`,
  `CREATE INDEX message_keys_held ON message_keys (address, expires_at, key_id) WHERE kind = 'ephemeral' AND state = 'held'`,
  `CREATE UNIQUE INDEX message_keys_one_non_ephemeral ON message_keys (address) WHERE kind = 'non_ephemeral' AND state = 'held'`,
  `CREATE TABLE issue_counters (
    recipient TEXT NOT NULL, sender TEXT NOT NULL, day TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (recipient, sender, day))`,
  `CREATE INDEX issue_counters_by_day ON issue_counters (day)`,
  `CREATE TABLE stranger_issue_counters (recipient TEXT NOT NULL, day TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (recipient, day))`,
  `CREATE TABLE contact_counters (
    source TEXT NOT NULL CHECK (source IN ('sender', 'domain', 'prefix', 'server')), subject TEXT NOT NULL, hour TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (source, subject, hour))`,
  `CREATE INDEX contact_counters_by_hour ON contact_counters (hour)`,
  `CREATE TABLE tickets (
    ticket TEXT NOT NULL PRIMARY KEY, sender TEXT NOT NULL, recipient TEXT NOT NULL, message_type TEXT NOT NULL, key_id TEXT NOT NULL,
    expires_at TEXT NOT NULL, work TEXT, spent_by TEXT)`,
  `CREATE INDEX tickets_by_expiry ON tickets (expires_at)`,
  `CREATE TABLE work_demands (
    nonce TEXT NOT NULL PRIMARY KEY, sender TEXT NOT NULL, recipient TEXT NOT NULL, message_type TEXT NOT NULL, zero_bits INTEGER NOT NULL,
    count INTEGER NOT NULL, expires_at TEXT NOT NULL, spent_at TEXT)`,
  `CREATE INDEX work_demands_by_expiry ON work_demands (expires_at)`,
  `CREATE TABLE correspondents (
    recipient TEXT NOT NULL, sender TEXT NOT NULL, first_accepted_at TEXT NOT NULL, PRIMARY KEY (recipient, sender))`,
  `CREATE TABLE messages (
    recipient TEXT NOT NULL REFERENCES accounts (address), message_id TEXT NOT NULL, created_state INTEGER NOT NULL, updated_state INTEGER,
    data TEXT NOT NULL, signature TEXT NOT NULL, sender TEXT NOT NULL, message_type TEXT NOT NULL, size INTEGER NOT NULL, received_at TEXT NOT NULL,
    received_via TEXT NOT NULL, is_read INTEGER NOT NULL CHECK (is_read IN (0, 1)), folder TEXT, work TEXT, archive TEXT, summary TEXT, extensions TEXT,
    PRIMARY KEY (recipient, message_id))`,
  `CREATE UNIQUE INDEX messages_created ON messages (recipient, created_state)`,
  `CREATE INDEX messages_updated ON messages (recipient, updated_state) WHERE updated_state IS NOT NULL`,
  `CREATE INDEX messages_in_root ON messages (recipient, message_type, created_state) WHERE folder IS NULL`,
  `CREATE TABLE destroyed_messages (
    recipient TEXT NOT NULL REFERENCES accounts (address), message_id TEXT NOT NULL, created_state INTEGER NOT NULL, destroyed_state INTEGER NOT NULL,
    destroyed_at TEXT NOT NULL, PRIMARY KEY (recipient, message_id))`,
  `CREATE UNIQUE INDEX destroyed_messages_by_state ON destroyed_messages (recipient, destroyed_state)`,
  `CREATE INDEX destroyed_messages_by_time ON destroyed_messages (destroyed_at)`,
  `CREATE TABLE uploads (
    recipient TEXT NOT NULL, sender TEXT NOT NULL, ticket TEXT NOT NULL, hash TEXT NOT NULL, size INTEGER NOT NULL, file TEXT NOT NULL UNIQUE, uploaded_at TEXT NOT NULL,
    PRIMARY KEY (ticket, hash))`,
  `CREATE INDEX uploads_by_time ON uploads (uploaded_at)`,
  `CREATE INDEX uploads_by_recipient ON uploads (recipient, size)`,
  `CREATE INDEX uploads_by_sender ON uploads (sender, size)`,
  `CREATE TABLE message_blobs (
    recipient TEXT NOT NULL, message_id TEXT NOT NULL, hash TEXT NOT NULL, size INTEGER NOT NULL, file TEXT NOT NULL UNIQUE,
    PRIMARY KEY (recipient, message_id, hash), FOREIGN KEY (recipient, message_id) REFERENCES messages (recipient, message_id))`,
  `CREATE INDEX message_blobs_by_hash ON message_blobs (recipient, hash)`,
  `CREATE TABLE keystores (
    address TEXT NOT NULL REFERENCES accounts (address), position INTEGER NOT NULL, version INTEGER NOT NULL, etag TEXT NOT NULL, bytes BLOB NOT NULL,
    stored_at TEXT NOT NULL, PRIMARY KEY (address, position))`,
  `CREATE TABLE remote_histories (
    address TEXT NOT NULL PRIMARY KEY, base_url TEXT NOT NULL, first_link TEXT NOT NULL, link TEXT NOT NULL, sequence INTEGER NOT NULL,
    public_key TEXT NOT NULL, last_used_at TEXT NOT NULL)`,
  `CREATE INDEX remote_histories_by_key ON remote_histories (public_key)`,
  `CREATE INDEX remote_histories_by_use ON remote_histories (last_used_at)`,
];

/** Everything that the first release keeps. */
export const firstLight: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

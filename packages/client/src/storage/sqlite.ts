import { closeSync, existsSync, openSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { openWithPassphrase, randomBytes, sealWithPassphrase, wipe, type PassphraseCost, type RandomBytes } from "@smimp/protocol";
import { createTurns } from "../turns.ts";
import { storageFault } from "./disk-faults.ts";
import { createOverlay, type PendingWrite } from "./overlay.ts";
import { sharingSecret, type StorageSharing } from "./sharing.ts";
import { createSealedValues, type SealedValues } from "./sealed-values.ts";
import type { KeyOptions, ListOptions, Storage, StorageReader, StorageWriter, StoredEntry } from "./storage.ts";

export { StorageFailedError } from "./disk-faults.ts";
export { openSharing, type StorageSharing } from "./sharing.ts";

/** A storage in a file. */
export interface SqliteStorage extends Storage {
  /**
   * Writes a copy of the storage as it is now into a file that is not there yet, sealed as it is and under the same passphrase; only
   * its owner may read it. Resolves once it is on the disk. Throws an error with code `EEXIST`, or what the file system says.
   */
  copyTo(file: string): Promise<void>;
  /** What lets this person's other programs reach the one that has the storage open. */
  readonly sharing: StorageSharing;
}

/** How a storage on a disk is opened. */
export interface SqliteStorageOptions {
  /** The database's file, readable by its owner alone. */
  readonly file: string;
  /** Whether the file is made where there is none; yes unless said otherwise. */
  readonly create?: boolean;
  readonly passphrase: string;
  /** How the passphrase of a new storage is stretched; an existing one says itself. */
  readonly cost?: PassphraseCost;
  /** How long to wait for another process to let go of the file, milliseconds. */
  readonly waitMilliseconds?: number;
  readonly random?: RandomBytes;
}

/** Another process has this storage open: two at once would send and open behind each other's back. */
export class StorageInUseError extends Error {
  override readonly name = "StorageInUseError";
}

const DEFAULT_WAIT = 5_000;
const STORAGE_KEY_BYTES = 32;
/** How long destroyed values may stand in the write-ahead log, milliseconds. */
const FOLD_AWAY = 1_000;
/** SQLite's SQLITE_BUSY. */
const BUSY = 5;

/** Copies the write-ahead log into the database and empties it. */
const FOLD = "PRAGMA wal_checkpoint(TRUNCATE)";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS header (id INTEGER PRIMARY KEY CHECK (id = 1), sealed_key BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS entries (collection TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, UNIQUE (collection, key)) STRICT;
`;

/**
 * Opens a storage in one SQLite file. Every value is a box under a random storage key, bound to its place; that key is sealed
 * under the passphrase (protocol section 8). Throws `decryption_failed` for a wrong passphrase, StorageInUseError where another
 * process does not let go of the file in time, StorageFailedError where the disk fails, TypeError for a missing file that is not to
 * be made.
 */
export async function openSqliteStorage(options: SqliteStorageOptions): Promise<SqliteStorage> {
  const { file, random = randomBytes } = options;
  // Made before SQLite makes it: nobody else may read it, not even for a moment. Its other files take over its mode.
  if (!existsSync(file)) {
    if (options.create === false) throw new TypeError(`there is no storage at ${file}`);
    closeSync(openSync(file, "a", 0o600));
  }
  const database = new DatabaseSync(file, { timeout: options.waitMilliseconds ?? DEFAULT_WAIT });
  try {
    claim(database, file);
    const { storageKey, sealedKey } = unlock(database, options, random);
    const sharing = { sealedKey, secret: sharingSecret(storageKey) };
    const values = createSealedValues(storageKey, random);
    wipe(storageKey);
    // What a program that was killed left in the log.
    fold(database);
    return new FileStorage(database, values, sharing);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Takes the file for this process until it ends, however it ends. */
function claim(database: DatabaseSync, file: string): void {
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;");
    database.exec(`BEGIN EXCLUSIVE; ${SCHEMA} COMMIT;`);
  } catch (cause) {
    if ((cause as { errcode?: number }).errcode !== BUSY) throw storageFault(cause);
    throw new StorageInUseError(`${file} is in use by another process: end it first, or wait for it`, { cause });
  }
}

interface Unlocked {
  readonly storageKey: Uint8Array;
  readonly sealedKey: Uint8Array;
}

/** Folds the log into the database. A full or failing disk only puts it off: whatever is written next says so, and the fold comes with it. */
function fold(database: DatabaseSync): void {
  try {
    database.exec(FOLD);
  } catch {
    // Nothing is lost: the log is read as before.
  }
}

function unlock(database: DatabaseSync, { passphrase, cost }: SqliteStorageOptions, random: RandomBytes): Unlocked {
  const header = database.prepare("SELECT sealed_key FROM header WHERE id = 1").get();
  if (header !== undefined) {
    const sealedKey = header["sealed_key"] as Uint8Array;
    return { storageKey: openWithPassphrase(passphrase, sealedKey), sealedKey };
  }
  const storageKey = random(STORAGE_KEY_BYTES);
  const sealedKey = sealWithPassphrase(passphrase, storageKey, random, cost);
  database.prepare("INSERT INTO header (id, sealed_key) VALUES (1, ?)").run(sealedKey);
  return { storageKey, sealedKey };
}

class FileStorage implements SqliteStorage {
  readonly sharing: StorageSharing;
  readonly #database: DatabaseSync;
  readonly #values: SealedValues;
  readonly #turns = createTurns();
  readonly #reader: StorageReader = {
    get: async (collection, key) => await this.get(collection, key),
    list: async (collection, options) => await this.list(collection, options),
    keys: async (collection, options) => await this.keys(collection, options),
  };
  #open = true;
  #folding: ReturnType<typeof setTimeout> | null = null;

  constructor(database: DatabaseSync, values: SealedValues, sharing: StorageSharing) {
    this.sharing = sharing;
    this.#database = database;
    this.#values = values;
  }

  async get(collection: string, key: string): Promise<Uint8Array | null> {
    this.#assertOpen();
    const row = this.#database.prepare("SELECT value FROM entries WHERE collection = ? AND key = ?").get(collection, key);
    return row === undefined ? null : this.#values.unseal(collection, key, row["value"] as Uint8Array);
  }

  async list(collection: string, { after, skip = 0, limit, reverse = false }: ListOptions = {}): Promise<readonly StoredEntry[]> {
    this.#assertOpen();
    const values: SQLInputValue[] = [collection];
    let sql = "SELECT key, value FROM entries WHERE collection = ?";
    if (after !== undefined) {
      sql += reverse ? " AND key < ?" : " AND key > ?";
      values.push(after);
    }
    sql += ` ORDER BY key ${reverse ? "DESC" : "ASC"}`;
    if (limit !== undefined || skip > 0) {
      // Less than 0 is no limit.
      sql += " LIMIT ? OFFSET ?";
      values.push(limit ?? -1, skip);
    }
    const rows = this.#database.prepare(sql).all(...values);
    return rows.map((row) => {
      const key = row["key"] as string;
      return { key, value: this.#values.unseal(collection, key, row["value"] as Uint8Array) };
    });
  }

  async keys(collection: string, { after = "", limit = -1 }: KeyOptions = {}): Promise<readonly string[]> {
    this.#assertOpen();
    // No key is empty.
    const sql = "SELECT key FROM entries WHERE collection = ? AND key > ? ORDER BY key LIMIT ?";
    return this.#database
      .prepare(sql)
      .all(collection, after, limit)
      .map((row) => row["key"] as string);
  }

  async transact<Result>(work: (writer: StorageWriter) => Promise<Result>): Promise<Result> {
    return await this.#turns(async () => {
      this.#assertOpen();
      const overlay = createOverlay(this.#reader);
      const result = await work(overlay.writer);
      this.#apply(overlay.writes());
      return result;
    });
  }

  hiddenKey(collection: string, text: string): string {
    return this.#values.hiddenKey(collection, text);
  }

  async copyTo(file: string): Promise<void> {
    await this.#turns(async () => {
      this.#assertOpen();
      // Made before SQLite fills it: nobody else may read it, and nothing that is there is written over.
      closeSync(openSync(file, "wx", 0o600));
      try {
        this.#database.prepare("VACUUM INTO ?").run(file);
        const handle = await open(file, "r+");
        await handle.sync().finally(async () => await handle.close());
      } catch (error) {
        await rm(file, { force: true });
        throw error;
      }
    });
  }

  async scrub(): Promise<void> {
    await this.#turns(async () => {
      this.#assertOpen();
      try {
        this.#database.exec("VACUUM");
        this.#database.exec(FOLD);
      } catch (error) {
        throw storageFault(error);
      }
      await Promise.resolve();
    });
  }

  async close(): Promise<void> {
    await this.#turns(async () => {
      if (!this.#open) return;
      this.#open = false;
      if (this.#folding !== null) clearTimeout(this.#folding);
      this.#values.close();
      wipe(this.sharing.secret);
      this.#database.close();
    });
  }

  #apply(writes: readonly PendingWrite[]): void {
    if (writes.length === 0) return;
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      const put = this.#database.prepare(
        "INSERT INTO entries (collection, key, value) VALUES (?, ?, ?) ON CONFLICT (collection, key) DO UPDATE SET value = excluded.value",
      );
      const remove = this.#database.prepare("DELETE FROM entries WHERE collection = ? AND key = ?");
      for (const { collection, key, value } of writes) {
        if (value === null) remove.run(collection, key);
        else put.run(collection, key, this.#values.seal(collection, key, value));
      }
      this.#database.exec("COMMIT");
      this.#foldAwaySoon();
    } catch (error) {
      // An error of the disk may have ended it already.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw storageFault(error);
    }
  }

  /**
   * The write-ahead log holds pages as they were before: secrets that are destroyed, the phrase's words. It is folded into the
   * database, where what is deleted is overwritten, within a second; closing does the same.
   */
  #foldAwaySoon(): void {
    this.#folding ??= setTimeout(() => {
      this.#folding = null;
      fold(this.#database);
    }, FOLD_AWAY).unref();
  }

  #assertOpen(): void {
    if (!this.#open) throw new TypeError("the storage is closed");
  }
}

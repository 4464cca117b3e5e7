import { closeSync, openSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import {
  concat,
  isSmimpError,
  keyedHash,
  openBox,
  openWithPassphrase,
  randomBytes,
  sealBox,
  sealWithPassphrase,
  SmimpError,
  toHex,
  utf8,
  wipe,
  type PassphraseCost,
} from "@smimp/protocol";
import { createTurns } from "../turns.ts";
import { createOverlay } from "./overlay.ts";
import type { ListOptions, Storage, StorageReader, StoredEntry } from "./storage.ts";

/** Version of the file's layout. */
const LAYOUT = 1;
/** Milliseconds to wait for another program that has the file open. */
const BUSY_MILLISECONDS = 2_000;
const STORAGE_KEY_BYTES = 32;

/** Which file, and what opens it. */
export interface SqliteStorageOptions {
  readonly file: string;
  readonly passphrase: string;
  /** Makes a new file; one that is there already is left alone and refused. */
  readonly create?: boolean;
  /** What the passphrase costs to try, for a new file. */
  readonly cost?: PassphraseCost;
}

/**
 * Opens a storage in one SQLite file. Each value is a box under a random key, bound to its collection and key; that key is
 * sealed under the passphrase (protocol section 8). Every transaction is on the disk when it resolves. Throws `not_found`
 * without a file, `conflict` where there is one already or another program has it open, `decryption_failed` for a wrong
 * passphrase.
 */
export async function openSqliteStorage(options: SqliteStorageOptions): Promise<Storage> {
  const database = options.create === true ? createFile(options.file) : openFile(options.file);
  let storageKey: Uint8Array;
  try {
    claim(database);
    storageKey = options.create === true ? createKey(database, options) : openKey(database, options.passphrase);
  } catch (error) {
    database.close();
    if (options.create === true) for (const suffix of ["", "-wal", "-shm"]) rmSync(options.file + suffix, { force: true });
    throw translated(error);
  }
  return storageOn(database, storageKey);
}

function storageOn(database: DatabaseSync, storageKey: Uint8Array): Storage {
  const sealingKey = keyedHash(storageKey, utf8("smimp/1.0 storage values"));
  const hidingKey = keyedHash(storageKey, utf8("smimp/1.0 storage keys"));
  wipe(storageKey);
  const turns = createTurns();
  const select = database.prepare("SELECT value FROM entries WHERE collection = ? AND key = ?");
  const upsert = database.prepare("INSERT OR REPLACE INTO entries (collection, key, value) VALUES (?, ?, ?)");
  const remove = database.prepare("DELETE FROM entries WHERE collection = ? AND key = ?");
  const lists = {
    forward: database.prepare("SELECT key, value FROM entries WHERE collection = ? AND key > ? ORDER BY key LIMIT ?"),
    reverse: database.prepare("SELECT key, value FROM entries WHERE collection = ? AND key < ? ORDER BY key DESC LIMIT ?"),
    reverseAll: database.prepare("SELECT key, value FROM entries WHERE collection = ? ORDER BY key DESC LIMIT ?"),
  };

  const place = (collection: string, key: string): Uint8Array => concat(utf8("smimp/1.0 storage"), 0, utf8(collection), 0, utf8(key));
  const opened = (collection: string, key: string, value: unknown): Uint8Array =>
    openBox(sealingKey, place(collection, key), value as Uint8Array);

  const rows = (collection: string, { after, limit = -1, reverse = false }: ListOptions) => {
    if (!reverse) return lists.forward.all(collection, after ?? "", limit);
    return after === undefined ? lists.reverseAll.all(collection, limit) : lists.reverse.all(collection, after, limit);
  };
  const reader: StorageReader = {
    get: async (collection, key) => {
      const row = select.get(collection, key);
      return row === undefined ? null : opened(collection, key, row["value"]);
    },
    list: async (collection, options = {}) =>
      rows(collection, options).map((row): StoredEntry => {
        const key = String(row["key"]);
        return { key, value: opened(collection, key, row["value"]) };
      }),
  };

  return {
    ...reader,
    transact: async (work) =>
      await turns(async () => {
        const overlay = createOverlay(reader);
        const result = await work(overlay.writer);
        const writes = overlay.writes();
        if (writes.length === 0) return result;
        database.exec("BEGIN IMMEDIATE");
        try {
          for (const { collection, key, value } of writes) {
            if (value === null) remove.run(collection, key);
            else upsert.run(collection, key, sealBox(sealingKey, place(collection, key), value, randomBytes));
          }
          database.exec("COMMIT");
        } catch (error) {
          if (database.isTransaction) database.exec("ROLLBACK");
          throw translated(error);
        }
        return result;
      }),
    hiddenKey: (collection, text) => toHex(keyedHash(hidingKey, concat(utf8(collection), 0, utf8(text)))),
    close: async () =>
      await turns(async () => {
        if (!database.isOpen) return;
        wipe(sealingKey, hidingKey);
        database.close();
      }),
  };
}

function createFile(file: string): DatabaseSync {
  try {
    // For its owner alone, from the first byte on; SQLite gives its side files the same rights.
    closeSync(openSync(file, "wx", 0o600));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    throw new SmimpError("conflict", "there is a mailbox in this place already", { cause });
  }
  return new DatabaseSync(file, { timeout: BUSY_MILLISECONDS });
}

function openFile(file: string): DatabaseSync {
  try {
    closeSync(openSync(file, "r+"));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new SmimpError("not_found", "there is no mailbox in this place", { cause });
  }
  return new DatabaseSync(file, { timeout: BUSY_MILLISECONDS });
}

// One program at a time: two that sync one account would each open what the other has destroyed the key of.
function claim(database: DatabaseSync): void {
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = FULL");
  // A secret that was destroyed leaves no copy behind in the file.
  database.exec("PRAGMA secure_delete = ON");
  database.exec("BEGIN IMMEDIATE");
  database.exec("COMMIT");
}

function createKey(database: DatabaseSync, { passphrase, cost }: SqliteStorageOptions): Uint8Array {
  const key = randomBytes(STORAGE_KEY_BYTES);
  database.exec(`
    BEGIN IMMEDIATE;
    CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE entries (collection TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (collection, key)) STRICT, WITHOUT ROWID;
    PRAGMA user_version = ${LAYOUT};
  `);
  database.prepare("INSERT INTO meta (name, value) VALUES ('key', ?)").run(sealWithPassphrase(passphrase, key, randomBytes, cost));
  database.exec("COMMIT");
  return key;
}

function openKey(database: DatabaseSync, passphrase: string): Uint8Array {
  const version = database.prepare("PRAGMA user_version").get()?.["user_version"];
  if (version !== LAYOUT) throw new SmimpError("unsupported_version", "this mailbox was written by another version of the program");
  const sealed = database.prepare("SELECT value FROM meta WHERE name = 'key'").get()?.["value"];
  try {
    return openWithPassphrase(passphrase, sealed as Uint8Array);
  } catch (cause) {
    if (!isSmimpError(cause, "decryption_failed")) throw cause;
    throw new SmimpError("decryption_failed", "the passphrase is wrong", { cause });
  }
}

/** SQLITE_BUSY: another program holds the file. */
const BUSY = 5;

function translated(error: unknown): unknown {
  if ((error as { readonly errcode?: unknown }).errcode === BUSY) {
    return new SmimpError("conflict", "this mailbox is open in another program: close it first", { cause: error });
  }
  return error;
}

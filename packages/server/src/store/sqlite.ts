import { SmimpError } from "@smimp/protocol";
import { Kysely } from "kysely";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FileSystemBlobs, type BlobFile, type Removals } from "./blob-files.ts";
import { NodeSqliteDialect } from "./dialect.ts";
import { inspect } from "./integrity.ts";
import { Lane, type Job } from "./lane.ts";
import { migrate } from "./migrate.ts";
import type { Database, Queries } from "./schema.ts";
import { Scope } from "./scope.ts";
import { sqlStore } from "./sql-store.ts";
import { TRANSACTION_SECONDS, type Store, type StoreReader, type StoreWriter } from "./store.ts";

/** Name of the database file in the data directory. */
export const DATABASE_FILE = "smimp.sqlite";
/** How long to wait for another process's transaction, milliseconds. */
const BUSY_TIMEOUT = 5_000;
/** Transactions that are made durable by one commit, and reads on one snapshot. */
const MAX_BATCH = 256;
/** Pages of the write-ahead log after which it is copied back: 16 MiB. */
const CHECKPOINT_PAGES = 4_096;

/**
 * Opens the store of a data directory: makes the directory (for its owner only), migrates the database. Several processes may
 * have it open, as the server and the operator's tool do. Throws if the database is damaged or was used with a newer release.
 */
export async function openStore(options: { readonly dataDir: string; readonly transactionSeconds?: number }): Promise<Store> {
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const path = join(options.dataDir, DATABASE_FILE);
  // Made here so that nobody else reads it; its log gets the same mode. One that is there isn't even opened: whoever closes a file loses
  // the locks that SQLite holds on it elsewhere in this process.
  await open(path, "wx", 0o600).then(
    async (made) => await made.close(),
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    },
  );
  const blobs = await FileSystemBlobs.open(join(options.dataDir, "blobs"));
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT, enableForeignKeyConstraints: true });
  try {
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
    );
    await migrate(new Kysely<Database>({ dialect: new NodeSqliteDialect(database) }));
    return new SqliteStore(
      database,
      new DatabaseSync(path, { timeout: BUSY_TIMEOUT, readOnly: true }),
      blobs,
      options.transactionSeconds ?? TRANSACTION_SECONDS,
    );
  } catch (error) {
    database.close();
    throw error;
  }
}

class SqliteStore implements Store {
  readonly blobs: FileSystemBlobs;
  readonly #seconds: number;
  readonly #writing: DatabaseSync;
  readonly #reading: DatabaseSync;
  readonly #writes: Queries;
  readonly #reads: Queries;
  readonly #writeLane = new Lane(MAX_BATCH, (jobs) => this.#commit(jobs));
  readonly #readLane = new Lane(MAX_BATCH, (jobs) => this.#snapshot(jobs));
  #removing: Promise<unknown> = Promise.resolve();
  /** Whether the log may hold something; at the start, what an earlier run left. */
  #logged = true;
  #closing: Promise<void> | null = null;
  /** The last commit failed: the disk is full or fails. */
  #failing = false;
  /** Files that the batch under way lets go. */
  #removals: BlobFile[] = [];

  constructor(writing: DatabaseSync, reading: DatabaseSync, blobs: FileSystemBlobs, seconds: number) {
    this.#seconds = seconds;
    this.#writing = writing;
    this.#reading = reading;
    this.#writes = new Kysely<Database>({ dialect: new NodeSqliteDialect(writing) });
    this.#reads = new Kysely<Database>({ dialect: new NodeSqliteDialect(reading) });
    this.blobs = blobs;
  }

  read<T>(fn: (reader: StoreReader) => Promise<T>): Promise<T> {
    return this.#readLane.submit(() => {
      const scope = new Scope(this.#seconds);
      const reader = sqlStore(this.#reads.withPlugin(scope), []);
      return scope.run(() => fn(reader));
    });
  }

  transact<T>(fn: (writer: StoreWriter) => Promise<T>): Promise<T> {
    return this.#writeLane.submit(() => this.#inSavepoint(fn));
  }

  async checkWritable(): Promise<void> {
    if (!this.#failing) return;
    await this.#writeLane.submit(async () => {
      // A number that means nothing: it has to change, since SQLite writes nothing that is as it was.
      const version = Number(this.#writing.prepare("PRAGMA user_version").get()?.["user_version"]);
      this.#writing.exec(`PRAGMA user_version = ${version === 1 ? 2 : 1}`);
    });
    this.#failing = false;
  }

  async checkIntegrity(): Promise<readonly string[]> {
    const { faults, held } = await this.#readLane.submit(() => inspect(this.#reads));
    const files = new Set<BlobFile>();
    for await (const file of this.blobs.list()) files.add(file);
    const missing: string[] = [];
    for (const file of held) {
      // A row let go since the snapshot takes its file along; one that still stands must have it.
      if (files.has(file) || !(await this.read((reader) => reader.blobs.isHeld(file)))) continue;
      missing.push(`blobs: ${file} is missing`);
    }
    return [...faults, ...missing];
  }

  blobRuns(): Promise<ReadonlySet<string>> {
    return this.blobs.runs();
  }

  recoverBlobs(runs: ReadonlySet<string>): Promise<number> {
    return this.blobs.recover(runs, (file) => this.read((reader) => reader.blobs.isHeld(file)));
  }

  emptyLog(): boolean {
    if (!this.#logged || this.#closing !== null) return true;
    // Within one turn of the event loop a batch is through, so that this process stands in its own way only where a job breaks the store's rule.
    if (this.#writing.isTransaction || this.#reading.isTransaction) return false;
    // Waiting for another process would hold up everybody here.
    this.#writing.exec("PRAGMA busy_timeout = 0");
    try {
      const [outcome] = this.#writing.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
      this.#logged = outcome?.["busy"] !== 0;
    } finally {
      this.#writing.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
    }
    return !this.#logged;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([this.#writeLane.close(), this.#readLane.close()]);
    await this.#removing;
    // The reader goes first: the last connection to close empties the log.
    this.#reading.close();
    this.#writing.close();
  }

  async #snapshot(jobs: readonly Job[]): Promise<void> {
    const settle: (() => void)[] = [];
    this.#reading.exec("BEGIN");
    try {
      for (const job of jobs) settle.push(await job.run());
    } finally {
      this.#reading.exec("COMMIT");
    }
    for (const each of settle) each();
  }

  /** Group commit: each job in its own savepoint, one durable commit for all, and only then the answers. */
  async #commit(jobs: readonly Job[]): Promise<void> {
    const settle: (() => void)[] = [];
    this.#removals = [];
    try {
      this.#writing.exec("BEGIN IMMEDIATE");
      for (const job of jobs) settle.push(await job.run());
      // An error of the disk can end SQLite's transaction; then none of the jobs came to pass.
      if (!this.#writing.isTransaction) throw new Error("SQLite has rolled the transaction back");
      this.#writing.exec("COMMIT");
      this.#logged = true;
    } catch (cause) {
      this.#failing = true;
      if (this.#writing.isTransaction) this.#writing.exec("ROLLBACK");
      throw new SmimpError("temporarily_unavailable", "the transaction was not made durable", { cause });
    }
    const removals = this.#removals;
    for (const each of settle) each();
    if (removals.length > 0) {
      // What can't be deleted now goes when the server starts again.
      this.#removing = this.#removing.then(() => Promise.allSettled(removals.map((file) => this.blobs.remove(file))));
    }
  }

  async #inSavepoint<T>(fn: (writer: StoreWriter) => Promise<T>): Promise<T> {
    const scope = new Scope(this.#seconds);
    const removals: Removals = [];
    const writer = sqlStore(this.#writes.withPlugin(scope), removals);
    if (!this.#writing.isTransaction) throw new Error("SQLite has rolled the transaction back");
    this.#writing.exec("SAVEPOINT job");
    try {
      const value = await scope.run(() => fn(writer));
      this.#writing.exec("RELEASE job");
      this.#removals.push(...removals);
      return value;
    } catch (error) {
      if (this.#writing.isTransaction) this.#writing.exec("ROLLBACK TO job; RELEASE job");
      throw error;
    }
  }
}

import type { KeyOptions, ListOptions, Storage, StorageReader, StorageWriter, StoredEntry } from "@smimp/client";
import {
  createOverlay,
  createSealedValues,
  createTurns,
  type PendingWrite,
  type SealedValues,
  type Turns,
} from "@smimp/client/storage-parts";
import { completed, openDatabase, resultOf } from "./requests.ts";

// A client's storage in the browser's IndexedDB: every value is sealed, its key bound into it, and a transaction is one of IndexedDB's
// own, told as done once it is on the disk.

const STORE = "entries";
const VERSION = 1;

/** What some browsers can do already: entries from the last to the first without a cursor's step for each. */
interface RecordsByDirection {
  getAllRecords?(options: { query: IDBKeyRange; count?: number; direction: IDBCursorDirection }): IDBRequest<readonly Stored[]>;
}

interface Stored {
  readonly key: IDBValidKey;
  readonly value: unknown;
}

/**
 * Opens the storage of that name, or makes it. `storageKey` are 32 bytes, which may be wiped afterwards; one with another key throws
 * `decryption_failed` at the first value. Only one at a time may have it open: the caller holds a lock (`engine/holding.ts`).
 */
export async function openIndexedDbStorage(name: string, storageKey: Uint8Array): Promise<Storage> {
  const database = await openDatabase(name, VERSION, (fresh) => fresh.createObjectStore(STORE));
  return new IndexedDbStorage(database, createSealedValues(storageKey, drawn));
}

/** Random bytes from the browser, where libsodium has them from too, but with one call for each four of them. */
function drawn(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

class IndexedDbStorage implements Storage {
  readonly #database: IDBDatabase;
  readonly #values: SealedValues;
  readonly #turns: Turns = createTurns();
  readonly #reader: StorageReader = {
    get: async (collection, key) => await this.get(collection, key),
    list: async (collection, options) => await this.list(collection, options),
    keys: async (collection, options) => await this.keys(collection, options),
  };
  #shared: IDBObjectStore | null = null;
  #open = true;

  constructor(database: IDBDatabase, values: SealedValues) {
    this.#database = database;
    this.#values = values;
    // Somebody deletes it: this device's mailbox goes.
    database.addEventListener("versionchange", () => database.close());
  }

  async get(collection: string, key: string): Promise<Uint8Array | null> {
    const sealed: unknown = await resultOf(this.#reading().get([collection, key]));
    return sealed instanceof Uint8Array ? this.#values.unseal(collection, key, sealed) : null;
  }

  async list(collection: string, options: ListOptions = {}): Promise<readonly StoredEntry[]> {
    const found = await read(this.#entries("readonly"), rangeOf(collection, options), options);
    return found.map(({ key, value }) => {
      const name = nameIn(key);
      return { key: name, value: this.#values.unseal(collection, name, value as Uint8Array) };
    });
  }

  async keys(collection: string, options: KeyOptions = {}): Promise<readonly string[]> {
    if (options.limit === 0) return [];
    const found = await resultOf(this.#reading().getAllKeys(rangeOf(collection, options), options.limit));
    return found.map(nameIn);
  }

  async transact<Result>(work: (writer: StorageWriter) => Promise<Result>): Promise<Result> {
    return await this.#turns(async () => {
      this.#assertOpen();
      const overlay = createOverlay(this.#reader);
      const result = await work(overlay.writer);
      await this.#apply(overlay.writes());
      return result;
    });
  }

  hiddenKey(collection: string, text: string): string {
    return this.#values.hiddenKey(collection, text);
  }

  async close(): Promise<void> {
    await this.#turns(async () => {
      if (!this.#open) return;
      this.#open = false;
      this.#values.close();
      this.#database.close();
    });
  }

  async #apply(writes: readonly PendingWrite[]): Promise<void> {
    if (writes.length === 0) return;
    const sealed = writes.map(({ collection, key, value }) => ({
      place: [collection, key],
      value: value === null ? null : this.#values.seal(collection, key, value),
    }));
    const transaction = this.#database.transaction(STORE, "readwrite", { durability: "strict" });
    const done = completed(transaction);
    const entries = transaction.objectStore(STORE);
    for (const { place, value } of sealed) {
      if (value === null) entries.delete(place);
      else entries.put(value, place);
    }
    await done;
  }

  #entries(mode: IDBTransactionMode): IDBObjectStore {
    this.#assertOpen();
    return this.#database.transaction(STORE, mode).objectStore(STORE);
  }

  /** What is read in one go is read in one transaction, which costs far less than one each. */
  #reading(): IDBObjectStore {
    this.#assertOpen();
    if (this.#shared === null) {
      this.#shared = this.#entries("readonly");
      queueMicrotask(() => (this.#shared = null));
    }
    return this.#shared;
  }

  #assertOpen(): void {
    if (!this.#open) throw new TypeError("the storage is closed");
  }
}

/** What an entry is called within its collection. */
function nameIn(key: IDBValidKey): string {
  const [, name = ""] = key as readonly string[];
  return name;
}

/** The entries of a collection, after a key in the list's direction. Arrays stand behind all texts. */
function rangeOf(collection: string, { after, reverse = false }: ListOptions): IDBKeyRange {
  const [first, last] = [[collection], [collection, []]];
  if (after === undefined) return IDBKeyRange.bound(first, last);
  return reverse ? IDBKeyRange.bound(first, [collection, after], false, true) : IDBKeyRange.bound([collection, after], last, true);
}

async function read(entries: IDBObjectStore, whole: IDBKeyRange, options: ListOptions): Promise<readonly Stored[]> {
  const { limit, skip = 0, reverse = false } = options;
  if (limit === 0) return [];
  const range = skip === 0 ? whole : await skipped(entries, whole, skip, reverse);
  if (range === null) return [];
  if (!reverse) {
    const [keys, values] = await Promise.all([
      resultOf(entries.getAllKeys(range, limit)),
      resultOf(entries.getAll(range, limit) as IDBRequest<unknown[]>),
    ]);
    return keys.map((key, index) => ({ key, value: values[index] }));
  }
  const { getAllRecords } = entries as RecordsByDirection;
  if (getAllRecords !== undefined) {
    const options = { query: range, direction: "prev" as const, ...(limit === undefined ? {} : { count: limit }) };
    return await resultOf(getAllRecords.call(entries, options));
  }
  return await backwards(entries, range, limit ?? Number.POSITIVE_INFINITY);
}

/** What is left of a range without its first entries; null where nothing is. */
async function skipped(entries: IDBObjectStore, range: IDBKeyRange, skip: number, reverse: boolean): Promise<IDBKeyRange | null> {
  const request = entries.openKeyCursor(range, reverse ? "prev" : "next");
  const first = await resultOf(request);
  if (first === null) return null;
  first.advance(skip);
  const next = await resultOf(request);
  if (next === null) return null;
  return reverse
    ? IDBKeyRange.bound(range.lower, next.key, range.lowerOpen, false)
    : IDBKeyRange.bound(next.key, range.upper, false, range.upperOpen);
}

async function backwards(entries: IDBObjectStore, range: IDBKeyRange, limit: number): Promise<readonly Stored[]> {
  const found: Stored[] = [];
  const request = entries.openCursor(range, "prev");
  return await new Promise((resolve, reject) => {
    request.addEventListener("error", () => reject(request.error ?? new Error("the storage can't be read")));
    request.addEventListener("success", () => {
      const cursor = request.result;
      if (cursor === null) return resolve(found);
      found.push({ key: cursor.key, value: cursor.value as unknown });
      if (found.length >= limit) resolve(found);
      else cursor.continue();
    });
  });
}

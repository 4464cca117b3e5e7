/** One stored value and the key it stands under. */
export interface StoredEntry {
  readonly key: string;
  readonly value: Uint8Array;
}

/** How far and in which direction a list goes. */
export interface ListOptions {
  /** List only what comes after this key, in the direction of the list. */
  readonly after?: string;
  /** Leaves out so many entries first. */
  readonly skip?: number;
  /** At most so many entries. */
  readonly limit?: number;
  /** From the last key to the first. */
  readonly reverse?: boolean;
}

/** How far a list of keys goes. */
export type KeyOptions = Pick<ListOptions, "after" | "limit">;

/** What may be read: collections of bytes under text keys, ordered by the UTF-16 code units of the (ASCII) key. */
export interface StorageReader {
  get(collection: string, key: string): Promise<Uint8Array | null>;
  list(collection: string, options?: ListOptions): Promise<readonly StoredEntry[]>;
  /** The keys alone, in their order: nothing is unsealed for them. */
  keys(collection: string, options?: KeyOptions): Promise<readonly string[]>;
}

/** What may be done inside of a transaction. It reads its own writes. */
export interface StorageWriter extends StorageReader {
  put(collection: string, key: string, value: Uint8Array): void;
  delete(collection: string, key: string): void;
}

/**
 * Where a client keeps everything: a person's keys, pins, outbox and inbox. Implementations seal what they write to a
 * disk, and pass one conformance suite (`storage/conformance.ts`).
 */
export interface Storage extends StorageReader {
  /**
   * Runs `work`, then makes all of its writes durable together, or none if it throws. Transactions run one after the
   * other; `work` awaits nothing but the writer it is given, and starts no other transaction.
   */
  transact<Result>(work: (writer: StorageWriter) => Promise<Result>): Promise<Result>;
  /**
   * The key to use in place of a text that would tell something, such as an address: a keyed hash, 64 hexadecimal digits.
   * Keys of messages tell only when something came, and stand in clear so that lists keep their order.
   */
  hiddenKey(collection: string, text: string): string;
  /**
   * Writes the file anew, so that nothing of what was deleted or replaced is left in it, where a storage has a file of its own: a
   * database overwrites what is deleted, but not what it left behind when it moved a value before. Takes as long as reading all of it.
   */
  scrub?(): Promise<void>;
  /** Waits for a transaction under way and ends the storage's hold on its file. */
  close(): Promise<void>;
}

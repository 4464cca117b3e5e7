import type { ListOptions, StorageReader, StorageWriter, StoredEntry } from "./storage.ts";

/** A write that waits for its transaction's end; null deletes. */
export interface PendingWrite {
  readonly collection: string;
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** A transaction's writes over what is stored: read back at once, applied together at the end. */
export interface Overlay {
  readonly writer: StorageWriter;
  /** What is to be applied, at most one write for a key. */
  writes(): readonly PendingWrite[];
}

/** Starts collecting writes over `stored`, which nobody else changes meanwhile: what was read once is not read again. */
export function createOverlay(stored: StorageReader): Overlay {
  const changed = new Map<string, Map<string, Uint8Array | null>>();
  const read = new Map<string, Map<string, Promise<Uint8Array | null>>>();
  const set = (collection: string, key: string, value: Uint8Array | null): void => {
    const keys = changed.get(collection) ?? new Map<string, Uint8Array | null>();
    changed.set(collection, keys.set(key, value));
  };

  const list = async (collection: string, options: ListOptions = {}): Promise<readonly StoredEntry[]> => {
    const mine = changed.get(collection);
    if (mine === undefined) return await stored.list(collection, options);
    const { limit, skip = 0, ...all } = options;
    // Each of this transaction's deletions can hide one stored entry.
    const below = await stored.list(collection, limit === undefined ? all : { ...all, limit: skip + limit + mine.size });
    const merged = new Map(below.map(({ key, value }) => [key, value]));
    for (const [key, value] of mine) {
      if (value === null) merged.delete(key);
      else merged.set(key, value);
    }
    return ordered(merged, options);
  };

  return {
    writer: {
      get: async (collection, key) => {
        const mine = changed.get(collection)?.get(key);
        if (mine !== undefined) return mine?.slice() ?? null;
        const keys = read.get(collection) ?? new Map<string, Promise<Uint8Array | null>>();
        read.set(collection, keys);
        const reading = keys.get(key) ?? stored.get(collection, key);
        keys.set(key, reading);
        return (await reading)?.slice() ?? null;
      },
      list,
      keys: async (collection, options = {}) =>
        changed.has(collection) ? (await list(collection, options)).map(({ key }) => key) : await stored.keys(collection, options),
      // Whoever wrote a secret wipes it.
      put: (collection, key, value) => set(collection, key, value.slice()),
      delete: (collection, key) => set(collection, key, null),
    },
    writes: () => [...changed].flatMap(([collection, keys]) => [...keys].map(([key, value]) => ({ collection, key, value }))),
  };
}

/** The entries of a map as `list` gives them. */
export function ordered(
  entries: ReadonlyMap<string, Uint8Array>,
  { after, skip = 0, limit, reverse = false }: ListOptions,
): readonly StoredEntry[] {
  const keys = [...entries.keys()].sort();
  if (reverse) keys.reverse();
  const wanted = after === undefined ? keys : keys.filter((key) => (reverse ? key < after : key > after));
  return wanted
    .slice(skip, limit === undefined ? undefined : skip + limit)
    .map((key) => ({ key, value: entries.get(key) ?? new Uint8Array() }));
}

import type { ListOptions, Storage, StorageReader, StorageWriter, StoredEntry } from "@smimp/client";
import { concat, keyedHash, toHex, utf8 } from "@smimp/protocol";
import { never, type Fuse } from "./fuse.ts";

type Collections = Map<string, Map<string, Uint8Array>>;

/** What a device has stored. It outlives programs, can be copied, and can be looked into. */
export interface Disk {
  readonly hidingKey: Uint8Array;
  readonly collections: Collections;
}

/** An empty disk. */
export function emptyDisk(hidingKey: Uint8Array): Disk {
  return { hidingKey, collections: new Map() };
}

/** The same again, on its own. Values are never changed in place, so they are shared. */
export function copyDisk({ hidingKey, collections }: Disk): Disk {
  return { hidingKey, collections: new Map([...collections].map(([name, entries]) => [name, new Map(entries)])) };
}

/** The JSON documents of a collection, by key. */
export function documentsOn<Document>({ collections }: Disk, collection: string): ReadonlyMap<string, Document> {
  const entries = [...(collections.get(collection) ?? [])];
  return new Map(entries.map(([key, value]) => [key, JSON.parse(Buffer.from(value).toString("utf8")) as Document]));
}

/**
 * A program's hold on a disk: each transaction's writes happen together or not at all, and none once the fuse has killed the
 * program. What a dead program waits for never comes.
 */
export function mountDisk(disk: Disk, fuse: Fuse): Storage {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return await mine;
  };
  let open = true;
  const entriesOf = (collection: string): ReadonlyMap<string, Uint8Array> => {
    if (!open) throw new TypeError("the storage is closed");
    return disk.collections.get(collection) ?? new Map<string, Uint8Array>();
  };
  const reader: StorageReader = {
    get: async (collection, key) => (fuse.isDead() ? await never() : (entriesOf(collection).get(key)?.slice() ?? null)),
    list: async (collection, options = {}) => (fuse.isDead() ? await never() : ordered(entriesOf(collection), options)),
    keys: async (collection, options = {}) =>
      fuse.isDead() ? await never() : ordered(entriesOf(collection), options).map(({ key }) => key),
  };

  const apply = async (writes: Writes): Promise<void> => {
    if (fuse.burn("before-write") === "dead") return await never();
    for (const [collection, changed] of writes) {
      const entries = disk.collections.get(collection) ?? new Map<string, Uint8Array>();
      disk.collections.set(collection, entries);
      for (const [key, value] of changed) {
        if (value === null) entries.delete(key);
        else entries.set(key, value);
      }
    }
    if (fuse.burn("after-write") === "dead") await never();
  };

  return {
    ...reader,
    transact: async (work) =>
      await inTurn(async () => {
        if (fuse.isDead()) return await never();
        entriesOf("");
        const writes: Writes = new Map();
        const result = await work(writerOver(reader, entriesOf, writes));
        if (writes.size > 0) await apply(writes);
        return result;
      }),
    hiddenKey: (collection, text) => toHex(keyedHash(disk.hidingKey, concat(utf8(collection), 0, utf8(text)))),
    close: async () =>
      await inTurn(async () => {
        open = false;
      }),
  };
}

type Writes = Map<string, Map<string, Uint8Array | null>>;

function writerOver(reader: StorageReader, entriesOf: (name: string) => ReadonlyMap<string, Uint8Array>, writes: Writes): StorageWriter {
  const set = (collection: string, key: string, value: Uint8Array | null): void => {
    const changed = writes.get(collection) ?? new Map<string, Uint8Array | null>();
    writes.set(collection, changed.set(key, value));
  };
  const list = (collection: string, options: ListOptions): readonly StoredEntry[] => {
    const merged = new Map<string, Uint8Array>(entriesOf(collection));
    for (const [key, value] of writes.get(collection) ?? []) {
      if (value === null) merged.delete(key);
      else merged.set(key, value);
    }
    return ordered(merged, options);
  };
  return {
    get: async (collection, key) => {
      const written = writes.get(collection)?.get(key);
      return written === undefined ? await reader.get(collection, key) : written;
    },
    list: async (collection, options = {}) => list(collection, options),
    keys: async (collection, options = {}) => list(collection, options).map(({ key }) => key),
    put: (collection, key, value) => set(collection, key, value.slice()),
    delete: (collection, key) => set(collection, key, null),
  };
}

function ordered(entries: ReadonlyMap<string, Uint8Array>, { after, limit, reverse = false }: ListOptions): readonly StoredEntry[] {
  const keys = [...entries.keys()].sort();
  if (reverse) keys.reverse();
  const wanted = after === undefined ? keys : keys.filter((key) => (reverse ? key < after : key > after));
  return wanted.slice(0, limit).map((key) => ({ key, value: (entries.get(key) ?? new Uint8Array()).slice() }));
}

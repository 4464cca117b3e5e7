import type { Storage, StorageReader, StorageWriter } from "./storage.ts";

const INDEX_DIGITS = 6;
const CHUNK_DIGITS = 8;
/** Pieces of content that are destroyed at once. */
const PAGE = 16;

/** Contents of attachments in a collection, each in pieces: by the id of what they belong to, and their place in it. */
export interface Contents {
  /** Stores a piece. */
  put(writer: StorageWriter, id: string, index: number, chunk: number, bytes: Uint8Array): void;
  /** The content of an attachment, piece by piece. */
  read(reader: StorageReader, id: string, index: number): AsyncIterable<Uint8Array>;
  /** Destroys so many contents, as part of a transaction. */
  delete(writer: StorageWriter, id: string, count: number): Promise<void>;
  /** Destroys everything under an id, page by page: an attachment may be larger than memory. */
  deleteAll(storage: Storage, id: string): Promise<void>;
  /** The ids that something stands under. */
  ids(reader: StorageReader): Promise<readonly string[]>;
}

/** Names a collection of contents; only code that uses this same value writes there. */
export function contentsIn(collection: string): Contents {
  const keyOf = (id: string, index: number, chunk: number): string => `${id}/${digits(index, INDEX_DIGITS)}/${digits(chunk, CHUNK_DIGITS)}`;
  return {
    put: (writer, id, index, chunk, bytes) => writer.put(collection, keyOf(id, index, chunk), bytes),
    read: async function* (reader, id, index) {
      for (let chunk = 0; ; chunk++) {
        const bytes = await reader.get(collection, keyOf(id, index, chunk));
        if (bytes === null) return;
        yield bytes;
      }
    },
    delete: async (writer, id, count) => {
      for (let index = 0; index < count; index++) {
        for (let chunk = 0; ; chunk++) {
          const key = keyOf(id, index, chunk);
          if ((await writer.get(collection, key)) === null) break;
          writer.delete(collection, key);
        }
      }
    },
    deleteAll: async (storage, id) => {
      for (;;) {
        const page = await storage.keys(collection, { after: `${id}/`, limit: PAGE });
        const keys = page.filter((key) => key.startsWith(`${id}/`));
        if (keys.length === 0) return;
        await storage.transact(async (writer) => {
          for (const key of keys) writer.delete(collection, key);
        });
      }
    },
    ids: async (reader) => {
      const found: string[] = [];
      for (let after: string | undefined; ;) {
        const [next] = await reader.keys(collection, { limit: 1, ...(after === undefined ? {} : { after }) });
        if (next === undefined) return found;
        const id = next.slice(0, next.indexOf("/"));
        found.push(id);
        after = `${id}0`;
      }
    },
  };
}

function digits(value: number, length: number): string {
  return String(value).padStart(length, "0");
}

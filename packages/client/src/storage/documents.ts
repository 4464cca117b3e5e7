import { fromUtf8, utf8 } from "@smimp/protocol";
import type { KeyOptions, ListOptions, StorageReader, StorageWriter } from "./storage.ts";

/** A collection whose values are JSON documents of one type. */
export interface Documents<Document> {
  get(reader: StorageReader, key: string): Promise<Document | null>;
  list(reader: StorageReader, options?: ListOptions): Promise<readonly { readonly key: string; readonly document: Document }[]>;
  /** The keys alone, which costs far less. */
  keys(reader: StorageReader, options?: KeyOptions): Promise<readonly string[]>;
  put(writer: StorageWriter, key: string, document: Document): void;
  delete(writer: StorageWriter, key: string): void;
}

/** Names a collection and says what is in it; only code that uses this same value writes there. */
export function documents<Document extends object>(collection: string): Documents<Document> {
  // What comes back was written here and, on a disk, authenticated by the storage: its type is known.
  const parse = (value: Uint8Array): Document => JSON.parse(fromUtf8(value)) as Document;
  return {
    get: async (reader, key) => {
      const value = await reader.get(collection, key);
      return value === null ? null : parse(value);
    },
    list: async (reader, options) => (await reader.list(collection, options)).map(({ key, value }) => ({ key, document: parse(value) })),
    keys: async (reader, options) => await reader.keys(collection, options),
    put: (writer, key, document) => writer.put(collection, key, utf8(JSON.stringify(document))),
    delete: (writer, key) => writer.delete(collection, key),
  };
}

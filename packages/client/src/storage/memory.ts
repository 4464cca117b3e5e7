import { concat, keyedHash, randomBytes, toHex, utf8 } from "@smimp/protocol";
import { createTurns } from "../turns.ts";
import { createOverlay, ordered } from "./overlay.ts";
import type { Storage, StorageReader } from "./storage.ts";

/** A storage that ends with the program: for tests and for sessions that shall leave nothing behind. */
export function createMemoryStorage(): Storage {
  const collections = new Map<string, Map<string, Uint8Array>>();
  const hidingKey = randomBytes(32);
  const turns = createTurns();
  let open = true;

  const collection = (name: string): Map<string, Uint8Array> => {
    if (!open) throw new TypeError("the storage is closed");
    const found = collections.get(name) ?? new Map<string, Uint8Array>();
    collections.set(name, found);
    return found;
  };
  const reader: StorageReader = {
    get: async (name, key) => collection(name).get(key)?.slice() ?? null,
    list: async (name, options = {}) => ordered(collection(name), options).map(({ key, value }) => ({ key, value: value.slice() })),
    keys: async (name, options = {}) => ordered(collection(name), options).map(({ key }) => key),
  };

  return {
    ...reader,
    transact: async (work) =>
      await turns(async () => {
        const overlay = createOverlay(reader);
        const result = await work(overlay.writer);
        for (const { collection: name, key, value } of overlay.writes()) {
          if (value === null) collection(name).delete(key);
          else collection(name).set(key, value.slice());
        }
        return result;
      }),
    hiddenKey: (name, text) => toHex(keyedHash(hidingKey, concat(utf8(name), 0, utf8(text)))),
    close: async () =>
      await turns(async () => {
        open = false;
        collections.clear();
      }),
  };
}

import { randomBytes } from "@smimp/protocol";
import { expect, test } from "vitest";
import { createMemoryStorage } from "../storage/memory.ts";
import { createOverlay } from "../storage/overlay.ts";
import type { Storage, StorageReader } from "../storage/storage.ts";
import { outboxContents } from "./documents.ts";

test("content that belongs to nothing is destroyed without being read again and again", async () => {
  const PIECES = 100;
  const inner = createMemoryStorage();
  let read = 0;
  const reader: StorageReader = {
    get: async (collection, key) => await inner.get(collection, key),
    list: async (collection, options) => {
      const entries = await inner.list(collection, options);
      read += entries.length;
      return entries;
    },
    keys: async (collection, options) => {
      const keys = await inner.keys(collection, options);
      read += keys.length;
      return keys;
    },
  };
  const storage: Storage = {
    ...inner,
    ...reader,
    transact: async (work) => {
      const overlay = createOverlay(reader);
      const result = await work(overlay.writer);
      await inner.transact(async (writer) => {
        for (const { collection, key, value } of overlay.writes()) {
          if (value === null) writer.delete(collection, key);
          else writer.put(collection, key, value);
        }
      });
      return result;
    },
  };
  await storage.transact(async (writer) => {
    for (let chunk = 0; chunk < PIECES; chunk++) outboxContents.put(writer, "one", 0, chunk, randomBytes(8));
    outboxContents.put(writer, "other", 0, 0, randomBytes(8));
  });
  await outboxContents.deleteAll(storage, "one");
  expect(read).toBeLessThanOrEqual(PIECES + 2);
  expect((await inner.list("outbox-content")).map(({ key }) => key)).toEqual(["other/000000/00000000"]);
});

import type { IndexChange, IndexImage, IndexQuery, SearchDocument, SearchEngine, StoredImage } from "@smimp/client";
import { createThreadedSearch, EVERY_MESSAGE, serveIndex, type IndexReply } from "@smimp/client/search-parts";
import { createSqliteSearch } from "@smimp/client/sqlite-search";
import type { Hex32, Timestamp } from "@smimp/protocol";
import { expect, test } from "vitest";
import { wasmPlatform } from "./wasm-sql.ts";

// SQLite in WebAssembly runs in Node too: the same calls go to both engines, and images go from one to the other.

const platform = await wasmPlatform();
const wasmSearch: SearchEngine = createThreadedSearch(() => {
  let heard: (reply: IndexReply) => void = () => undefined;
  const serve = serveIndex(platform, (reply) => heard(reply));
  return {
    post: serve,
    listen: ({ reply }) => {
      heard = reply;
    },
    hold: () => undefined,
    end: () => undefined,
  };
});
const engines = [
  ["WebAssembly", wasmSearch, createSqliteSearch()],
  ["Node", createSqliteSearch(), wasmSearch],
] as const;

const idOf = (number: number): Hex32 => number.toString(16).padStart(64, "0") as Hex32;

function documentOf(number: number, words: string, more: Partial<SearchDocument> = {}): IndexChange {
  const document: SearchDocument = {
    messageId: idOf(number),
    receivedAt: `2026-01-${String((number % 28) + 1).padStart(2, "0")}T00:00:00Z` as Timestamp,
    sender: "bob beta example",
    recipients: "alice alpha example",
    subject: words,
    body: `${words} and more`,
    files: "",
    attachment: false,
    own: false,
    whole: true,
    unread: true,
    starred: false,
    folder: null,
    labels: [],
    ...more,
  };
  return { type: "put", document };
}

function queryOf(text: string, more: Partial<IndexQuery> = {}): IndexQuery {
  return { ...EVERY_MESSAGE, terms: text === "" ? [] : [{ field: "any", text, prefix: true, negated: false }], ...more };
}

async function stored(image: IndexImage): Promise<StoredImage> {
  const chunks = await Promise.all(image.chunks.map(async (_chunk, index) => await image.chunk(index)));
  return {
    size: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    chunks: async function* () {
      yield* chunks;
    },
  };
}

test.each(engines)("an index of %s finds, forgets, and is opened by the other engine", async (_name, one, other) => {
  expect(one.format).toBe(other.format);
  const index = await one.open(null);
  await index.apply([
    documentOf(1, "rhubarb crumble"),
    documentOf(2, "Größe"),
    documentOf(3, "rhubarb pie", { labels: ["Dessert"], starred: true }),
  ]);
  expect(await index.find(queryOf("rhub"))).toEqual([idOf(3), idOf(1)]);
  expect(await index.find(queryOf("grosse"))).toEqual([]);
  expect(await index.find(queryOf("große"))).toEqual([idOf(2)]);
  expect(await index.find(queryOf("rhubarb", { labels: ["dessert"] }))).toEqual([idOf(3)]);
  expect(await index.find(queryOf("", { starred: true }))).toEqual([idOf(3)]);
  await index.apply([{ type: "remove", messageId: idOf(1) }]);
  expect(await index.known([idOf(1), idOf(2)])).toEqual([null, "whole"]);
  const image = await index.image({ purge: true });
  const bytes = await stored(image);
  await image.release();
  await index.close();

  const again = await other.open(bytes);
  expect(await again.count()).toBe(2);
  expect(await again.find(queryOf("rhubarb"))).toEqual([idOf(3)]);
  await again.apply([documentOf(4, "rhubarb jam")]);
  expect(await again.find(queryOf("rhubarb"))).toEqual([idOf(4), idOf(3)]);
  await again.close();
});

test.each(engines)("an image that is none is refused by %s", async (_name, engine) => {
  const bytes = new Uint8Array(8_192).fill(7);
  const image: StoredImage = {
    size: bytes.length,
    chunks: async function* () {
      yield await Promise.resolve(bytes);
    },
  };
  await expect(engine.open(image)).rejects.toThrow();
});

test("nothing stays in memory of what is asked once: somebody who types asks anew with each letter", async () => {
  const database = (await wasmPlatform()).open(null);
  database.exec("PRAGMA hard_heap_limit = 20000000");
  // With their texts kept these statements would need more memory than that.
  const comment = "x".repeat(900_000);
  for (let asked = 0; asked < 50; asked++) database.select(`SELECT ${asked} -- ${comment}`, []);
  expect(database.select("SELECT ? AS value", [7])).toEqual([{ value: 7 }]);
  database.close();
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IndexImage, IndexQuery, SearchIndex, SearchTerm, Storage } from "@smimp/client";
import { EVERY_MESSAGE } from "@smimp/client/search-parts";
import { openSqliteStorage } from "@smimp/client/sqlite";
import { createSqliteSearch } from "@smimp/client/sqlite-search";
import { MIN_PASSPHRASE_MEMORY } from "@smimp/protocol";
import { figure, type Figure } from "./figures.ts";
import { makeCorpus, type Corpus } from "./search-corpus.ts";

/** Messages that are put into the index at once, as a sync of a large mailbox does. */
const BATCH = 64;
/** Times that each query is asked; the median counts. */
const ASKED = 9;
/** A mailbox of 100,000 shall be indexed within a minute. */
const BUILD_LIMIT = 1_700;
const COLLECTION = "search-chunks";

/** Full-text search over a made-up mailbox, beside a plain scan of the same texts, which are already folded and in memory. */
export async function benchSearch(messages: number): Promise<readonly Figure[]> {
  const corpus = makeCorpus(messages);
  const scanned = corpus.documents.map(({ sender, subject, body }) => `${sender} ${subject} ${body}`);
  const engine = createSqliteSearch();
  const index = await engine.open(null);
  const folder = await mkdtemp(join(tmpdir(), "smimp-bench-"));
  const storage = await openSqliteStorage({
    file: join(folder, "mail.db"),
    passphrase: "bench bench",
    cost: { memory: MIN_PASSPHRASE_MEMORY },
  });
  try {
    const built = await seconds(async () => await fill(index, corpus));
    const image = await index.image({ purge: false });
    const size = image.chunks.reduce((sum, chunk) => sum + chunk.size, 0);
    await seal(storage, image);
    const queries = await measureQueries(index, corpus, scanned);
    await index.close();
    // What is sealed has to be read and unsealed in any case.
    const read = await seconds(async () => {
      for await (const _chunk of chunksOf(storage, image));
    });
    const opening = await seconds(async () => {
      const opened = await engine.open({ size, chunks: () => chunksOf(storage, image) });
      await opened.find(queryOf(word(corpus.word(1_000))));
      await opened.close();
    });
    return [
      ...queries,
      figure("search: messages indexed", messages / built, "1/s", BUILD_LIMIT),
      figure("search: open the sealed index", opening, "s", read),
      figure("search: index, beside its texts", size / 1e6, "MB", corpus.characters / 1e6),
    ];
  } finally {
    await storage.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function fill(index: SearchIndex, { documents }: Corpus): Promise<void> {
  for (let at = 0; at < documents.length; at += BATCH) {
    // oxlint-disable-next-line no-await-in-loop -- as it is done
    await index.apply(documents.slice(at, at + BATCH).map((document) => ({ type: "put", document })));
  }
}

async function seal(storage: Storage, { chunks, chunk }: IndexImage): Promise<void> {
  for (const number of chunks.keys()) {
    const value = await chunk(number);
    await storage.transact(async (writer) => writer.put(COLLECTION, String(number), value));
  }
}

async function* chunksOf(storage: Storage, { chunks }: IndexImage): AsyncGenerator<Uint8Array> {
  for (const number of chunks.keys()) {
    const value = await storage.get(COLLECTION, String(number));
    if (value !== null) yield value;
  }
}

async function measureQueries(index: SearchIndex, corpus: Corpus, scanned: readonly string[]): Promise<readonly Figure[]> {
  const [rare, known, common] = [corpus.word(20_000), corpus.word(300), corpus.word(0)];
  const cases: readonly (readonly [string, readonly SearchTerm[]])[] = [
    ["search: a rare word", [word(rare)]],
    ["search: a word and a sender", [word(known), { ...word(corpus.sender), field: "from" }]],
    ["search: an unfinished word", [{ ...word(known.slice(0, 3)), prefix: true }]],
    ["search: a word of every message", [word(common)]],
  ];
  const figures: Figure[] = [];
  for (const [name, terms] of cases) {
    const took = await median(async () => void (await index.find(queryOf(...terms))));
    const scan = await median(async () => void scanned.filter((text) => terms.every(({ text: wanted }) => text.includes(wanted))));
    figures.push(figure(name, took, "s", scan));
  }
  return figures;
}

function word(text: string): SearchTerm {
  return { field: "any", text, prefix: false, negated: false };
}

function queryOf(...terms: readonly SearchTerm[]): IndexQuery {
  return { ...EVERY_MESSAGE, terms };
}

async function median(run: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < ASKED; i++) times.push(await seconds(run));
  return times.toSorted((a, b) => a - b)[Math.floor(ASKED / 2)] ?? 0;
}

async function seconds(run: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1_000;
}

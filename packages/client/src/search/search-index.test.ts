import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MIN_PASSPHRASE_MEMORY, type Hex32 } from "@smimp/protocol";
import { afterEach, describe, expect, test } from "vitest";
import { closeSearches, found, Mailbox } from "../../test/searched-mailbox.ts";
import { openSqliteStorage } from "../storage/sqlite.ts";
import type { Storage } from "../storage/storage.ts";
import { listUnsaved } from "./journal.ts";
import { imageFacts } from "./snapshot.ts";
import { createSqliteSearch } from "./sqlite/engine.ts";

// What the index keeps, and what it forgets. The real index and the real storages; the mailbox is a map.

afterEach(closeSearches);

const storedChunks = async (storage: Storage): Promise<readonly unknown[]> => {
  const header = await storage.get("search-index", "image");
  return (JSON.parse(Buffer.from(header ?? []).toString()) as { readonly chunks: readonly unknown[] }).chunks;
};

describe("the index", () => {
  test("follows what changes and goes, without reading a message twice", async () => {
    const mailbox = new Mailbox();
    const messageId = await mailbox.put({ body: "pear", read: false });
    const search = mailbox.search();
    await search.index();
    expect([await found(search, "is:unread"), mailbox.reads]).toEqual([[messageId], 2]);
    await mailbox.change(messageId, { read: true, labels: ["fruit"], folder: "f1" });
    expect(await search.status()).toEqual({ indexed: 1, pending: 1 });
    await search.index();
    expect([await found(search, "is:unread"), mailbox.reads]).toEqual([[], 2]);
    expect(await found(search, "pear in:Prøjects label:fruit")).toEqual([messageId]);
    await mailbox.change(messageId, null);
    expect(await search.find("pear in:all")).toEqual({ hits: [], more: false, notUnderstood: [], indexed: 0, pending: 0 });
    expect((await search.find("pear in:Nope in:sent after:soon")).notUnderstood).toEqual([
      { text: "after:soon", taken: "words" },
      { text: "in:Nope", taken: "no_folder" },
    ]);
  });

  test("takes changes in after many went, at once or one by one", async () => {
    const mailbox = new Mailbox();
    const ids: Hex32[] = [];
    for (let i = 0; i < 700; i++) ids.push(await mailbox.put({ body: `pear number${i}`, labels: ["a"] }));
    const search = mailbox.search();
    await search.index();
    for (const messageId of ids.slice(0, 400)) await mailbox.change(messageId, null);
    await search.index();
    await search.forget(ids.slice(400, 500));
    for (const messageId of ids.slice(400, 500)) await mailbox.change(messageId, null);
    await mailbox.change(ids.at(600) ?? ("" as Hex32), { labels: ["b"], folder: "f1" });
    const late = await mailbox.put({ body: "pear late" });
    expect([await found(search, "late"), await found(search, "label:b pear")]).toEqual([[late], [ids[600]]]);
    expect((await search.find("pear", { limit: 500 })).hits).toHaveLength(201);
  });

  test("knows a message by its summary until it is here, and nothing that is not open", async () => {
    const mailbox = new Mailbox();
    const messageId = await mailbox.put({ subject: "Fruit", body: "nothing but a summary and then a pear", fetched: false });
    await mailbox.put({ body: "pear", state: "invalid" });
    const search = mailbox.search();
    expect([await found(search, "summary"), await found(search, "pear")]).toEqual([[], []]);
    expect(await found(search, "fruit nothing")).toEqual([messageId]);
    await mailbox.change(messageId, { fetched: true });
    expect(await found(search, "fruit pear")).toEqual([messageId]);
  });

  test("is there again after a restart, changes that no image holds too", async () => {
    const mailbox = new Mailbox();
    for (let i = 0; i < 700; i++) await mailbox.put({ body: `pear number${i}` });
    const first = mailbox.search();
    await first.index();
    expect([(await imageFacts(mailbox.storage))?.messages, await listUnsaved(mailbox.storage)]).toEqual([700, []]);
    const late = await mailbox.put({ body: "late pear" });
    await first.index();
    await first.close();
    mailbox.reads = 0;
    const second = mailbox.search();
    expect(await second.status()).toEqual({ indexed: 700, pending: 1 });
    expect([await found(second, "late"), mailbox.reads]).toEqual([[late], 2]);
    expect(await found(second, "number699")).toHaveLength(1);
  });

  test("is made anew where its copy is of another form, or broken", async () => {
    const mailbox = new Mailbox();
    const messageId = await mailbox.put({ body: "pear" });
    const first = mailbox.search({ ...createSqliteSearch(), format: "older" });
    await first.index();
    await first.close();
    const second = mailbox.search();
    expect(await found(second, "pear")).toEqual([messageId]);
    await second.close();
    await mailbox.storage.transact(async (writer) => {
      for (const { key, value } of await writer.list("search-chunks")) writer.put("search-chunks", key, value.fill(1));
    });
    expect(await found(mailbox.search(), "pear")).toEqual([messageId]);
  });

  test("tells how far it is, and stops when it is told to", async () => {
    const mailbox = new Mailbox();
    for (let i = 0; i < 1_100; i++) await mailbox.put({ body: "pear" });
    const search = mailbox.search();
    const stop = new AbortController();
    const seen: number[] = [];
    const stopped = search.index({
      signal: stop.signal,
      onProgress: ({ done, total }) => {
        seen.push(done / total);
        stop.abort(new RangeError("on purpose"));
      },
    });
    await expect(stopped).rejects.toBeInstanceOf(RangeError);
    const { indexed, pending } = await search.status();
    expect([seen.length, indexed + pending, pending > 0]).toEqual([1, 1_100, true]);
    await search.index({ onProgress: ({ done, total }) => void seen.push(done / total) });
    expect([seen.at(-1), await search.status()]).toEqual([1, { indexed: 1_100, pending: 0 }]);
  });

  test("loses nothing, wherever the program ends while its copy is made", { timeout: 120_000 }, async () => {
    const mailbox = new Mailbox();
    const first = mailbox.search();
    for (let i = 0; i < 600; i++) await mailbox.put({ body: `pear number${i}` });
    await first.index();
    await first.close();
    const { storage } = mailbox;
    for (let left = 0, ended = false; !ended; left++) {
      for (let i = 0; i < 20; i++) await mailbox.put({ body: `round${left} pear` });
      let transactions = left;
      // Its writes up to there are durable, and nothing after that happens.
      const dying: Storage = {
        get: async (...args) => await storage.get(...args),
        list: async (...args) => await storage.list(...args),
        keys: async (...args) => await storage.keys(...args),
        transact: async (work) => {
          if (transactions-- <= 0) throw new RangeError("killed");
          return await storage.transact(work);
        },
        hiddenKey: (...args) => storage.hiddenKey(...args),
        close: async () => undefined,
      };
      const killed = mailbox.search(createSqliteSearch(), dying);
      ended = await killed.forget([]).then(
        () => true,
        () => false,
      );
      await killed.close();
      const next = mailbox.search();
      expect([await found(next, `round${left}`), (await next.status()).indexed]).toMatchObject([{ length: 20 }, 620 + left * 20]);
      await next.close();
    }
    const chunks = (await storage.list("search-chunks")).map(({ key }) => key);
    expect(chunks).toHaveLength((await storedChunks(storage)).length);
  });

  test("is opened anew where its thread dies", async () => {
    const mailbox = new Mailbox();
    const messageId = await mailbox.put({ body: "pear" });
    const engine = createSqliteSearch();
    let fail = true;
    const search = mailbox.search({
      ...engine,
      open: async (image) => {
        const index = await engine.open(image);
        return { ...index, apply: async (changes) => (fail ? await Promise.reject(new Error("died")) : await index.apply(changes)) };
      },
    });
    await expect(search.find("pear")).rejects.toThrow();
    fail = false;
    expect(await found(search, "pear")).toEqual([messageId]);
  });
});

describe("on a disk", () => {
  const CANARY = "zzyzxcanary";
  const inFiles = async (folder: string, text: string): Promise<boolean> => {
    const files = await Promise.all((await readdir(folder)).map(async (name) => await readFile(join(folder, name))));
    return files.some((bytes) => bytes.includes(text));
  };

  async function onDisk(work: (mailbox: Mailbox, folder: string) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), "smimp-search-"));
    const storage = await openSqliteStorage({
      file: join(folder, "mail.db"),
      passphrase: "correct horse",
      cost: { memory: MIN_PASSPHRASE_MEMORY },
    });
    try {
      await work(new Mailbox(storage), folder);
    } finally {
      await closeSearches();
      await storage.close();
      await rm(folder, { recursive: true, force: true });
    }
  }

  test("nothing stands in clear, in no file", async () => {
    await onDisk(async (mailbox, folder) => {
      for (let i = 0; i < 300; i++) await mailbox.put({ subject: CANARY, body: `${CANARY} pear${i}`, attachments: [{ name: CANARY }] });
      const search = mailbox.search();
      await search.index();
      await search.forget([[...mailbox.messages.keys()][0] ?? ("" as Hex32)]);
      expect((await imageFacts(mailbox.storage))?.messages).toBe(299);
      const chunks = await mailbox.storage.list("search-chunks");
      expect(chunks.some(({ value }) => Buffer.from(value).includes(CANARY))).toBe(true);
      for (const word of [CANARY, "pear2", "SQLite format 3\0\0"]) {
        // The file itself begins with SQLite's own words; no second one does.
        expect(await inFiles(folder, word)).toBe(false);
      }
    });
  });

  test("what is forgotten is gone from the sealed copy too", async () => {
    await onDisk(async (mailbox) => {
      const words = Array.from({ length: 2_000 }, (_, index) => `word${index}`);
      for (let i = 0; i < 500; i++) await mailbox.put({ body: words.slice(i, i + 40).join(" ") });
      const secret = await mailbox.put({ body: `the ${CANARY} is here` });
      for (let i = 0; i < 500; i++) await mailbox.put({ body: words.slice(i, i + 40).join(" ") });
      const search = mailbox.search();
      await search.index();
      const sealed = async (): Promise<boolean> =>
        Buffer.concat((await mailbox.storage.list("search-chunks")).map(({ value }) => value)).includes(CANARY.slice(2));
      expect(await sealed()).toBe(true);
      await mailbox.change(secret, null);
      await search.forget([secret]);
      expect([await sealed(), await found(search, CANARY), (await found(search, "word7 ")).length]).toEqual([false, [], 16]);
    });
  });
});

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EMAIL, hash, MIN_PASSPHRASE_MEMORY, SmimpError, toHex32, utf8, type Address, type Hex32, type Timestamp } from "@smimp/protocol";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import type { InboxSummary } from "../model.ts";
import { createMemoryStorage } from "../storage/memory.ts";
import { openSqliteStorage } from "../storage/sqlite.ts";
import type { Storage } from "../storage/storage.ts";
import { listUnsaved, noteForSearch } from "./journal.ts";
import type { SearchOptions } from "../rooms/search.ts";
import type { SearchableContent, SearchEngine } from "./model.ts";
import type { SearchFolder } from "./narrowing.ts";
import { createSearch, type SearchRoom } from "./search.ts";
import { imageFacts } from "./snapshot.ts";
import { createSqliteSearch } from "./sqlite/engine.ts";
import { folded } from "./text.ts";

// The real index and the real storages; the mailbox is a map.

const ALICE = "alice#alpha.example" as Address;
const BOB = "bob#beta.example" as Address;
const NOW = "2026-03-15T12:00:00Z" as Timestamp;
const FOLDERS: readonly SearchFolder[] = [
  { id: "f1", name: "Prøjects", role: null },
  { id: "f2", name: "Old", role: "archive" },
  { id: "f3", name: "Bin", role: "trash" },
];

interface Message {
  readonly summary: InboxSummary;
  readonly content: SearchableContent;
}
type Written = Partial<InboxSummary> & Partial<SearchableContent>;

let open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.reverse()) await close();
  open = [];
});

class Mailbox {
  readonly messages = new Map<Hex32, Message>();
  readonly storage: Storage;
  reads = 0;
  #number = 0;

  constructor(storage = createMemoryStorage()) {
    this.storage = storage;
  }

  search(engine: SearchEngine | null = createSqliteSearch(), storage = this.storage): SearchRoom {
    const search = createSearch({
      storage,
      engine,
      clock: () => NOW,
      summaryOf: async (messageId) => this.messages.get(messageId)?.summary ?? null,
      read: async (messageId) => {
        this.reads++;
        const message = this.messages.get(messageId);
        if (message === undefined) throw new SmimpError("not_found", "gone");
        return message.content;
      },
      nameOf: async (address) => (address === BOB ? "Bob Öztürk" : ""),
      allMessages: async function* (this: Mailbox) {
        yield [...this.messages.keys()];
      }.bind(this),
      folders: async () => FOLDERS,
    });
    open.push(async () => await search.close());
    return search;
  }

  async put(written: Written): Promise<Hex32> {
    const number = this.#number++;
    const messageId = written.messageId ?? toHex32(hash(utf8(`message ${number}`)));
    const { to = [ALICE], cc = [], body = "", attachments = [], ...rest } = written;
    const summary: InboxSummary = {
      messageId,
      receivedAt: `2026-01-01T00:00:${String(number % 60).padStart(2, "0")}Z` as Timestamp,
      position: number,
      from: BOB,
      state: "open",
      reason: null,
      messageType: EMAIL,
      subject: "",
      preview: body.slice(0, 20),
      attached: attachments.length,
      read: true,
      size: 1,
      own: false,
      marks: { firstContact: false, revokedKey: false, formerKey: false, notAuthenticated: false },
      fetched: true,
      ref: null,
      threadId: null,
      recipients: to,
      folder: null,
      starred: false,
      labels: [],
      imported: null,
      ...rest,
    };
    await this.storage.transact(async (writer) => {
      this.messages.set(messageId, { summary, content: { to, cc, body, attachments } });
      noteForSearch(writer, messageId);
    });
    return messageId;
  }

  async change(messageId: Hex32, changed: Partial<InboxSummary> | null): Promise<void> {
    await this.storage.transact(async (writer) => {
      const before = this.messages.get(messageId);
      if (changed === null) this.messages.delete(messageId);
      else if (before !== undefined) this.messages.set(messageId, { ...before, summary: { ...before.summary, ...changed } });
      noteForSearch(writer, messageId);
    });
  }
}

const storedChunks = async (storage: Storage): Promise<readonly unknown[]> => {
  const header = await storage.get("search-index", "image");
  return (JSON.parse(Buffer.from(header ?? []).toString()) as { readonly chunks: readonly unknown[] }).chunks;
};

const found = async (search: SearchRoom, query: string, options?: SearchOptions): Promise<readonly Hex32[]> =>
  (await search.find(query, options)).hits.map(({ messageId }) => messageId);

describe("a search", () => {
  test("finds words, beginnings, phrases and what is not there", async () => {
    const mailbox = new Mailbox();
    const lunch = await mailbox.put({ subject: "Lunch", body: "Shall we meet at the Café on Monday?" });
    const report = await mailbox.put({
      subject: "Report",
      body: "The café report, on Tuesday",
      attachments: [{ name: "Q3-Übersicht.pdf" }],
    });
    const search = mailbox.search();
    expect(await found(search, "cafe")).toEqual([report, lunch]);
    expect(await found(search, "LUN")).toEqual([lunch]);
    expect(await found(search, "lun ")).toEqual([]);
    expect(await found(search, '"on monday"')).toEqual([lunch]);
    expect(await found(search, '"monday on"')).toEqual([]);
    expect(await found(search, "cafe -monday")).toEqual([report]);
    expect(await found(search, "-monday")).toEqual([report]);
    expect(await found(search, "ubersicht")).toEqual([report]);
    expect(await found(search, "subject:report")).toEqual([report]);
    expect(await found(search, "subject:cafe")).toEqual([]);
    expect(await found(search, "")).toEqual([]);
    expect(await found(search, "?!")).toEqual([]);
  });

  test("knows people by address and name, and what mail from elsewhere said of itself", async () => {
    const mailbox = new Mailbox();
    const fromBob = await mailbox.put({});
    const toCarol = await mailbox.put({ from: ALICE, own: true, to: ["carol#gamma.example" as Address], cc: [BOB] });
    const imported = await mailbox.put({
      from: ALICE,
      imported: { from: "Dora Günther <dora@example.org>", to: ["alice@example.com"], cc: [], date: null, messageId: null },
    });
    const search = mailbox.search();
    expect(await found(search, "from:bob#beta.example")).toEqual([fromBob]);
    expect(await found(search, "from:öztürk")).toEqual([fromBob]);
    expect(await found(search, 'from:"bob ozturk"')).toEqual([fromBob]);
    expect(await found(search, "to:carol")).toEqual([toCarol]);
    expect(await found(search, "to:bob")).toEqual([toCarol]);
    expect(await found(search, "from:dora gunther")).toEqual([imported]);
    expect(await found(search, "to:alice@example.com")).toEqual([imported]);
    expect(await found(search, "in:sent")).toEqual([toCarol]);
    expect(await found(search, "is:read", { from: BOB })).toEqual([fromBob]);
  });

  test("is narrowed by place, time, state, labels and attachments", async () => {
    const mailbox = new Mailbox();
    const inbox = await mailbox.put({ read: false, receivedAt: "2026-02-01T12:00:00Z" as Timestamp, labels: ["Wörk"] });
    const project = await mailbox.put({ folder: "f1", starred: true, receivedAt: "2026-01-01T12:00:00Z" as Timestamp });
    const old = await mailbox.put({ folder: "f2", attachments: [{ name: "a" }], receivedAt: "2025-01-01T12:00:00Z" as Timestamp });
    const binned = await mailbox.put({ folder: "f3", receivedAt: "2026-03-01T12:00:00Z" as Timestamp });
    const search = mailbox.search();
    expect(await found(search, "from:bob")).toEqual([inbox, project, old]);
    expect(await found(search, "from:bob in:anywhere")).toEqual([binned, inbox, project, old]);
    expect(await found(search, "in:inbox")).toEqual([inbox]);
    expect(await found(search, "in:PRØJECTS")).toEqual([project]);
    expect(await found(search, "in:archive")).toEqual([old]);
    expect(await found(search, "in:bin")).toEqual([binned]);
    expect(await found(search, "in:nowhere")).toEqual([]);
    expect(await found(search, "from:bob", { folder: null })).toEqual([inbox]);
    expect(await found(search, "", { folder: "f1" })).toEqual([project]);
    expect(await found(search, "is:unread")).toEqual([inbox]);
    expect(await found(search, "is:starred")).toEqual([project]);
    expect(await found(search, "label:work")).toEqual([inbox]);
    expect(await found(search, "has:attachment")).toEqual([old]);
    expect(await found(search, "after:2026-01-15")).toEqual([inbox]);
    expect(await found(search, "before:2025-06")).toEqual([old]);
    expect(
      await found(search, "from:bob", { after: "2026-01-01T12:00:00Z" as Timestamp, before: "2026-02-01T12:00:00Z" as Timestamp }),
    ).toEqual([project]);
  });

  test("gives pages, newest first or best first, with snippets", async () => {
    const mailbox = new Mailbox();
    const ids: Hex32[] = [];
    for (let i = 0; i < 12; i++)
      ids.push(await mailbox.put({ body: i === 3 ? "pear pear pear" : "a long text about many a fruit, one pear too" }));
    const search = mailbox.search();
    const first = await search.find("pear", { limit: 5 });
    expect(first.hits.map(({ messageId }) => messageId)).toEqual(ids.slice(7).toReversed());
    expect([first.more, first.indexed, first.pending]).toEqual([true, 12, 0]);
    const last = await search.find("pear", { limit: 5, offset: 10 });
    expect([last.hits.length, last.more]).toEqual([2, false]);
    const best = await search.find("pear", { order: "relevance", limit: 1 });
    expect(best.hits[0]).toMatchObject({ messageId: ids[3], from: BOB, snippet: [{ text: "pear", match: true }, {}, {}, {}, {}] });
  });

  test("tells more messages of one second apart than it has places for", async () => {
    const mailbox = new Mailbox();
    const receivedAt = "2026-02-01T12:00:00Z" as Timestamp;
    const ids: Hex32[] = [];
    for (let i = 0; i < 30; i++) ids.push(await mailbox.put({ body: `pear ${i}`, receivedAt, fetched: i % 2 === 0 }));
    const later = await mailbox.put({ body: "pear", receivedAt: "2026-02-01T12:01:00Z" as Timestamp });
    const search = mailbox.search();
    const hits = await found(search, "pear");
    expect([hits[0], hits.length, new Set(hits).size]).toEqual([later, 31, 31]);
    expect((await found(search, "pear", { after: receivedAt })).length).toBe(31);
    expect(await found(search, "pear", { before: "2026-02-01T12:01:00Z" as Timestamp })).toHaveLength(30);
    // One that is there as a whole now takes its own place again.
    await mailbox.change(ids[1] ?? later, { fetched: true });
    expect((await found(search, "pear")).length).toBe(31);
  });

  test("works in scripts without spaces", async () => {
    const mailbox = new Mailbox();
    const tokyo = await mailbox.put({ body: "我在東京工作。" });
    await mailbox.put({ body: "京東" });
    expect(await found(mailbox.search(), "東京")).toEqual([tokyo]);
  });

  test("needs an engine", async () => {
    const search = new Mailbox().search(null);
    await expect(search.find("x")).rejects.toBeInstanceOf(TypeError);
    await expect(search.index()).rejects.toBeInstanceOf(TypeError);
    await search.forget([]);
  });

  test("finds what a plain scan finds, whatever is typed", { timeout: 120_000 }, async () => {
    const words = ["äpfel", "Apfel", "birne", "kirsche", "a-b", "x"];
    const mailbox = new Mailbox();
    const bodies = fc.sample(fc.array(fc.constantFrom(...words), { minLength: 0, maxLength: 4 }), { numRuns: 60, seed: 7 });
    for (const body of bodies) await mailbox.put({ body: body.join(" ") });
    const search = mailbox.search();
    const scan = (wanted: readonly string[], unwanted: readonly string[]): readonly Hex32[] =>
      [...mailbox.messages]
        .filter(([, { content }]) => {
          const has = (word: string): boolean => ` ${folded(content.body)} `.includes(` ${folded(word)} `);
          return wanted.every(has) && !unwanted.some(has);
        })
        .map(([messageId]) => messageId)
        .toSorted();
    const queries = fc.tuple(fc.subarray(words, { minLength: 1 }), fc.subarray(words, { maxLength: 1 }));
    await fc.assert(
      fc.asyncProperty(queries, async ([wanted, unwanted]) => {
        const typed = [...wanted.map((word) => `"${word}"`), ...unwanted.map((word) => `-${word}`)].join(" ");
        expect((await found(search, typed, { limit: 500 })).toSorted()).toEqual(scan(wanted, unwanted));
      }),
    );
    await fc.assert(fc.asyncProperty(fc.string({ unit: "binary", maxLength: 30 }), async (typed) => void (await search.find(typed))));
  });
});

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
      for (const close of open.splice(0)) await close();
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

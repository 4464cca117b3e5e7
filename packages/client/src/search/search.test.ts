import type { Address, Hex32, Timestamp } from "@smimp/protocol";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { ALICE, BOB, closeSearches, found, Mailbox } from "../../test/searched-mailbox.ts";
import { folded } from "./text.ts";

// What is found. The real index and the real storages; the mailbox is a map.

afterEach(closeSearches);

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

  test("shows messages of one second in the order in which they came", async () => {
    const mailbox = new Mailbox();
    const came: Hex32[] = [];
    for (let number = 0; number < 20; number++) {
      came.push(await mailbox.put({ body: "Quick", receivedAt: "2026-01-02T00:00:00Z" as Timestamp }));
    }
    expect(await found(mailbox.search(), "quick")).toEqual(came.toReversed());
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

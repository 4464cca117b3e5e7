import { EMAIL, hash, parseAddress, SHORT_MESSAGE, toHex32, utf8, type Hex32, type Timestamp } from "@smimp/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { InboxSummary } from "../model.ts";
import { documents } from "../storage/documents.ts";
import { createMemoryStorage } from "../storage/memory.ts";
import type { Storage } from "../storage/storage.ts";
import { listKeyOf } from "./documents.ts";
import { buildThreadLists, deleteSummary, listLabels, moveLabelCounts, putSummary, refileFolder } from "./summaries.ts";
import { allIn, countThreads, listThreads, messagesIn, type ThreadScope } from "./thread-lists.ts";

const ME = parseAddress("alice#alpha.example");
const BOB = parseAddress("bob#beta.example");
const folders = documents<object>("folders");
const stored = documents<object>("inbox");

let storage: Storage;
let kept: Map<string, InboxSummary>;
beforeEach(async () => {
  storage = createMemoryStorage();
  kept = new Map();
  await folder("trash", "trash");
});
afterEach(async () => await storage.close());

async function folder(name: string, role: string | null): Promise<void> {
  const text = role === null ? null : { name, role };
  await storage.transact(async (writer) =>
    folders.put(writer, name, { name, message_type: EMAIL, parent: null, display_name: null, text }),
  );
}

const idOf = (number: number): Hex32 => toHex32(hash(utf8(`message ${number}`)));
const threadOf = (number: number): Hex32 => toHex32(hash(utf8(`thread ${number}`)));

function line(number: number, changed: Partial<InboxSummary> = {}): InboxSummary {
  return {
    messageId: idOf(number),
    receivedAt: `2026-01-${String(1 + (number % 28)).padStart(2, "0")}T00:00:00Z` as Timestamp,
    position: number,
    from: BOB,
    state: "open",
    reason: null,
    messageType: EMAIL,
    subject: `Subject ${number}`,
    preview: "",
    attached: 0,
    read: false,
    size: 1,
    own: false,
    marks: { firstContact: false, revokedKey: false, formerKey: false, notAuthenticated: false },
    fetched: true,
    ref: null,
    threadId: null,
    recipients: [ME],
    folder: null,
    starred: false,
    labels: [],
    imported: null,
    ...changed,
  };
}

async function put(summary: InboxSummary): Promise<void> {
  kept.set(listKeyOf(summary), summary);
  await storage.transact(async (writer) => await putSummary(storage, writer, summary));
}

async function remove(listKey: string): Promise<void> {
  kept.delete(listKey);
  await storage.transact(async (writer) => await deleteSummary(storage, writer, listKey));
}

const SCOPES: readonly ThreadScope[] = [
  { kind: "mail", view: "inbox" },
  { kind: "mail", view: "sent" },
  { kind: "mail", view: "starred" },
  { kind: "mail", view: "all" },
  { kind: "mail", folder: "work" },
  { kind: "mail", folder: "trash" },
  { kind: "mail", label: "red" },
  { kind: "chats" },
];

/** What a list must hold, told from all lines in the plainest way. */
function expected(scope: ThreadScope, aside: readonly string[]): readonly { head: string; total: number; unread: number }[] {
  const mine = [...kept]
    .filter(([, { folder, labels, own, starred, messageType }]) => {
      if ((messageType === SHORT_MESSAGE) !== (scope.kind === "chats")) return false;
      if ("folder" in scope) return folder === scope.folder;
      if (folder !== null && aside.includes(folder)) return false;
      if ("label" in scope) return labels.includes(scope.label);
      if (scope.kind === "chats" || scope.view === "all") return true;
      return scope.view === "inbox" ? folder === null && !own : scope.view === "sent" ? own : starred;
    })
    .toSorted(([a], [b]) => (a < b ? 1 : -1));
  const threads = Map.groupBy(mine, ([, { threadId, messageId }]) => threadId ?? messageId);
  return [...threads.values()].map((lines) => ({
    head: lines[0]?.[0] ?? "",
    total: lines.length,
    unread: lines.filter(([, { read }]) => !read).length,
  }));
}

async function assertLists(aside: readonly string[] = ["trash"]): Promise<void> {
  for (const scope of SCOPES) {
    const wanted = expected(scope, aside);
    const found = await listThreads(storage, scope, { limit: 1_000 });
    const threads = found.map(({ line: { summary }, stand }) => ({ head: listKeyOf(summary), total: stand.total, unread: stand.unread }));
    expect({ scope, threads }).toEqual({ scope, threads: wanted });
    expect(await countThreads(storage, storage, scope)).toEqual({
      threads: wanted.length,
      unreadThreads: wanted.filter(({ unread }) => unread > 0).length,
      total: wanted.reduce((sum, { total }) => sum + total, 0),
      unread: wanted.reduce((sum, { unread }) => sum + unread, 0),
    });
  }
}

/** Every message of a list is found without its threads, too. */
async function assertMessages(): Promise<void> {
  for (const scope of SCOPES) {
    const wanted = expected(scope, ["trash"]);
    const every = new Set<string>();
    for await (const page of allIn(storage, scope)) for (const { summary } of page) every.add(listKeyOf(summary));
    expect(every.size).toBe(wanted.reduce((sum, { total }) => sum + total, 0));
    expect(wanted.filter(({ head }) => !every.has(head))).toEqual([]);
  }
}

test("whatever comes, changes and goes: each thread stands once, where its newest message does", async () => {
  // The same numbers in every run.
  let seed = 20_261_123;
  const below = (limit: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * limit);
  };
  const oneOf = <Value>(...values: readonly Value[]): Value => values[below(values.length)] as Value;
  for (let step = 0; step < 600; step++) {
    const number = below(60);
    const known = kept.get(listKeyOf(line(number)));
    if (known !== undefined && below(4) === 0) await remove(listKeyOf(known));
    else {
      await put(
        line(number, {
          threadId: oneOf(null, threadOf(below(9)), threadOf(below(9))),
          messageType: number % 7 === 0 ? SHORT_MESSAGE : EMAIL,
          folder: oneOf(null, null, "work", "trash"),
          own: number % 5 === 0,
          from: number % 5 === 0 ? ME : BOB,
          recipients: [number % 5 === 0 ? BOB : ME],
          starred: below(3) === 0,
          labels: oneOf([], ["red"], ["red", "blue"]),
          read: below(2) === 0,
        }),
      );
    }
    if (step % 20 === 19) await assertLists();
    if (step % 60 === 59) await assertMessages();
  }
  for (const listKey of kept.keys()) await remove(listKey);
  await assertLists();
  // Nothing is left of what is gone.
  for (const name of ["thread-lists", "thread-places", "thread-counts"]) expect(await storage.list(name)).toEqual([]);
});

test("a page from anywhere in a list is what stands there", async () => {
  for (let number = 0; number < 25; number++) await put(line(number, { threadId: threadOf(number % 20) }));
  const scope = { kind: "mail", view: "inbox" } as const;
  const all = await listThreads(storage, scope, { limit: 100 });
  expect(all).toHaveLength(20);
  expect(await listThreads(storage, scope, { skip: 7, limit: 5 })).toEqual(all.slice(7, 12));
  expect(await listThreads(storage, scope, { skip: 18, limit: 5 })).toEqual(all.slice(18));
  expect(await listThreads(storage, scope, { skip: 20, limit: 5 })).toEqual([]);
  const sixth = listKeyOf(all[5]?.line.summary ?? line(0));
  expect(await listThreads(storage, scope, { after: sixth, limit: 3 })).toEqual(all.slice(6, 9));
  const shared = await messagesIn(storage, scope, threadOf(2), 100);
  expect(shared.map(({ summary }) => summary.subject).toSorted()).toEqual(["Subject 2", "Subject 22"]);
});

test("what was stored before there were such lists is put into them, wherever that was interrupted", async () => {
  for (let number = 0; number < 450; number++) {
    const summary = line(number, { receivedAt: `2026-01-01T00:00:00.${String(number).padStart(3, "0")}Z` as Timestamp });
    kept.set(listKeyOf(summary), summary);
    await storage.transact(async (writer) => stored.put(writer, listKeyOf(summary), summary));
  }
  const failing = { ...storage };
  let transactions = 0;
  failing.transact = async (work) => {
    if (++transactions === 2) throw new RangeError("a crash");
    return await storage.transact(work);
  };
  await expect(buildThreadLists(failing)).rejects.toBeInstanceOf(RangeError);
  // Something changes meanwhile that is not in the lists yet.
  const last = line(449, { receivedAt: "2026-01-01T00:00:00.449Z" as Timestamp, read: true });
  await put(last);
  await buildThreadLists(storage);
  await assertLists();
  await buildThreadLists(storage);
  await assertLists();
});

test("messages of a folder that turns out to be for junk leave all lists but the folder's own", async () => {
  await folder("work", null);
  for (let number = 0; number < 6; number++) await put(line(number, { folder: number % 2 === 0 ? "work" : null, starred: true }));
  await assertLists();
  await folder("work", "junk");
  await storage.transact(async (writer) => await refileFolder(storage, writer, "work"));
  await assertLists(["trash", "work"]);
});

test("labels are listed without looking at every thread, also where they were counted among the threads before", async () => {
  for (let number = 0; number < 6; number++)
    await put(line(number, { threadId: threadOf(number), labels: number < 4 ? ["red"] : ["blue"], read: number > 0 }));
  const labels = await listLabels(storage);
  expect(labels.toSorted((a, b) => b.total - a.total)).toEqual([
    { label: "red", total: 4, unread: 1 },
    { label: "blue", total: 2, unread: 0 },
  ]);
  const [apart, together] = [documents<object>("inbox-label-counts"), documents<object>("inbox-counts")];
  await storage.transact(async (writer) => {
    for (const { key, document } of await apart.list(writer)) {
      together.put(writer, key, document);
      apart.delete(writer, key);
    }
  });
  await moveLabelCounts(storage);
  expect(await listLabels(storage)).toEqual(labels);
  await put(line(0, { threadId: threadOf(0), labels: [], read: true }));
  await moveLabelCounts(storage);
  expect((await listLabels(storage)).find(({ label }) => label === "red")).toEqual({ label: "red", total: 3, unread: 0 });
});

import type { Hex32 } from "@smimp/protocol";
import { isAside } from "../folders/documents.ts";
import type { InboxSummary } from "../model.ts";
import { noteForSearch } from "../search/journal.ts";
import { documents } from "../storage/documents.ts";
import type { Storage, StorageReader, StorageWriter } from "../storage/storage.ts";
import { getMessage, listKeyOf } from "./documents.ts";
import { deleteLine, getLine, pageOfLines, putLine, readLines, setIndexed, type Line, type ListPage } from "./lines.ts";
import { nameOf, scopesOf, type Scope } from "./scopes.ts";
import { moveBetweenThreadLists, readThreadPlace } from "./thread-lists.ts";

// Lines of the inbox come, change and go here, in every list that they stand in; how many stand in each is counted along.

/** How many messages stand somewhere, and how many of them are unread. */
export interface Counts {
  readonly total: number;
  readonly unread: number;
}

type Counter = Counts & { readonly scope: Scope };

const counters = documents<Counter>("inbox-counts");
/** For themselves, so that all of them can be listed: each thread has a counter, too. */
const labelCounters = documents<Counter>("inbox-label-counts");
const building = documents<{ readonly after: string | null; readonly done: boolean }>("thread-lists-built");

/** Lines that are put into lists of threads at once. */
const PAGE = 200;
/** What is noted under it: that counters of labels were moved. */
const LABELS = "labels";

/** The line in a message's place. */
export async function getSummary(reader: StorageReader, listKey: string): Promise<InboxSummary | null> {
  return (await getLine(reader, listKey))?.summary ?? null;
}

/** The line of a message; null where it has none. */
export async function summaryOf(reader: StorageReader, messageId: Hex32): Promise<InboxSummary | null> {
  const message = await getMessage(reader, messageId);
  return message?.place !== "inbox" || message.listKey === null ? null : await getSummary(reader, message.listKey);
}

/** Puts a line in its place, or changes the one that stands there. */
export async function putSummary(storage: Storage, writer: StorageWriter, summary: InboxSummary): Promise<void> {
  noteForSearch(writer, summary.messageId);
  await replaceLine(storage, writer, listKeyOf(summary), summary);
}

/** Reads side by side what putting these lines will read one after the other. */
export async function readAhead(storage: Storage, writer: StorageWriter, summaries: readonly InboxSummary[]): Promise<void> {
  await Promise.all(
    summaries.flatMap((summary) => [
      getLine(writer, listKeyOf(summary)),
      readThreadPlace(storage, writer, summary),
      ...[...scopesOf(storage, summary)].map(async ([name, scope]) => await countersOf(scope).get(writer, name)),
    ]),
  );
}

/** The same for messages that are here, whose lines are about to change so. */
export async function readAheadOf(
  storage: Storage,
  writer: StorageWriter,
  messageIds: readonly Hex32[],
  change: (summary: InboxSummary) => InboxSummary,
): Promise<void> {
  const lines = await Promise.all(messageIds.map(async (messageId) => await summaryOf(writer, messageId)));
  await readAhead(
    storage,
    writer,
    lines.flatMap((line) => (line === null ? [] : [line, change(line)])),
  );
}

/** Changes the line of a message, if it has one. */
export async function changeSummary(
  storage: Storage,
  writer: StorageWriter,
  messageId: Hex32,
  change: (summary: InboxSummary) => InboxSummary,
): Promise<void> {
  const summary = await summaryOf(writer, messageId);
  if (summary !== null) await putSummary(storage, writer, change(summary));
}

/** Takes a line out. */
export async function deleteSummary(storage: Storage, writer: StorageWriter, listKey: string): Promise<void> {
  const summary = await getSummary(writer, listKey);
  if (summary === null) return;
  noteForSearch(writer, summary.messageId);
  await replaceLine(storage, writer, listKey, null);
}

/** Lines of a scope, newest first. */
export async function listSummaries(storage: Storage, scope: Scope, page: ListPage): Promise<readonly InboxSummary[]> {
  return await readSummaries(storage, storage, scope, page);
}

/** Lines of a scope, newest first, as part of a transaction. */
export async function readSummaries(
  storage: Storage,
  reader: StorageReader,
  scope: Scope,
  page: ListPage,
): Promise<readonly InboxSummary[]> {
  return (await readLines(storage, reader, scope, page)).map(({ summary }) => summary);
}

/** How many messages a scope holds. */
export async function countOf(storage: Storage, reader: StorageReader, scope: Scope): Promise<Counts> {
  const found = await countersOf(scope).get(reader, nameOf(storage, scope));
  return { total: found?.total ?? 0, unread: found?.unread ?? 0 };
}

/** How many messages that came before a time, or the beginning of one such as `2026-03`, can be read. */
export async function countReadableBefore(storage: Storage, time: string): Promise<number> {
  let readable = 0;
  for (let after = time; ;) {
    const page: readonly InboxSummary[] = await listSummaries(storage, { view: "all" }, { limit: PAGE, after });
    const last = page.at(-1);
    if (last === undefined) return readable;
    readable += page.filter(({ state }) => state === "open").length;
    after = listKeyOf(last);
  }
}

/** Every label that a message bears. */
export async function listLabels(reader: StorageReader): Promise<readonly (Counts & { readonly label: string })[]> {
  return (await labelCounters.list(reader)).flatMap(({ document: { scope, total, unread } }) =>
    "label" in scope ? [{ label: scope.label, total, unread }] : [],
  );
}

/** Puts the messages of a folder anew into all lists, since it became known what the folder is for. */
export async function refileFolder(storage: Storage, writer: StorageWriter, folder: string): Promise<void> {
  for (const { summary } of await readLines(storage, writer, { folder }, {})) {
    await replaceLine(storage, writer, listKeyOf(summary), summary);
  }
}

function countersOf(scope: Scope): typeof counters {
  return "label" in scope ? labelCounters : counters;
}

/** Puts counters of labels where they are kept for themselves, if they were stored before they were. */
export async function moveLabelCounts(storage: Storage): Promise<void> {
  if ((await building.get(storage, LABELS)) !== null) return;
  await storage.transact(async (writer) => {
    for (const { key, document } of await counters.list(writer)) {
      if (!("label" in document.scope)) continue;
      labelCounters.put(writer, key, document);
      counters.delete(writer, key);
    }
    building.put(writer, LABELS, { after: null, done: true });
  });
}

/** Puts what was stored before there were lists of threads into them; done again from where it was interrupted. */
export async function buildThreadLists(storage: Storage): Promise<void> {
  for (let { after, done } = await built(storage); !done;) {
    ({ after, done } = await storage.transact(async (writer) => {
      const page = await pageOfLines(writer, { limit: PAGE, ...(after === null ? {} : { after }) });
      for (const { summary, aside } of page) if (aside === null) await replaceLine(storage, writer, listKeyOf(summary), summary);
      const last = page.at(-1);
      const now = { after: last === undefined ? after : listKeyOf(last.summary), done: page.length < PAGE };
      building.put(writer, "state", now);
      return now;
    }));
  }
}

async function built(reader: StorageReader): Promise<{ readonly after: string | null; readonly done: boolean }> {
  return (await building.get(reader, "state")) ?? { after: null, done: false };
}

async function replaceLine(storage: Storage, writer: StorageWriter, listKey: string, summary: InboxSummary | null): Promise<void> {
  const before = await getLine(writer, listKey);
  const after: Line | null = summary === null ? null : { summary, aside: await isAside(writer, summary.folder) };
  if (after === null) deleteLine(writer, listKey);
  else putLine(writer, after);
  await moveBetween(storage, writer, listKey, before?.summary ?? null, summary);
  await moveBetweenThreadLists(storage, writer, listKey, before, after);
}

async function moveBetween(
  storage: Storage,
  writer: StorageWriter,
  listKey: string,
  before: InboxSummary | null,
  after: InboxSummary | null,
): Promise<void> {
  const [left, entered] = [scopesOf(storage, before), scopesOf(storage, after)];
  for (const [name, scope] of new Map([...left, ...entered])) {
    const [was, is] = [left.has(name), entered.has(name)];
    if (was !== is) setIndexed(writer, name, scope, listKey, is);
    await count(writer, name, scope, Number(is) - Number(was), Number(is && isUnread(after)) - Number(was && isUnread(before)));
  }
}

async function count(writer: StorageWriter, name: string, scope: Scope, total: number, unread: number): Promise<void> {
  if (total === 0 && unread === 0) return;
  const kept = countersOf(scope);
  const before = await kept.get(writer, name);
  const now = { scope, total: (before?.total ?? 0) + total, unread: (before?.unread ?? 0) + unread };
  if (now.total <= 0) kept.delete(writer, name);
  else kept.put(writer, name, now);
}

function isUnread(summary: InboxSummary | null): boolean {
  return summary !== null && !summary.read;
}

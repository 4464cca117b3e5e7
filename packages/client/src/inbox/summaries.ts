import type { Hex32 } from "@smimp/protocol";
import type { InboxSummary } from "../model.ts";
import { noteForSearch } from "../search/journal.ts";
import { documents } from "../storage/documents.ts";
import type { Storage, StorageReader, StorageWriter } from "../storage/storage.ts";
import { getMessage, listKeyOf } from "./documents.ts";

// The lines of the inbox, in the order of their arrival, and the same order once more for each folder, label, thread and view: so a
// page of any of them costs what the page holds, however many messages there are. How many stand in each is counted along.

/** What a list can be narrowed to. */
export type Scope =
  | { readonly view: "all" | "inbox" | "sent" | "starred" }
  | { readonly folder: string }
  | { readonly label: string }
  | { readonly thread: Hex32 };

/** How many messages stand somewhere, and how many of them are unread. */
export interface Counts {
  readonly total: number;
  readonly unread: number;
}

/** Part of a list, newest first. */
export interface ListPage {
  readonly limit?: number;
  /** The list key of the last one before. */
  readonly after?: string;
}

const lines = documents<InboxSummary>("inbox");
const index = documents<{ readonly listKey: string }>("inbox-index");
const counters = documents<Counts & { readonly scope: Scope }>("inbox-counts");

/** Digits of a scope's name in keys: the name itself is hidden, since labels tell something. */
const SCOPE_DIGITS = 32;
/** Entries of an index that are looked up at once. */
const PAGE = 200;

/** The line in a message's place. */
export async function getSummary(reader: StorageReader, listKey: string): Promise<InboxSummary | null> {
  return await lines.get(reader, listKey);
}

/** Puts a line in its place, or changes the one that stands there. */
export async function putSummary(storage: Storage, writer: StorageWriter, summary: InboxSummary): Promise<void> {
  const listKey = listKeyOf(summary);
  const before = await lines.get(writer, listKey);
  lines.put(writer, listKey, summary);
  noteForSearch(writer, summary.messageId);
  await moveBetween(storage, writer, listKey, before, summary);
}

/** Changes the line of a message, if it has one. */
export async function changeSummary(
  storage: Storage,
  writer: StorageWriter,
  messageId: Hex32,
  change: (summary: InboxSummary) => InboxSummary,
): Promise<void> {
  const message = await getMessage(writer, messageId);
  const summary = message?.place !== "inbox" || message.listKey === null ? null : await lines.get(writer, message.listKey);
  if (summary !== null) await putSummary(storage, writer, change(summary));
}

/** Takes a line out. */
export async function deleteSummary(storage: Storage, writer: StorageWriter, listKey: string): Promise<void> {
  const before = await lines.get(writer, listKey);
  if (before === null) return;
  lines.delete(writer, listKey);
  noteForSearch(writer, before.messageId);
  await moveBetween(storage, writer, listKey, before, null);
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
  { limit = Number.POSITIVE_INFINITY, after }: ListPage,
): Promise<readonly InboxSummary[]> {
  const found: InboxSummary[] = [];
  for (let last = after; found.length < limit;) {
    const wanted = Math.min(PAGE, limit - found.length);
    const page = isAll(scope)
      ? (await lines.list(reader, { reverse: true, limit: wanted, ...(last === undefined ? {} : { after: last }) })).map(
          ({ document }) => document,
        )
      : await indexed(storage, reader, scope, wanted, last);
    found.push(...page);
    const end = page.at(-1);
    if (end === undefined || page.length < wanted) break;
    last = listKeyOf(end);
  }
  return found;
}

/** How many messages a scope holds. */
export async function countOf(storage: Storage, reader: StorageReader, scope: Scope): Promise<Counts> {
  const found = await counters.get(reader, nameOf(storage, scope));
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
  return (await counters.list(reader)).flatMap(({ document: { scope, total, unread } }) =>
    "label" in scope ? [{ label: scope.label, total, unread }] : [],
  );
}

async function indexed(
  storage: Storage,
  reader: StorageReader,
  scope: Scope,
  limit: number,
  after: string | undefined,
): Promise<readonly InboxSummary[]> {
  const name = nameOf(storage, scope);
  // "0" is what follows "/": everything of this scope stands before it, and nothing of another.
  const from = after === undefined ? `${name}0` : `${name}/${after}`;
  const found: InboxSummary[] = [];
  for (const { key, document } of await index.list(reader, { reverse: true, limit, after: from })) {
    if (!key.startsWith(`${name}/`)) break;
    const line = await lines.get(reader, document.listKey);
    if (line !== null) found.push(line);
  }
  return found;
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
    if (was && !is) index.delete(writer, `${name}/${listKey}`);
    if (is && !was && !isAll(scope)) index.put(writer, `${name}/${listKey}`, { listKey });
    await count(writer, name, scope, Number(is) - Number(was), Number(is && isUnread(after)) - Number(was && isUnread(before)));
  }
}

async function count(writer: StorageWriter, name: string, scope: Scope, total: number, unread: number): Promise<void> {
  if (total === 0 && unread === 0) return;
  const before = await counters.get(writer, name);
  const now = { scope, total: (before?.total ?? 0) + total, unread: (before?.unread ?? 0) + unread };
  if (now.total <= 0) counters.delete(writer, name);
  else counters.put(writer, name, now);
}

function isUnread(summary: InboxSummary | null): boolean {
  return summary !== null && !summary.read;
}

function isAll(scope: Scope): boolean {
  return "view" in scope && scope.view === "all";
}

/** Whether a line stands in a list. */
export function isIn(scope: Scope, { folder, labels, own, starred, threadId, from, recipients }: InboxSummary): boolean {
  if ("label" in scope) return labels.includes(scope.label);
  if ("folder" in scope) return folder === scope.folder;
  if ("thread" in scope) return threadId === scope.thread;
  // What somebody writes to themselves is both sent and received.
  return { all: true, inbox: folder === null && (!own || recipients.includes(from)), sent: own, starred }[scope.view];
}

function scopesOf(storage: Storage, summary: InboxSummary | null): ReadonlyMap<string, Scope> {
  if (summary === null) return new Map();
  const { folder, labels, threadId } = summary;
  const views = (["all", "inbox", "sent", "starred"] as const).map((view) => ({ view }));
  const scopes: Scope[] = [...views.filter((view) => isIn(view, summary)), ...labels.map((label) => ({ label }))];
  if (threadId !== null) scopes.push({ thread: threadId });
  if (folder !== null) scopes.push({ folder });
  return new Map(scopes.map((scope) => [nameOf(storage, scope), scope]));
}

function nameOf(storage: Storage, scope: Scope): string {
  return storage.hiddenKey("inbox-index", JSON.stringify(scope)).slice(0, SCOPE_DIGITS);
}

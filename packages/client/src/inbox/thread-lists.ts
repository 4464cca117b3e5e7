import { SHORT_MESSAGE, type Hex32 } from "@smimp/protocol";
import type { InboxSummary } from "../model.ts";
import { documents } from "../storage/documents.ts";
import type { Storage, StorageReader, StorageWriter } from "../storage/storage.ts";
import { listKeyOf } from "./documents.ts";
import { getLine, readLines, type Line } from "./lines.ts";
import { hiddenName, isIn, type Scope } from "./scopes.ts";

// Lists in which messages stand thread by thread, as people look at them. Each thread stands once in a list, where the newest of its
// messages does that the list holds; so a page from anywhere in a list costs what the page holds, and how long the list is is known.

/** What a list of threads is narrowed to: letters of one view, folder or label, or short messages. Trash and junk stand only in their folders. */
export type ThreadScope =
  | { readonly kind: "mail"; readonly view: "inbox" | "sent" | "starred" | "all" }
  | { readonly kind: "mail"; readonly folder: string }
  | { readonly kind: "mail"; readonly label: string }
  | { readonly kind: "chats" };

/** How much stands in a list of threads. */
export interface ThreadCounts {
  readonly threads: number;
  /** Threads of which a message that stands in the list is unread. */
  readonly unreadThreads: number;
  readonly total: number;
  readonly unread: number;
}

/** How a thread stands in a list. */
export interface ThreadStand {
  /** The list key of its newest message there. */
  readonly head: string;
  readonly total: number;
  readonly unread: number;
}

/** Part of a list, the newest thread first. */
export interface ThreadPage {
  readonly skip?: number;
  readonly limit: number;
  /** The head of the last thread before. */
  readonly after?: string;
}

const heads = documents<{ readonly place: string }>("thread-lists");
const places = documents<{ readonly lists: Readonly<Record<string, ThreadStand>> }>("thread-places");
const counters = documents<ThreadCounts>("thread-counts");

/** Messages of a thread that are looked through at once for the newest in a list. */
const STEP = 50;
/** Messages of a list that are read at once. */
const PAGE = 500;
const NOTHING: ThreadCounts = { threads: 0, unreadThreads: 0, total: 0, unread: 0 };

/** Moves a line between lists of threads. Its own place and those of lists of messages are as they shall be by now. */
export async function moveBetweenThreadLists(
  storage: Storage,
  writer: StorageWriter,
  listKey: string,
  before: Line | null,
  after: Line | null,
): Promise<void> {
  const [left, entered] = [standing(storage, before), standing(storage, after)];
  for (const place of new Set([left, entered].flatMap((each) => (each === null ? [] : [each.place])))) {
    const was = left?.place === place ? left : null;
    const is = entered?.place === place ? entered : null;
    const lists = new Map(Object.entries((await places.get(writer, place))?.lists ?? {}));
    for (const [name, scope] of new Map([...(was?.scopes ?? []), ...(is?.scopes ?? [])])) {
      const stood = lists.get(name) ?? null;
      const change = {
        listKey,
        total: Number(is?.scopes.has(name) === true) - Number(was?.scopes.has(name) === true),
        unread: unreadIn(is, name) - unreadIn(was, name),
      };
      const threadId = (was ?? is)?.line.summary.threadId ?? null;
      const stands = await stoodAnew(stood, change, async () => await newestIn(storage, writer, scope, threadId));
      if (stood?.head !== stands?.head) {
        if (stood !== null) heads.delete(writer, `${name}/${stood.head}`);
        if (stands !== null) heads.put(writer, `${name}/${stands.head}`, { place });
      }
      if (stands === null) lists.delete(name);
      else lists.set(name, stands);
      await count(writer, name, stood, stands);
    }
    if (lists.size === 0) places.delete(writer, place);
    else places.put(writer, place, { lists: Object.fromEntries(lists) });
  }
}

/** How much stands in a list. */
export async function countThreads(storage: Storage, reader: StorageReader, scope: ThreadScope): Promise<ThreadCounts> {
  return (await counters.get(reader, listName(storage, scope))) ?? NOTHING;
}

/** The newest message of each thread, and how the thread stands in the list. */
export async function listThreads(
  storage: Storage,
  scope: ThreadScope,
  { after, skip = 0, limit }: ThreadPage,
): Promise<readonly { readonly line: Line; readonly stand: ThreadStand }[]> {
  const name = listName(storage, scope);
  // "0" is what follows "/": everything of this list stands before it, and nothing of another.
  const from = after === undefined ? `${name}0` : `${name}/${after}`;
  const { threads } = skip === 0 ? NOTHING : await countThreads(storage, storage, scope);
  const page =
    skip > threads / 2 && after === undefined
      ? await oldestHeads(storage, name, Math.max(0, threads - skip - limit), Math.min(limit, threads - skip))
      : await heads.list(storage, { skip, limit, after: from, reverse: true });
  const entries = page.filter(({ key }) => key.startsWith(`${name}/`));
  const found = await Promise.all(
    entries.map(async ({ key, document }) => {
      const [line, place] = await Promise.all([getLine(storage, key.slice(name.length + 1)), places.get(storage, document.place)]);
      const stand = place?.lists[name];
      return line === null || stand === undefined ? null : { line, stand };
    }),
  );
  return found.filter((each) => each !== null);
}

/** What stands nearer to a list's end is counted from there: storages pass over entries one by one. */
async function oldestHeads(storage: Storage, name: string, skip: number, limit: number): ReturnType<typeof heads.list> {
  if (limit <= 0) return [];
  return (await heads.list(storage, { after: `${name}/`, skip, limit })).toReversed();
}

/** The messages of a thread that stand in a list, newest first. */
export async function messagesIn(storage: Storage, scope: ThreadScope, threadId: Hex32, limit: number): Promise<readonly Line[]> {
  const lines = await readLines(storage, storage, { thread: threadId }, { limit });
  return lines.filter((line) => standsIn(scope, line));
}

/** Every message that stands in a list, newest first, a page at a time; what moves meanwhile is found or not. */
export async function* allIn(storage: Storage, scope: ThreadScope): AsyncGenerator<readonly Line[]> {
  const { kind, ...mail } = scope;
  const wide: Scope = kind === "chats" ? { view: "all" } : (mail as Scope);
  for (let after: string | undefined; ;) {
    const page: readonly Line[] = await readLines(storage, storage, wide, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    yield page.filter((line) => standsIn(scope, line));
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = listKeyOf(last.summary);
  }
}

/** Reads what a line's move between lists of threads will read. */
export async function readThreadPlace(storage: Storage, reader: StorageReader, summary: InboxSummary): Promise<void> {
  await places.get(reader, placeName(storage, { summary, aside: false }));
}

interface Standing {
  readonly line: Line;
  /** The key of its thread's places. */
  readonly place: string;
  readonly scopes: ReadonlyMap<string, ThreadScope>;
}

/** Where a line stands; null where it stands in no list of threads. */
function standing(storage: Storage, line: Line | null): Standing | null {
  if (line === null || line.aside === null) return null;
  const { folder, labels } = line.summary;
  const scopes: ThreadScope[] = [
    ...(["inbox", "sent", "starred", "all"] as const).map((view) => ({ kind: "mail", view }) as const),
    ...labels.map((label) => ({ kind: "mail", label }) as const),
    ...(folder === null ? [] : [{ kind: "mail", folder } as const]),
    { kind: "chats" },
  ];
  const mine = scopes.filter((scope) => standsIn(scope, line));
  return {
    line,
    place: placeName(storage, line),
    scopes: new Map(mine.map((scope) => [listName(storage, scope), scope])),
  };
}

function placeName(storage: Storage, line: Line): string {
  const { messageId, threadId } = line.summary;
  const kind = kindOf(line);
  // What could not be opened belongs to no thread: it stands for itself.
  return hiddenName(storage, "thread-places", threadId === null ? { kind, messageId } : { kind, threadId });
}

function standsIn(scope: ThreadScope, line: Line): boolean {
  const { summary, aside } = line;
  if (scope.kind !== kindOf(line)) return false;
  if ("folder" in scope) return summary.folder === scope.folder;
  return aside !== true && (scope.kind === "chats" || isIn(scope, summary));
}

function kindOf({ summary }: Line): ThreadScope["kind"] {
  return summary.messageType === SHORT_MESSAGE ? "chats" : "mail";
}

function unreadIn(standing: Standing | null, name: string): number {
  return Number(standing?.scopes.has(name) === true && !standing.line.summary.read);
}

interface StandChange {
  readonly listKey: string;
  readonly total: number;
  readonly unread: number;
}

/** How a thread stands in a list after one of its messages changed; null where it doesn't any more. */
async function stoodAnew(
  stood: ThreadStand | null,
  { listKey, total, unread }: StandChange,
  newest: () => Promise<string | null>,
): Promise<ThreadStand | null> {
  const now = { total: (stood?.total ?? 0) + total, unread: (stood?.unread ?? 0) + unread };
  if (now.total <= 0) return null;
  if (stood === null || (total > 0 && listKey > stood.head)) return { ...now, head: listKey };
  if (total >= 0 || listKey !== stood.head) return { ...now, head: stood.head };
  const head = await newest();
  return head === null ? null : { ...now, head };
}

/** The list key of a thread's newest message in a list. */
async function newestIn(storage: Storage, writer: StorageWriter, scope: ThreadScope, threadId: Hex32 | null): Promise<string | null> {
  if (threadId === null) return null;
  for (let after: string | undefined; ;) {
    const page: readonly Line[] = await readLines(
      storage,
      writer,
      { thread: threadId },
      { limit: STEP, ...(after === undefined ? {} : { after }) },
    );
    const found = page.find((line) => line.aside !== null && standsIn(scope, line));
    if (found !== undefined) return listKeyOf(found.summary);
    const last = page.at(-1);
    if (last === undefined || page.length < STEP) return null;
    after = listKeyOf(last.summary);
  }
}

async function count(writer: StorageWriter, name: string, stood: ThreadStand | null, stands: ThreadStand | null): Promise<void> {
  const before = (await counters.get(writer, name)) ?? NOTHING;
  const now = {
    threads: before.threads + Number(stands !== null) - Number(stood !== null),
    unreadThreads: before.unreadThreads + Number(stands !== null && stands.unread > 0) - Number(stood !== null && stood.unread > 0),
    total: before.total + (stands?.total ?? 0) - (stood?.total ?? 0),
    unread: before.unread + (stands?.unread ?? 0) - (stood?.unread ?? 0),
  };
  if (now.threads <= 0) counters.delete(writer, name);
  else counters.put(writer, name, now);
}

function listName(storage: Storage, scope: ThreadScope): string {
  return hiddenName(storage, "thread-lists", scope);
}

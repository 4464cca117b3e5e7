import type { InboxSummary } from "../model.ts";
import { documents } from "../storage/documents.ts";
import type { Storage, StorageReader, StorageWriter } from "../storage/storage.ts";
import { listKeyOf } from "./documents.ts";
import { isAll, nameOf, type Scope } from "./scopes.ts";

// The lines of the inbox, in the order of their arrival, and the same order once more for each folder, label, thread and view: so a
// page of any of them costs what the page holds, however many messages there are.

/** A line as it is kept. */
export interface Line {
  readonly summary: InboxSummary;
  /** Whether it lies in a folder for trash or junk; null where it was stored before lists of threads were kept. */
  readonly aside: boolean | null;
}

/** Part of a list, newest first. */
export interface ListPage {
  readonly limit?: number;
  /** The list key of the last one before. */
  readonly after?: string;
}

type StoredLine = InboxSummary & { readonly aside?: boolean };

const lines = documents<StoredLine>("inbox");
const index = documents<{ readonly listKey: string }>("inbox-index");

/** Entries of an index that are looked up at once. */
const PAGE = 200;

/** The line in a message's place. */
export async function getLine(reader: StorageReader, listKey: string): Promise<Line | null> {
  const stored = await lines.get(reader, listKey);
  return stored === null ? null : lineOf(stored);
}

/** Puts a line in its place. */
export function putLine(writer: StorageWriter, { summary, aside }: Line): void {
  lines.put(writer, listKeyOf(summary), aside === null ? summary : { ...summary, aside });
}

/** Takes a line out of its place. */
export function deleteLine(writer: StorageWriter, listKey: string): void {
  lines.delete(writer, listKey);
}

/** All lines, a page at a time, oldest first. */
export async function pageOfLines(
  reader: StorageReader,
  page: { readonly after?: string; readonly limit: number },
): Promise<readonly Line[]> {
  return (await lines.list(reader, page)).map(({ document }) => lineOf(document));
}

/** Puts a line into a list, or takes it out. */
export function setIndexed(writer: StorageWriter, name: string, scope: Scope, listKey: string, listed: boolean): void {
  if (isAll(scope)) return;
  if (listed) index.put(writer, `${name}/${listKey}`, { listKey });
  else index.delete(writer, `${name}/${listKey}`);
}

/** Lines of a scope, newest first. */
export async function readLines(
  storage: Storage,
  reader: StorageReader,
  scope: Scope,
  { limit = Number.POSITIVE_INFINITY, after }: ListPage,
): Promise<readonly Line[]> {
  const found: Line[] = [];
  for (let last = after; found.length < limit;) {
    const wanted = Math.min(PAGE, limit - found.length);
    const page = isAll(scope)
      ? (await lines.list(reader, { reverse: true, limit: wanted, ...(last === undefined ? {} : { after: last }) })).map(({ document }) =>
          lineOf(document),
        )
      : await indexed(storage, reader, scope, wanted, last);
    found.push(...page);
    const end = page.at(-1);
    if (end === undefined || page.length < wanted) break;
    last = listKeyOf(end.summary);
  }
  return found;
}

/** The oldest line of a scope. */
export async function oldestLine(storage: Storage, reader: StorageReader, scope: Exclude<Scope, { view: "all" }>): Promise<Line | null> {
  const name = nameOf(storage, scope);
  const [first] = await index.list(reader, { after: `${name}/`, limit: 1 });
  return first === undefined || !first.key.startsWith(`${name}/`) ? null : await getLine(reader, first.document.listKey);
}

async function indexed(
  storage: Storage,
  reader: StorageReader,
  scope: Scope,
  limit: number,
  after: string | undefined,
): Promise<readonly Line[]> {
  const name = nameOf(storage, scope);
  // "0" is what follows "/": everything of this scope stands before it, and nothing of another.
  const from = after === undefined ? `${name}0` : `${name}/${after}`;
  const entries = await index.list(reader, { reverse: true, limit, after: from });
  const mine = entries.filter(({ key }) => key.startsWith(`${name}/`));
  const found = await Promise.all(mine.map(async ({ document }) => await getLine(reader, document.listKey)));
  return found.filter((line) => line !== null);
}

function lineOf({ aside, ...summary }: StoredLine): Line {
  return { summary, aside: aside ?? null };
}

import type { NotUnderstood, SearchOptions } from "../rooms/search.ts";
import type { IndexQuery } from "./model.ts";
import type { ParsedQuery } from "./query.ts";
import { folded, hasWords, searchable } from "./text.ts";

/** What searching has to know of a folder. */
export interface SearchFolder {
  readonly id: string;
  /** Null where it can't be read. */
  readonly name: string | null;
  readonly role: "archive" | "junk" | "trash" | null;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

/** Folders that are searched only by their names. */
const HIDDEN_ROLES: readonly SearchFolder["role"][] = ["junk", "trash"];
/** Places that are no folders; `all` is every folder. */
const EVERYWHERE = ["all", "anywhere"];

/** Asks an index for every message, the newest first: whoever tries an engine narrows it from there. */
export const EVERY_MESSAGE: IndexQuery = {
  terms: [],
  folders: null,
  exceptFolders: [],
  labels: [],
  after: null,
  before: null,
  attachment: null,
  unread: null,
  starred: null,
  own: null,
  order: "newest",
  limit: DEFAULT_LIMIT,
  offset: 0,
};

/** What an index is to be asked; null where nothing was asked for. */
export function indexQuery(parsed: ParsedQuery, options: SearchOptions, folders: readonly SearchFolder[]): IndexQuery | null {
  const places = parsed.folders.map(folded);
  const sent = places.includes("sent");
  const everywhere = places.some((place) => EVERYWHERE.includes(place));
  const named = [
    ...places.filter((place) => place !== "sent" && !EVERYWHERE.includes(place)).map((place) => idsOf(place, folders)),
    ...(options.folder === undefined ? [] : [[options.folder]]),
  ];
  const from = searchable(options.from ?? "").trim();
  const terms = [...parsed.terms, ...(hasWords(from) ? [{ field: "from", text: from, prefix: false, negated: false } as const] : [])];
  const { labels, attachment, unread, starred } = parsed;
  const [after, before] = [later(parsed.after, options.after ?? null), earlier(parsed.before, options.before ?? null)];
  const asked = { terms, labels, attachment, unread, starred, after, before };
  const nothing = Object.values(asked).every((value) => value === null || (Array.isArray(value) && value.length === 0));
  if (nothing && parsed.folders.length === 0 && options.folder === undefined) return null;
  return {
    ...asked,
    // A message is in one folder: of several that are named, those that all of them mean.
    folders: named.length === 0 ? null : named.reduce((all, each) => all.filter((id) => each.includes(id))),
    exceptFolders: everywhere || named.length > 0 ? [] : folders.filter(({ role }) => HIDDEN_ROLES.includes(role)).map(({ id }) => id),
    // What was sent stands in no folder either, but nobody looks for it in the inbox.
    own: sent ? true : places.includes("inbox") || options.folder === null ? false : null,
    order: options.order ?? "newest",
    limit: Math.min(MAX_LIMIT, Math.max(1, Math.trunc(options.limit ?? DEFAULT_LIMIT))),
    offset: Math.max(0, Math.trunc(options.offset ?? 0)),
  };
}

/** What of a query made no sense: what the query itself shows, and places that are none. */
export function notUnderstoodIn(parsed: ParsedQuery, folders: readonly SearchFolder[]): readonly NotUnderstood[] {
  const isPlace = (place: string): boolean => place === "sent" || EVERYWHERE.includes(place) || idsOf(place, folders).length > 0;
  const nowhere = parsed.folders.filter((typed) => !isPlace(folded(typed)));
  return [...parsed.notUnderstood, ...nowhere.map((typed) => ({ text: `in:${typed}`, taken: "no_folder" }) as const)];
}

function idsOf(place: string, folders: readonly SearchFolder[]): readonly (string | null)[] {
  if (place === "inbox") return [null];
  return folders.filter(({ name, role }) => (name !== null && folded(name) === place) || role === place).map(({ id }) => id);
}

type Time = IndexQuery["after"];

function later(a: Time, b: Time): Time {
  return a === null || (b !== null && b > a) ? b : a;
}

function earlier(a: Time, b: Time): Time {
  return a === null || (b !== null && b < a) ? b : a;
}

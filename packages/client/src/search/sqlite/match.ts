import type { Timestamp } from "@smimp/protocol";
import type { IndexQuery, SearchField, SearchTerm } from "../model.ts";

const COLUMNS: Readonly<Record<SearchField, string>> = { any: "", from: "{sender} : ", to: "{recipients} : ", subject: "{subject} : " };

/** Terms in the language of FTS5, all of which have to match. In quotes nothing has a meaning of its own but the quote. */
export function matchOf(terms: readonly SearchTerm[]): string {
  return terms.map(({ field, text, prefix }) => `${COLUMNS[field]}"${text.replaceAll('"', '""')}"${prefix ? " *" : ""}`).join(" AND ");
}

/** A statement and its values. */
export interface BoundSql {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** Seconds since 1970. (The protocol's own would bring all cryptography into the index's thread.) */
export function secondsOf(time: Timestamp): number {
  return Date.parse(time) / 1000;
}

/** Ids that each second has. */
const IDS_PER_SECOND = 8;

/** The first id of messages that came in a second. */
export function firstIdOf(second: number): number {
  return second * IDS_PER_SECOND;
}

/** The statement that finds what a query asks for. */
export function selectOf(query: IndexQuery): BoundSql {
  const wanted = query.terms.filter(({ negated }) => !negated);
  const unwanted = query.terms.filter(({ negated }) => negated);
  const where: string[] = [];
  const values: (string | number)[] = [];
  const add = (sql: string, ...bound: readonly (string | number)[]): void => {
    where.push(sql);
    values.push(...bound);
  };
  if (wanted.length > 0) add("words MATCH ?", [`(${matchOf(wanted)})`, ...unwanted.map((term) => matchOf([term]))].join(" NOT "));
  else for (const term of unwanted) add("messages.id NOT IN (SELECT rowid FROM words WHERE words MATCH ?)", matchOf([term]));
  if (query.folders !== null) add(`folder IN (${marks(query.folders)})`, ...query.folders.map((each) => each ?? ""));
  if (query.exceptFolders.length > 0) add(`folder NOT IN (${marks(query.exceptFolders)})`, ...query.exceptFolders);
  for (const label of query.labels) add("id IN (SELECT message FROM labels WHERE label = ?)", label);
  if (query.after !== null) {
    add("received >= ?", secondsOf(query.after));
    // What is older is not even looked at.
    add(`${wanted.length > 0 ? "words.rowid" : "id"} >= ?`, firstIdOf(secondsOf(query.after)));
  }
  if (query.before !== null) add("received < ?", secondsOf(query.before));
  for (const flag of ["attachment", "unread", "starred", "own"] as const) {
    const value = query[flag];
    // As it stands, so that indexes of such messages alone are used.
    if (value !== null) add(`${flag} = ${Number(value)}`);
  }
  const ranked = query.order === "relevance" && wanted.length > 0;
  // The words first, whatever the planner thinks of it: looking each message up in them takes a thousand times as long.
  const from = wanted.length > 0 ? "words CROSS JOIN messages ON messages.id = words.rowid" : "messages";
  const newest = `FROM ${from} ${where.length === 0 ? "" : `WHERE ${where.join(" AND ")}`} ORDER BY ${wanted.length > 0 ? "words.rowid" : "id"} DESC`;
  const part = "LIMIT ? OFFSET ?";
  const sql = ranked
    ? `SELECT message_id FROM (SELECT message_id, id, bm25(words, ${WEIGHTS}) AS score ${newest} LIMIT ${MOST_RANKED}) ORDER BY score, id DESC ${part}`
    : `SELECT message_id ${newest} ${part}`;
  return { sql, values: [...values, query.limit + 1, query.offset] };
}

/** Messages, of the newest that match, among which the best are looked for: what a tenth of a large mailbox has tells nobody what is meant. */
const MOST_RANKED = 10_000;

/** How much a word counts in sender, recipients, subject, body and names of files. */
const WEIGHTS = "4, 2, 6, 1, 2";

function marks(values: readonly unknown[]): string {
  return values.map(() => "?").join(", ");
}

import { timestampOf, type Timestamp } from "@smimp/protocol";
import type { NotUnderstood } from "../rooms/search.ts";
import type { SearchField, SearchTerm } from "./model.ts";
import { hasWords, searchable } from "./text.ts";

/** What somebody typed, taken apart. Folders stand as they were typed. */
export interface ParsedQuery {
  readonly terms: readonly SearchTerm[];
  readonly folders: readonly string[];
  readonly labels: readonly string[];
  readonly after: Timestamp | null;
  readonly before: Timestamp | null;
  readonly attachment: boolean | null;
  readonly unread: boolean | null;
  readonly starred: boolean | null;
  /** What looks like one of the operators and makes no sense. */
  readonly notUnderstood: readonly NotUnderstood[];
}

type Draft = { -readonly [Name in keyof ParsedQuery]: ParsedQuery[Name] } & {
  terms: SearchTerm[];
  folders: string[];
  labels: string[];
  notUnderstood: NotUnderstood[];
};

/** Characters of a query that are looked at, and terms that are searched for: nobody types more. */
const MAX_QUERY_LENGTH = 1_000;
const MAX_TERMS = 32;

// A word, or a name with a colon and a value, either of them perhaps in quotes of any kind, perhaps after a minus. A quote that is not
// closed goes on to the end.
const PIECE = /(-?)(?:(\p{L}+):)?(?:["“”„«»]([^"“”„«»]*)["“”„«»]?|([^\s"“”„«»]+))/gu;

const OPERATORS = ["from", "to", "cc", "subject", "in", "folder", "label", "has", "is", "after", "since", "before"];
const UNFINISHED = new RegExp(`^(?:${OPERATORS.join("|")}):$`, "i");

const FIELDS: Readonly<Record<string, SearchField>> = { from: "from", to: "to", cc: "to", subject: "subject" };

/**
 * Takes a query apart. What looks like an operator and is none is searched for as text: nothing that people type is an error. Dates
 * are those of the reader's own time zone; `now` is what `after:7d` counts from.
 */
export function parseQuery(text: string, now: Timestamp): ParsedQuery {
  const parsed: Draft = {
    terms: [],
    folders: [],
    labels: [],
    after: null,
    before: null,
    attachment: null,
    unread: null,
    starred: null,
    notUnderstood: [],
  };
  const typed = text.slice(0, MAX_QUERY_LENGTH).replaceAll("\0", " ");
  for (const match of typed.matchAll(PIECE)) {
    const [all, minus = "", operator = "", quoted, bare = ""] = match;
    const piece: Piece = { negated: minus === "-", value: quoted ?? bare, quoted: quoted !== undefined };
    const before = parsed.terms.length;
    const name = operator.toLowerCase();
    if (operator !== "" && applied(parsed, name, piece, now)) {
      if (FIELDS[name] !== undefined && parsed.terms.length === before) parsed.notUnderstood.push({ text: all, taken: "nothing" });
      continue;
    }
    // Somebody is about to type what comes behind `from:`.
    if (quoted === undefined && UNFINISHED.test(bare)) {
      parsed.notUnderstood.push({ text: all, taken: "nothing" });
      continue;
    }
    if (OPERATORS.includes(name)) parsed.notUnderstood.push({ text: all, taken: "words" });
    const whole = operator === "" ? piece : { ...piece, value: `${operator} ${piece.value}` };
    // The last word may be unfinished: whoever types wants to see what it is going to be.
    const last = match.index + all.length === typed.length && quoted === undefined;
    addTerm(parsed, "any", whole, last);
  }
  return parsed;
}

interface Piece {
  readonly negated: boolean;
  readonly value: string;
  readonly quoted: boolean;
}

function applied(parsed: Draft, operator: string, piece: Piece, now: Timestamp): boolean {
  const { value, negated } = piece;
  const wanted = value.toLowerCase();
  const field = FIELDS[operator];
  if (field !== undefined) return addTerm(parsed, field, piece, !piece.quoted);
  switch (operator) {
    case "in":
    case "folder":
      return !negated && value !== "" && parsed.folders.push(value) > 0;
    case "label":
      return !negated && value !== "" && parsed.labels.push(value) > 0;
    case "has":
      if (!/^(?:attachments?|files?)$/.test(wanted)) return false;
      parsed.attachment = !negated;
      return true;
    case "is":
      return appliedState(parsed, wanted, !negated);
    case "after":
    case "since":
    case "before":
      return !negated && appliedDate(parsed, operator, wanted, now);
    default:
      return false;
  }
}

function appliedState(parsed: Draft, state: string, yes: boolean): boolean {
  if (state === "unread") parsed.unread = yes;
  else if (state === "read") parsed.unread = !yes;
  else if (state === "starred") parsed.starred = yes;
  else return false;
  return true;
}

function appliedDate(parsed: Draft, operator: string, text: string, now: Timestamp): boolean {
  const date = dateOf(text, now);
  if (date === null) return false;
  // Of several the narrowest counts.
  if (operator === "before") parsed.before = parsed.before === null || date < parsed.before ? date : parsed.before;
  else parsed.after = parsed.after === null || date > parsed.after ? date : parsed.after;
  return true;
}

function addTerm({ terms }: Draft, field: SearchField, { value, negated }: Piece, prefix: boolean): boolean {
  const text = searchable(value).trim();
  // Punctuation alone can't be searched for; it narrows nothing.
  if (!hasWords(text) || terms.length >= MAX_TERMS) return field !== "any";
  terms.push({ field, text, prefix, negated });
  return true;
}

const DAYS: Readonly<Record<string, number>> = { d: 1, w: 7, m: 30, y: 365 };
const DAY = 86_400_000;

/** The beginning of a day, month or year in the reader's time zone, of `today` or `yesterday`, or so many days (`7d`) ago. */
function dateOf(text: string, now: Timestamp): Timestamp | null {
  const today = new Date(now);
  const ago = /^([0-9]{1,4})([dwmy])$/.exec(text);
  if (ago !== null) return timestamp(today.getTime() - Number(ago[1]) * (DAYS[ago[2] ?? ""] ?? 1) * DAY);
  if (text === "today") return timestamp(new Date(today.getFullYear(), today.getMonth(), today.getDate()).getTime());
  if (text === "yesterday") return timestamp(new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1).getTime());
  const match = /^([0-9]{4})(?:[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2}))?)?$/.exec(text);
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2] ?? 1), Number(match[3] ?? 1)];
  const date = new Date(year, month - 1, day);
  // 2026-02-30 is no day. (Years before 100 are read as 19xx.)
  return date.getFullYear() === year && date.getMonth() === month - 1 && date.getDate() === day ? timestamp(date.getTime()) : null;
}

function timestamp(milliseconds: number): Timestamp | null {
  const year = new Date(milliseconds).getUTCFullYear();
  return year >= 1970 && year <= 9999 ? timestampOf(Math.floor(milliseconds / 1000)) : null;
}

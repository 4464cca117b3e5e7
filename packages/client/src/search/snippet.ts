import type { SnippetPart } from "../rooms/search.ts";
import type { SearchTerm } from "./model.ts";
import { folded, searchable } from "./text.ts";

/** Characters of a text in which matches are looked for, and of a snippet. */
const SEARCHED = 100_000;
const SNIPPET = 160;
/** Characters before the first match, so that it is seen in its sentence. */
const BEFORE = 40;

const WORDS = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

/** A stretch of a text, as indices of its code units. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Where a text has what was searched for, cut to a line; its beginning where it has nothing of it. */
export function snippetOf(text: string, terms: readonly SearchTerm[]): readonly SnippetPart[] {
  const line = text.slice(0, SEARCHED).toWellFormed().replace(/\s+/g, " ").trim();
  const matches = matchesIn(line, terms);
  const first = matches[0];
  const start = first === undefined || first.start <= BEFORE ? 0 : afterSpace(line, first.start - BEFORE, first.start);
  const end = start + SNIPPET >= line.length ? line.length : beforeSpace(line, start + SNIPPET, start + SNIPPET / 2);
  const parts: SnippetPart[] = [];
  const add = (piece: string, match: boolean): void => void (piece !== "" && parts.push({ text: piece, match }));
  let at = start;
  for (const stretch of matches) {
    if (stretch.start < at || stretch.start >= end) continue;
    add(`${at === start && start > 0 ? "… " : ""}${line.slice(at, stretch.start)}`, false);
    at = Math.min(stretch.end, end);
    add(line.slice(stretch.start, at), true);
  }
  add(`${at === start && start > 0 ? "… " : ""}${line.slice(at, end)}${end < line.length ? " …" : ""}`, false);
  return parts;
}

function matchesIn(line: string, terms: readonly SearchTerm[]): readonly Stretch[] {
  const wanted = terms.filter(({ negated, field }) => !negated && field === "any").map(wordsOf);
  if (wanted.length === 0) return [];
  const words = [...line.matchAll(WORDS)].flatMap(({ 0: word, index }) => unspaced(word, index));
  const found: Stretch[] = [];
  for (const [at, { start }] of words.entries()) {
    const length = Math.max(
      0,
      ...wanted.map((phrase) => (phrase.every((matches, offset) => matches(words[at + offset]?.word)) ? phrase.length : 0)),
    );
    const last = words[at + length - 1];
    if (length > 0 && last !== undefined) found.push({ start, end: last.end });
  }
  return found;
}

type WordTest = (word: string | undefined) => boolean;

function wordsOf({ text, prefix }: SearchTerm): readonly WordTest[] {
  const words = [...text.matchAll(WORDS)].map(([word]) => folded(word));
  return words.map((wanted, index) =>
    prefix && index === words.length - 1 ? (word) => word?.startsWith(wanted) === true : (word) => word === wanted,
  );
}

// As the index sees it: words of unspaced scripts are single letters.
function unspaced(word: string, index: number): readonly (Stretch & { readonly word: string })[] {
  const spaced = searchable(word);
  if (!spaced.includes(" ")) return [{ start: index, end: index + word.length, word: folded(word) }];
  let at = index;
  return Array.from(word, (letter) => {
    const start = at;
    at += letter.length;
    return { start, end: at, word: folded(letter) };
  });
}

function afterSpace(line: string, from: number, to: number): number {
  const space = line.indexOf(" ", from);
  return space >= 0 && space < to ? space + 1 : whole(line, from);
}

function beforeSpace(line: string, from: number, to: number): number {
  const space = line.lastIndexOf(" ", from);
  return space > to ? space : whole(line, from);
}

// Never in the middle of a character.
function whole(line: string, at: number): number {
  const unit = line.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}

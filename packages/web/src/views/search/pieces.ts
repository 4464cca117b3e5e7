import type { Messages } from "../../messages/messages.tsx";

// What somebody types, taken apart as the engine does it, so that filters can be pressed as well as typed: both are the same text. The
// engine speaks English; people type what operators are called in their language, or in English.

/** Operators by what the engine calls them. */
export type Operator = keyof Messages["search"]["operators"];

/** A piece of a query. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly negated: boolean;
  /** As the engine calls it; null for words, and for what is no operator. */
  readonly operator: Operator | null;
  /** As the engine takes it. */
  readonly value: string;
  readonly quoted: boolean;
}

type Texts = Pick<Messages["search"], "operators" | "values">;

const PIECE = /(-?)(?:(\p{L}+):)?(?:["“”„«»]([^"“”„«»]*)["“”„«»]?|([^\s"“”„«»]+))/gu;

/** Takes a query apart. */
export function piecesOf(query: string, texts: Texts): readonly Piece[] {
  return [...query.matchAll(PIECE)].map((match) => {
    const [all, minus = "", name = "", quoted, bare = ""] = match;
    const operator = operatorNamed(name, texts);
    const value = quoted ?? bare;
    return {
      start: match.index,
      end: match.index + all.length,
      negated: minus === "-",
      operator,
      value: operator === null ? value : valueNamed(value, texts),
      quoted: quoted !== undefined,
    };
  });
}

/** The query as the engine takes it, and for each of its pieces with an operator how it was typed. */
export function forEngine(query: string, texts: Texts): { readonly query: string; readonly typed: ReadonlyMap<string, string> } {
  const typed = new Map<string, string>();
  let [text, at] = ["", 0];
  for (const { start, end, negated, operator, value, quoted } of piecesOf(query, texts)) {
    if (operator === null) continue;
    const piece = `${negated ? "-" : ""}${operator}:${quoted ? `"${value}"` : value}`;
    typed.set(piece, query.slice(start, end));
    text += query.slice(at, start) + piece;
    at = end;
  }
  return { query: text + query.slice(at), typed };
}

/** What a filter is set to; null where it isn't. */
export function filterIn(query: string, operator: Operator, texts: Texts, wanted?: string): string | null {
  return piecesOf(query, texts).findLast((piece) => isFilter(piece, operator, wanted))?.value ?? null;
}

/** The query without a filter. */
export function withoutFilter(query: string, operator: Operator, texts: Texts, wanted?: string): string {
  let [text, at] = ["", 0];
  for (const piece of piecesOf(query, texts)) {
    if (!isFilter(piece, operator, wanted)) continue;
    text += query.slice(at, piece.start);
    at = piece.end;
  }
  return (text + query.slice(at)).replaceAll(/\s{2,}/g, " ").trim();
}

/** The query with a filter, in place of the one that there was; it is written as people of that language would type it. */
export function withFilter(query: string, operator: Operator, value: string, texts: Texts, wanted?: string): string {
  const rest = withoutFilter(query, operator, texts, wanted);
  const plain = value.replaceAll(/["“”„«»]/g, "").trim();
  const said = Object.hasOwn(texts.values, plain) ? texts.values[plain as keyof Texts["values"]] : plain;
  const piece = `${texts.operators[operator]}:${/\s/.test(said) ? `"${said}"` : said}`;
  // With a space behind it, whoever goes on typing begins another word.
  return `${rest === "" ? "" : `${rest} `}${piece} `;
}

function isFilter(piece: Piece, operator: Operator, wanted: string | undefined): boolean {
  return piece.operator === operator && !piece.negated && (wanted === undefined || piece.value.toLowerCase() === wanted);
}

/** Other names that the engine knows. */
const ALSO: Readonly<Record<string, Operator>> = { cc: "to", folder: "in", since: "after" };

function operatorNamed(name: string, { operators }: Texts): Operator | null {
  const typed = name.toLowerCase();
  if (typed === "") return null;
  const known = Object.entries(operators).find(([english, local]) => english === typed || local === typed)?.[0];
  return (known as Operator | undefined) ?? ALSO[typed] ?? null;
}

function valueNamed(value: string, { values }: Texts): string {
  const typed = value.toLowerCase();
  return Object.entries(values).find(([, local]) => local === typed)?.[0] ?? value;
}

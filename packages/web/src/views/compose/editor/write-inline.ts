import type { Piece } from "./pieces.ts";

// Writes the pieces of a block so that CommonMark reads exactly them: whatever would be a sign and isn't meant as one is escaped, and
// where the rules for `*` and `_` want another neighbour, the neighbour is written as a number.

type Mark = "link" | "strong" | "em";

interface Token {
  readonly kind: "text" | "open" | "close" | "other";
  /** As it stands in the output, for all but `text`. */
  readonly out: string;
  readonly text: string;
}

/** How inline content is written. */
export interface InlineOptions {
  /** Whether its beginning, and what follows the end of a line, could begin a block. */
  readonly startsLine: boolean;
}

/** The pieces as CommonMark; lines are ended by `\` and a line feed. */
export function writeInline(pieces: readonly Piece[], { startsLine }: InlineOptions): string {
  const tokens = spacesOutside(tokensOf(pieces));
  let out = "";
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "text") {
      out += token.out;
      continue;
    }
    const atStart = startsLine && (out === "" || out.endsWith("\n"));
    out += writeText(token.text, { atStart, before: tokens[index - 1], after: tokens[index + 1], tokens, index });
  }
  return out;
}

function tokensOf(pieces: readonly Piece[]): readonly Token[] {
  // With both in one block they have signs of their own, so that no two of them run together.
  const emSign = pieces.some(({ strong }) => strong) ? "_" : "*";
  const tokens: Token[] = [];
  const open: { readonly mark: Mark; readonly href: string | null }[] = [];
  const sign = (mark: Mark): string => (mark === "strong" ? "**" : emSign);
  const other = (out: string): void => void tokens.push({ kind: "other", out, text: "" });

  const close = (): void => {
    const last = open.pop();
    if (last === undefined) return;
    if (last.mark === "link") other(`](${destination(last.href ?? "")})`);
    else tokens.push({ kind: "close", out: sign(last.mark), text: "" });
  };
  for (const [index, piece] of pieces.entries()) {
    const keeps = open.findIndex(({ mark, href }) => !has(piece, mark) || (mark === "link" && href !== piece.href));
    for (let left = keeps === -1 ? 0 : open.length - keeps; left > 0; left--) close();
    if (isAutolink(pieces, index)) {
      while (open.length > 0) close();
      other(`<${piece.href}>`);
      continue;
    }
    const missing = (["link", "strong", "em"] as const).filter((mark) => has(piece, mark) && !open.some((each) => each.mark === mark));
    for (const mark of missing.toSorted((a, b) => runOf(pieces, index, b) - runOf(pieces, index, a))) {
      open.push({ mark, href: piece.href });
      if (mark === "link") other("[");
      else tokens.push({ kind: "open", out: sign(mark), text: "" });
    }
    if (piece.kind === "text") tokens.push({ kind: "text", out: "", text: piece.text });
    else other(piece.kind === "break" ? "\\\n" : codeSpan(piece.text));
  }
  while (open.length > 0) close();
  return tokens;
}

/** Bold and italic neither begin nor end with space: CommonMark can't say so, and nobody sees it. */
function spacesOutside(tokens: readonly Token[]): readonly Token[] {
  const moved = tokens.flatMap((token) => {
    const parts = token.kind === "text" ? (/^(\s*)(.*?)(\s*)$/.exec(token.text)?.slice(1) ?? []) : [];
    return token.kind === "text" ? parts.filter((text) => text !== "").map((text) => ({ ...token, text })) : [token];
  });
  for (let at = 0; at + 1 < moved.length;) {
    const [one, next] = [moved[at], moved[at + 1]];
    if (one === undefined || next === undefined) break;
    const isEmpty = one.kind === "open" && next.kind === "close";
    if (isEmpty) moved.splice(at, 2);
    else if ((one.kind === "open" && isSpace(next)) || (isSpace(one) && next.kind === "close")) moved.splice(at, 2, next, one);
    else {
      at++;
      continue;
    }
    at = Math.max(0, at - 1);
  }
  return moved.reduce<Token[]>((all, token) => {
    const last = all.at(-1);
    if (token.kind === "text" && last?.kind === "text") all[all.length - 1] = { ...last, text: last.text + token.text };
    else all.push(token);
    return all;
  }, []);
}

function isSpace({ kind, text }: Token): boolean {
  return kind === "text" && /^\s+$/.test(text);
}

function has(piece: Piece, mark: Mark): boolean {
  return mark === "link" ? piece.href !== null : piece[mark];
}

/** How many pieces a mark goes on for. */
function runOf(pieces: readonly Piece[], from: number, mark: Mark): number {
  const href = pieces[from]?.href ?? null;
  const end = pieces.findIndex((piece, at) => at >= from && !(has(piece, mark) && (mark !== "link" || piece.href === href)));
  return (end === -1 ? pieces.length : end) - from;
}

const BARE = /^https?:\/\/[\u0021-\u003b\u003d\u003f-\u005b\u005d-\u007e]+$/;

/** A link that shows where it leads, and nothing else. */
function isAutolink(pieces: readonly Piece[], index: number): boolean {
  const piece = pieces[index];
  if (piece === undefined || piece.kind !== "text" || piece.href !== piece.text || piece.strong || piece.em) return false;
  return BARE.test(piece.text) && pieces[index - 1]?.href !== piece.href && pieces[index + 1]?.href !== piece.href;
}

function destination(href: string): string {
  const text = href.replaceAll(/&(?=#?\w+;)/g, "&amp;");
  return /^[^\s<>()\\]+$/.test(text) ? text : `<${text.replaceAll(/[<>\\]/g, "\\$&")}>`;
}

function codeSpan(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const padded = /^`|`$/.test(text) || (/^ .* $/.test(text) && text.trim() !== "") ? ` ${text} ` : text;
  return fence + padded + fence;
}

interface TextPlace {
  readonly atStart: boolean;
  readonly before: Token | undefined;
  readonly after: Token | undefined;
  readonly tokens: readonly Token[];
  readonly index: number;
}

function writeText(text: string, place: TextPlace): string {
  const characters = Array.from(text);
  const last = characters.length - 1;
  const [first, end] = [numberedFirst(characters, place), numberedLast(characters, place)];
  const inLink = isInLink(place);
  const lead = place.atStart ? lineStart(text) : 0;
  let at = 0;
  return characters
    .map((character, index) => {
      const offset = at;
      at += character.length;
      if ((first && index === 0) || (end && index === last)) return `&#${character.codePointAt(0)};`;
      const isLead = lead > 0 && offset === lead - 1;
      return isLead || mustEscape(text, offset, inLink, place) ? `\\${character}` : character;
    })
    .join("");
}

/** Whether a character would be a sign where it stands. */
function mustEscape(text: string, at: number, inLink: boolean, { after }: TextPlace): boolean {
  const rest = text.slice(at + 1);
  switch (text[at]) {
    case "\\":
    case "`":
    case "*":
      return true;
    case "_":
      // Within a word it is none; at the ends of a text something else may come to stand beside it.
      return at < 2 || at > text.length - 3 || !/^[A-Za-z0-9]_[A-Za-z0-9]$/.test(text.slice(at - 1, at + 2));
    case "[":
      return inLink;
    case "]":
      return inLink || rest.startsWith("(") || rest === "";
    case "!":
      return rest === "" && after?.out.startsWith("[") === true;
    case "<":
      return rest === "" || /^[^\s=\d]/.test(rest);
    case "&":
      return /^#?\w+;/.test(rest);
    case "~":
      return rest.startsWith("~");
    default:
      return false;
  }
}

/** One more than where the character stands that would begin a block; 0 where none does. */
function lineStart(text: string): number {
  if (/^(?:#{1,6}(?:\s|$)|>|[-+](?:[\s-]|$)|~~~|\[|=+\s*$)/.test(text)) return 1;
  const number = /^\d{1,9}(?=[.)](?:\s|$))/.exec(text);
  return number === null ? 0 : number[0].length + 1;
}

function isInLink({ tokens, index }: TextPlace): boolean {
  const opened = tokens.slice(0, index).findLastIndex(({ kind, out }) => kind === "other" && out === "[");
  return opened !== -1 && !tokens.slice(opened, index).some(({ kind, out }) => kind === "other" && out.startsWith("]("));
}

const PUNCTUATION = /^[!-/:-@[-`{-~]$/;

/** Whether the last character must be something else, for what opens behind it to open. */
function numberedLast(characters: readonly string[], { after, tokens, index }: TextPlace): boolean {
  const outer = characters.at(-1) ?? "";
  if (after?.kind !== "open" || fitsOutside(outer)) return false;
  const inner = tokens.slice(index + 2)[0];
  return after.out === "_" || !isWord(inner?.kind === "text" ? Array.from(inner.text)[0] : undefined);
}

/** Whether the first character must be something else, for what closes before it to close. */
function numberedFirst(characters: readonly string[], { before, tokens, index }: TextPlace): boolean {
  const outer = characters[0] ?? "";
  if (before?.kind !== "close" || fitsOutside(outer)) return false;
  const inner = tokens[index - 2];
  return before.out === "_" || !isWord(inner?.kind === "text" ? Array.from(inner.text).at(-1) : undefined);
}

function fitsOutside(character: string): boolean {
  return /^\s$/.test(character) || PUNCTUATION.test(character);
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /^[\p{L}\p{N}]$/u.test(character);
}

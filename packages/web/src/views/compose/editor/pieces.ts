import type { Node } from "prosemirror-model";

// The inline content of a block, made ready to be written as CommonMark: what can't be written there is changed into what looks the same.

/** Marks of a piece of text. */
export interface PieceMarks {
  readonly strong: boolean;
  readonly em: boolean;
  readonly href: string | null;
}

/** Text, code, or the end of a line. */
export interface Piece extends PieceMarks {
  readonly kind: "text" | "code" | "break";
  readonly text: string;
}

const PLAIN: PieceMarks = { strong: false, em: false, href: null };
const SPACE = "\u00a0";

/** The pieces of a paragraph or a heading. */
export function piecesOf(block: Node): readonly Piece[] {
  const raw: Piece[] = [];
  block.forEach((node) => {
    const href = node.marks.find(({ type }) => type.name === "link")?.attrs["href"] as string | undefined;
    const has = (name: string): boolean => node.marks.some(({ type }) => type.name === name);
    const marks = { strong: has("strong"), em: has("em"), href: href ?? null };
    if (node.isText) {
      const text = (node.text ?? "").replaceAll(/[\u0000-\u001f\u007f\u2028\u2029]/g, " ");
      raw.push({ ...marks, kind: has("code") && text.trim() !== "" ? "code" : "text", text });
    } else raw.push({ ...PLAIN, kind: "break", text: "" });
  });
  return merged(breaksMarked(trimmedLines(merged(raw))));
}

/** Spaces at the end of a line say nothing; those at its beginning stay where they are seen. */
function trimmedLines(pieces: readonly Piece[]): readonly Piece[] {
  const lines: Piece[][] = [[]];
  for (const piece of pieces) {
    if (piece.kind === "break") lines.push([]);
    else lines.at(-1)?.push(piece);
  }
  const trimmed = lines.map((line, index) => trimStart(trimEnd(line), index === 0));
  while (trimmed.length > 1 && trimmed.at(-1)?.length === 0) trimmed.pop();
  return trimmed.flatMap((line, index) => (index === 0 ? line : [{ ...PLAIN, kind: "break" as const, text: "" }, ...line]));
}

function trimEnd(line: readonly Piece[]): readonly Piece[] {
  const last = line.at(-1);
  if (last === undefined || last.kind === "code") return line;
  const text = last.text.trimEnd();
  if (text === "") return trimEnd(line.slice(0, -1));
  return [...line.slice(0, -1), { ...last, text }];
}

function trimStart(line: readonly Piece[], isFirst: boolean): readonly Piece[] {
  const at = line.findIndex(({ kind, text }) => kind === "code" || text.trim() !== "");
  const first = line[at];
  // All of it is space: nothing is seen.
  if (first === undefined) return [];
  const text = first.kind === "code" ? first.text : first.text.trimStart();
  const length = [...line.slice(0, at), first].reduce((sum, piece) => sum + piece.text.length, 0) - text.length;
  const lead = isFirst || length === 0 ? [] : [{ ...PLAIN, kind: "text" as const, text: SPACE.repeat(length) }];
  return [...lead, { ...first, text }, ...line.slice(at + 1)];
}

/** The end of a line has the marks that both sides of it have. */
function breaksMarked(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.map((piece, index) => {
    if (piece.kind !== "break") return piece;
    const before = pieces.slice(0, index).findLast(({ kind }) => kind !== "break") ?? { ...PLAIN };
    const after = pieces.slice(index).find(({ kind }) => kind !== "break") ?? { ...PLAIN };
    const both = { strong: before.strong && after.strong, em: before.em && after.em };
    return { ...piece, ...both, href: before.href === after.href ? before.href : null };
  });
}

/** Neighbours that are alike are one; links without anything to see are none. */
function merged(pieces: readonly Piece[]): readonly Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces.map((each) => withoutEmptyLink(each, pieces))) {
    const last = result.at(-1);
    if (piece.kind !== "break" && piece.text === "") continue;
    if (last !== undefined && last.kind === piece.kind && piece.kind !== "break" && sameMarks(last, piece)) {
      result[result.length - 1] = { ...last, text: last.text + piece.text };
    } else result.push(piece);
  }
  return result;
}

function withoutEmptyLink(piece: Piece, pieces: readonly Piece[]): Piece {
  if (piece.href === null) return piece;
  const at = pieces.indexOf(piece);
  let [start, end] = [at, at];
  while (pieces[start - 1]?.href === piece.href) start--;
  while (pieces[end + 1]?.href === piece.href) end++;
  const hasText = pieces.slice(start, end + 1).some(({ kind, text }) => kind === "code" || text.trim() !== "");
  return hasText ? piece : { ...piece, href: null };
}

/** Whether two pieces have the same marks. */
export function sameMarks(one: PieceMarks, other: PieceMarks): boolean {
  return one.strong === other.strong && one.em === other.em && one.href === other.href;
}

// Texts of other people, made fit to stand among the interface's own: they can neither break a line, nor turn the direction of what
// stands beside them, nor hide.

/** Characters that control how text runs: C0, C1, and those that turn its direction. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;
/** Marks that stand on a letter. Real writing needs a few of them on one. */
const PILED = /(\p{M}{4})\p{M}+/gu;
/** Characters of a line that are shown. */
const LINE = 500;

/** A text on one line. */
export function oneLine(text: string, length = LINE): string {
  return text.slice(0, length).replaceAll(CONTROLS, " ").replaceAll(PILED, "$1").replaceAll(/\s+/g, " ").trim();
}

/** Part of a line: spaces at its ends stay. */
export function partOfLine(text: string): string {
  return text.slice(0, LINE).replaceAll(CONTROLS, " ").replaceAll(PILED, "$1").replaceAll(/\s+/g, " ");
}

/** Part of a CommonMark text on one line, without its signs. */
export function partOfGlimpse(text: string): string {
  return partOfLine(text)
    .replaceAll(/(^|\s)(?:#{1,6}|>+|[-*+]|\d{1,9}[.)])(?=\s)/g, "$1")
    .replaceAll(/(?<=\S)[*`~]+|[*`~]+(?=\S)/g, "")
    .replaceAll(/\s+/g, " ");
}

/** A text of several lines: what would turn its direction for good is left out. */
export function severalLines(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/g, "").replaceAll(PILED, "$1");
}

/** A first glimpse of a CommonMark text, without its signs. */
export function glimpse(markdown: string): string {
  return oneLine(
    markdown
      .slice(0, LINE)
      .replaceAll(/<(https?:\/\/[^\s<>]+)>/g, "$1")
      .replaceAll(/!?\[([^\][]*)\]\([^()\s]*\)/g, "$1")
      .replaceAll(/(^|\s)(?:#{1,6}|>+|[-*+]|\d{1,9}[.)])(?=\s)/g, "$1")
      .replaceAll(/[*_`~\\]+/g, ""),
  );
}

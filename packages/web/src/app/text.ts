// Texts of other people, made fit to stand among the interface's own: they can neither break a line, nor turn the direction of what
// stands beside them, nor hide.

/** Characters that control how text runs: C0, C1, and those that turn its direction. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;
/** Marks that stand on a letter. Real writing needs a few of them on one. */
const PILED = /(\p{M}{4})\p{M}+/gu;
/** Characters of a line that are shown. */
const LINE = 500;

/** Letters that leave no trace on the screen: what is made of them alone is no text. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{C}\p{M}\p{Z}\u2800]/gu;
/** Characters of a name that are shown. */
const NAME_LENGTH = 80;
/** What makes a name an address, and what looks like it. */
const ADDRESS_SIGN = /[#\u2317\u266f]/;

/** A text on one line; empty where nothing of it could be seen. */
export function oneLine(text: string, length = LINE): string {
  const line = text.slice(0, length).replaceAll(CONTROLS, " ").replaceAll(PILED, "$1").replaceAll(/\s+/g, " ").trim();
  return line.replaceAll(UNSEEN, "") === "" ? "" : line;
}

/** What somebody calls themselves, fit to be shown; null where that is nothing, or could be taken for somebody's address. */
export function shownName(name: string | null | undefined): string | null {
  const shown = Array.from(oneLine(name ?? ""))
    .slice(0, NAME_LENGTH)
    .join("")
    .trim();
  return shown === "" || ADDRESS_SIGN.test(shown.normalize("NFKC")) ? null : shown;
}

/** A stretch of what was found, and whether it is what was searched for. */
export interface Found {
  readonly text: string;
  readonly match: boolean;
}

/** Around what matches, while the signs of the text are taken out; the text itself has none of them. */
const [OPEN, CLOSE] = ["\ue000", "\ue001"];

/** A piece of a CommonMark text on one line, without its signs, whatever they stand beside; what matches stays marked. */
export function glimpseOfParts(parts: readonly Found[]): readonly Found[] {
  const marked = parts
    .map(({ text, match }) => {
      const line = text
        .slice(0, LINE)
        .replaceAll(CONTROLS, " ")
        .replaceAll(PILED, "$1")
        .replaceAll(/[\ue000\ue001]/g, " ");
      return match ? `${OPEN}${line}${CLOSE}` : line;
    })
    .join("");
  const plain = withoutSigns(marked).replaceAll(/\s+/g, " ").trim();
  // Where a mark was lost with the address of a link, the stretch is one without a match.
  return plain
    .split(/(\ue000[^\ue000\ue001]*\ue001)/)
    .map((text) => ({ text: text.replaceAll(/[\ue000\ue001]/g, ""), match: text.startsWith(OPEN) }))
    .filter(({ text }) => text !== "");
}

/** Signs that stand on both sides of what they are for: one that stands alone is what somebody wrote, as in "2 * 3" or "~20". */
const PAIRS = [
  /(?<!\\)(`+)(.+?)\1/g,
  ...["\\*{3}", "\\*{2}", "\\*"].map((sign) => new RegExp(String.raw`(?<!\\)(${sign})(?=[^\s*])(.+?)(?<=[^\s*\\])\1`, "g")),
  /(?<![\p{L}\p{N}\ue001_\\])(_{1,3})(?=[^\s_])(.+?)(?<=[^\s_\\])\1(?![\p{L}\p{N}\ue000_])/gu,
  /(?<!\\)(~~)(?=[^\s~])(.+?)(?<=[^\s~\\])\1/g,
];

/**
 * Without what only says how a text looks: a link is its words, and a piece of one at the end as well. Where its lines are lost, what
 * begins one is told only at the very beginning, and by signs that nobody writes within a sentence: "Berlin - Paris", "am 3. Oktober".
 */
function withoutSigns(markdown: string): string {
  const bare = markdown
    .replaceAll(/<((?:https?|mailto):[^\s<>]+)>/g, "$1")
    .replaceAll(/!?\[([^\][]*)\]\((?:[^()\s]*\)|[^()\s]*(?=\s*…?$))/g, "$1")
    .replaceAll(/^(?:(?:#{1,6}|>+|[-*+])(?:\s+|$))+/gm, "")
    .replaceAll(/(^|[\s…])(?:#{2,6}|>(?:\s*>)+)(?=\s|$)/g, "$1");
  return (
    PAIRS.reduce((text, pair) => text.replaceAll(pair, "$2"), bare)
      // The other side was cut off.
      .replaceAll(/(^|[\s(])\*{2,3}(?=[^\s*])/g, "$1")
      // Before a sign, and where a line ended.
      .replaceAll(/\\(?=[!-/:-@[-`{-~])|(?<=[^\s:])\\(?=\s|$)/g, "")
  );
}

/** A text of several lines: what would turn its direction for good is left out. */
export function severalLines(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/g, "").replaceAll(PILED, "$1");
}

/** Who wrote what is quoted from there on, as our answers say it in each language; something stands before it. */
const QUOTE_BEGINS = /(?<=\S\s+)(?:On|Am)\s[^>]{5,200}?\s(?:wrote|schrieb[^>:]{1,200}):(?=\s+>|\s*$).*$/s;

/** A first glimpse of a CommonMark text, without its signs and what it quotes at its end. */
export function glimpse(markdown: string): string {
  return oneLine(withoutSigns(markdown.slice(0, LINE).replace(QUOTE_BEGINS, "")));
}

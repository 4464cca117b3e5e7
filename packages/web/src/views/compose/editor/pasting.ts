import { DOMParser, Fragment, Slice, type ParseRule } from "prosemirror-model";
import { fromPlain } from "./from-markdown.ts";
import { schema } from "./schema.ts";

// What is pasted or dropped: HTML becomes what a message can hold.

const TAG = /<[a-z](?:[^>"']|"[^"]*"|'[^']*')*>/gi;
/** What does something, or fetches something: under other names, it can only be read. */
const ACTIVE = /([\s/"'])(on[a-z]+|style|src|srcset|poster|background)(?=\s*=)/gi;

/** Takes from HTML what the page's policy forbids anyway, before a browser reads it. */
export function passiveHtml(html: string): string {
  return html.replaceAll(TAG, (tag) => tag.replaceAll(ACTIVE, "$1data-$2"));
}

/**
 * The files that are meant by what is pasted. What is copied from a text has pictures of it along: then the text is meant, and none of
 * them. A picture that is copied from a page has no text, only HTML that names where it came from.
 */
export function pastedFiles(data: Pick<DataTransfer, "files" | "types" | "getData">): readonly File[] {
  const isText = data.types.includes("text/html") && data.getData("text/plain").trim() !== "";
  return isText ? [] : [...data.files];
}

const styled = (mark: "strong" | "em", pattern: RegExp): ParseRule => ({
  tag: "span[data-style]",
  mark,
  // What is bold may be italic as well.
  consuming: false,
  getAttrs: (node) => pattern.test(node.dataset["style"] ?? "") && null,
});

/** Reads what is pasted: emphasis by style is emphasis, and a table its rows. */
export const clipboardParser = new DOMParser(schema, [
  { tag: "tr", node: "paragraph", getContent: (row) => rowOf(row as HTMLElement) },
  styled("strong", /font-weight\s*:\s*(?:bold|[6-9]00)/i),
  styled("em", /font-style\s*:\s*(?:italic|oblique)/i),
  // Some word processors wrap everything in a <b> that is none.
  { tag: "b[data-style]", skip: true, getAttrs: (node) => /font-weight\s*:\s*(?:normal|400)/i.test(node.dataset["style"] ?? "") && null },
  ...DOMParser.fromSchema(schema).rules,
]);

/** Plain text that is pasted: its lines stay its lines. */
export function pastedText(text: string): Slice {
  const { content } = fromPlain(text.replaceAll(/\r\n?/g, "\n").replace(/\n+$/, ""));
  return new Slice(content, 1, 1);
}

/** A row of a table, on one line: CommonMark has no tables. */
function rowOf(row: HTMLElement): Fragment {
  const cells = [...row.querySelectorAll("td, th")].map((cell) => (cell.textContent ?? "").replaceAll(/\s+/g, " ").trim());
  const text = cells.filter((cell) => cell !== "").join(" | ");
  return text === "" ? Fragment.empty : Fragment.from(schema.text(text));
}

import MarkdownIt from "markdown-it";
import type Token from "markdown-it/lib/token.mjs";
import { MarkdownParser } from "prosemirror-markdown";
import type { Node } from "prosemirror-model";
import { safeHref, schema } from "./schema.ts";

/** Levels of lists and quotes that are read; whatever is deeper is nobody's letter. */
const MAX_NESTING = 100;

const tokenizer = new MarkdownIt("commonmark", { html: false });
Object.assign(tokenizer.options, { maxNesting: MAX_NESTING });
// Addresses stay as they are written; those that lead nowhere safe are no links.
tokenizer.normalizeLink = (href) => href;
tokenizer.normalizeLinkText = (text) => text;
tokenizer.validateLink = (href) => safeHref(href) !== null;
tokenizer.core.ruler.push("plain", ({ tokens }) => {
  for (const token of tokens) if (token.children !== null) token.children = token.children.map(plain);
});

/** A picture from elsewhere is the words that stand for it; lines end where they were ended. */
function plain(token: Token): Token {
  if (token.type === "softbreak") token.type = "hardbreak";
  if (token.type === "image") {
    token.type = "text";
    token.children = null;
  }
  return token;
}

const parser = new MarkdownParser(schema, tokenizer, {
  blockquote: { block: "blockquote" },
  paragraph: { block: "paragraph" },
  list_item: { block: "list_item" },
  bullet_list: { block: "bullet_list" },
  ordered_list: { block: "ordered_list", getAttrs: (token) => ({ order: Number(token.attrGet("start") ?? "1") }) },
  heading: { block: "heading", getAttrs: (token) => ({ level: Number(token.tag.slice(1)) }) },
  code_block: { block: "code_block", noCloseToken: true },
  fence: { block: "code_block", getAttrs: (token) => ({ params: token.info.trim() }), noCloseToken: true },
  hr: { node: "horizontal_rule" },
  hardbreak: { node: "hard_break" },
  em: { mark: "em" },
  strong: { mark: "strong" },
  link: { mark: "link", getAttrs: (token) => ({ href: token.attrGet("href") ?? "" }) },
  code_inline: { mark: "code", noCloseToken: true },
});

/** A message's text, read from CommonMark. */
export function fromMarkdown(text: string): Node {
  return emptied(parser.parse(text) ?? schema.topNodeType.createAndFill() ?? schema.node("doc", null, [schema.node("paragraph")]));
}

/** What stands for an empty line is one. */
function emptied(node: Node): Node {
  if (node.type.name === "paragraph" && node.textContent.trim() === "" && node.content.size === node.textContent.length) {
    return node.type.create(node.attrs);
  }
  if (node.isTextblock || node.isLeaf) return node;
  const children: Node[] = [];
  node.forEach((child) => void children.push(emptied(child)));
  return node.type.create(node.attrs, children);
}

/** A text without signs, as of a short message: its lines stay its lines. */
export function fromPlain(text: string): Node {
  const paragraphs = text.split(/\n{2,}/).map((paragraph) => {
    const lines = paragraph.split("\n");
    const inline = lines.flatMap((line, index) => [
      ...(index === 0 ? [] : [schema.node("hard_break")]),
      ...(line === "" ? [] : [schema.text(line)]),
    ]);
    return schema.node("paragraph", null, inline);
  });
  return schema.node("doc", null, paragraphs);
}

import { Schema, type DOMOutputSpec, type MarkSpec, type Node, type NodeSpec } from "prosemirror-model";

// What a message can hold: CommonMark, but for pictures from elsewhere, which nobody shall load.

/** Headings that there are. */
export const MAX_HEADING = 6;

const SAFE = /^(?:https?:\/\/|mailto:)[^\s\u0000-\u001f\u007f]+$/i;

/** An address that a link may lead to; null for any other. */
export function safeHref(href: string): string | null {
  const trimmed = href.trim();
  return SAFE.test(trimmed) ? trimmed : null;
}

const headings = Array.from({ length: MAX_HEADING }, (_, index) => ({ tag: `h${index + 1}`, attrs: { level: index + 1 } }));

const nodes = {
  doc: { content: "block+" },
  paragraph: { content: "inline*", group: "block", parseDOM: [{ tag: "p" }], toDOM: (): DOMOutputSpec => ["p", 0] },
  blockquote: {
    content: "block+",
    group: "block",
    defining: true,
    parseDOM: [{ tag: "blockquote" }],
    toDOM: (): DOMOutputSpec => ["blockquote", 0],
  },
  horizontal_rule: { group: "block", parseDOM: [{ tag: "hr" }], toDOM: (): DOMOutputSpec => ["hr"] },
  heading: {
    attrs: { level: { default: 2, validate: "number" } },
    content: "text*",
    group: "block",
    defining: true,
    parseDOM: headings,
    toDOM: (node: Node): DOMOutputSpec => [`h${levelOf(node)}`, 0],
  },
  code_block: {
    content: "text*",
    group: "block",
    code: true,
    defining: true,
    marks: "",
    attrs: { params: { default: "", validate: "string" } },
    parseDOM: [{ tag: "pre", preserveWhitespace: "full" }],
    toDOM: (): DOMOutputSpec => ["pre", ["code", 0]],
  },
  ordered_list: {
    content: "list_item+",
    group: "block",
    attrs: { order: { default: 1, validate: "number" } },
    parseDOM: [{ tag: "ol", getAttrs: (list: HTMLElement) => ({ order: startOf(list.getAttribute("start")) }) }],
    toDOM: (node: Node): DOMOutputSpec => ["ol", { start: String(orderOf(node)) }, 0],
  },
  bullet_list: { content: "list_item+", group: "block", parseDOM: [{ tag: "ul" }], toDOM: (): DOMOutputSpec => ["ul", 0] },
  list_item: { content: "paragraph block*", defining: true, parseDOM: [{ tag: "li" }], toDOM: (): DOMOutputSpec => ["li", 0] },
  text: { group: "inline" },
  hard_break: { inline: true, group: "inline", selectable: false, parseDOM: [{ tag: "br" }], toDOM: (): DOMOutputSpec => ["br"] },
} satisfies Record<string, NodeSpec>;

const marks = {
  link: {
    attrs: { href: { validate: "string" } },
    inclusive: false,
    parseDOM: [
      {
        tag: "a[href]",
        getAttrs: (link: HTMLElement) => {
          const href = safeHref(link.getAttribute("href") ?? "");
          return href === null ? false : { href };
        },
      },
    ],
    toDOM: (mark): DOMOutputSpec => ["a", { href: String(mark.attrs["href"]), rel: "noopener noreferrer" }, 0],
  },
  strong: { parseDOM: [{ tag: "strong" }, { tag: "b" }], toDOM: (): DOMOutputSpec => ["strong", 0] },
  em: { parseDOM: [{ tag: "em" }, { tag: "i" }], toDOM: (): DOMOutputSpec => ["em", 0] },
  code: { code: true, excludes: "_", parseDOM: [{ tag: "code" }, { tag: "tt" }, { tag: "kbd" }], toDOM: (): DOMOutputSpec => ["code", 0] },
} satisfies Record<string, MarkSpec>;

/** The schema of a message's text. */
export const schema = new Schema({ nodes, marks });

/** The level of a heading. */
export function levelOf(node: Node): number {
  return Math.min(MAX_HEADING, Math.max(1, Number(node.attrs["level"])));
}

/** The number that a list begins with. */
export function orderOf(node: Node): number {
  return startOf(String(node.attrs["order"]));
}

/** The highest number that CommonMark knows for an item of a list. */
const MAX_ORDER = 999_999_999;

function startOf(text: string | null): number {
  const order = Number(text ?? "1");
  return Number.isSafeInteger(order) && order >= 0 && order <= MAX_ORDER ? order : 1;
}

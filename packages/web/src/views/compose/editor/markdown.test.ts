import fc from "fast-check";
import type { Node } from "prosemirror-model";
import { describe, expect, it } from "vitest";
import { fromMarkdown, fromPlain } from "./from-markdown.ts";
import { piecesOf, type Piece } from "./pieces.ts";
import { schema } from "./schema.ts";
import { toMarkdown } from "./to-markdown.ts";

const paragraph = (text: string): Node => schema.node("paragraph", null, text === "" ? [] : [schema.text(text)]);
const doc = (...blocks: readonly Node[]): Node => schema.node("doc", null, blocks);

/** Signs that CommonMark reads, words, and spaces, as people and those who mean harm mix them. */
const words = fc
  .array(
    fc.constantFrom(
      ...Array.from("*_`[]()<>!&#-+=~\\|:.\"'1 ab \u00a0é€😀"),
      "**",
      "__",
      "1.",
      "12)",
      "# ",
      "## ",
      "- ",
      "+ ",
      "> ",
      "---",
      "===",
      "```",
      "~~~",
      "&amp;",
      "&#35;",
      "<b>",
      "<!--",
      "](",
      "![",
      "http://a.b/c_d_e",
      "www.a.b",
      "snake_case_name",
      "alice#alpha.example",
      "  ",
      "word",
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(""))
  .filter((text) => text !== "");
const href = fc.constantFrom(
  "https://a.example/",
  "https://a.example/(b)?c=d&copy;e",
  "mailto:bob@example.org",
  "https://a.example/ä_b_*c*",
);
const marks = fc.record({ strong: fc.boolean(), em: fc.boolean(), code: fc.boolean(), link: fc.option(href) });
const text = fc.tuple(words, marks).map(([value, { strong, em, code, link }]) => {
  const all = [
    ...(link === null ? [] : [schema.mark("link", { href: link })]),
    ...(strong ? [schema.mark("strong")] : []),
    ...(em ? [schema.mark("em")] : []),
  ];
  return schema.text(value, code ? [schema.mark("code")] : all);
});
const inline = fc.array(fc.oneof({ weight: 6, arbitrary: text }, { weight: 1, arbitrary: fc.constant(schema.node("hard_break")) }), {
  maxLength: 6,
});
const paragraphs = inline.map((content) => schema.node("paragraph", null, content));
const headings = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.array(text, { maxLength: 3 }))
  .map(([level, content]) => schema.node("heading", { level }, content));
const codes = fc
  .array(fc.constantFrom("a", "```", "    b", "", "- x", "> ", "~~~~"), { maxLength: 4 })
  .map((lines) => lines.join("\n"))
  .map((value) => schema.node("code_block", { params: "" }, value === "" ? [] : [schema.text(value)]));
const rules = fc.constant(schema.node("horizontal_rule"));
const { blocks } = fc.letrec<{ blocks: Node; items: Node }>((tie) => ({
  blocks: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    { weight: 5, arbitrary: paragraphs },
    headings,
    codes,
    rules,
    fc.array(tie("blocks"), { minLength: 1, maxLength: 3 }).map((children) => schema.node("blockquote", null, children)),
    fc.array(tie("items"), { minLength: 1, maxLength: 3 }).map((items) => schema.node("bullet_list", null, items)),
    fc
      .tuple(fc.constantFrom(0, 1, 7, 10), fc.array(tie("items"), { minLength: 1, maxLength: 3 }))
      .map(([order, items]) => schema.node("ordered_list", { order }, items)),
  ),
  items: fc
    .tuple(paragraphs, fc.array(tie("blocks"), { maxLength: 2 }))
    .map(([first, rest]) => schema.node("list_item", null, [first, ...rest])),
}));
const documents = fc.array(blocks, { minLength: 1, maxLength: 4 }).map((children) => doc(...children));

/** What is seen of a text: spaces that nobody sees and empty lines at its ends aside. */
function seen(node: Node): unknown {
  if (node.type.name === "code_block") return ["code_block", node.textContent];
  if (node.isTextblock) return [node.type.name, node.attrs, piecesOf(node).flatMap(signs)];
  const children: unknown[] = [];
  node.forEach((child) => void children.push(seen(child)));
  return [node.type.name, node.attrs, children];
}

/** Sign by sign: whether a space is bold nobody sees. */
function signs({ kind, text, strong, em, href }: Piece): readonly string[] {
  if (kind === "break") return ["end of line"];
  return Array.from(text, (sign) => [sign, kind, href, ...(/\s/.test(sign) && kind === "text" ? [] : [strong, em])].join());
}

/** Empty lines at the beginning and the end are left out. */
function trimmed(node: Node): Node {
  const children: Node[] = [];
  node.forEach((child) => void children.push(child));
  const isEmpty = (block: Node | undefined): boolean => block?.type.name === "paragraph" && piecesOf(block).length === 0;
  while (children.length > 1 && isEmpty(children[0])) children.shift();
  while (children.length > 1 && isEmpty(children.at(-1))) children.pop();
  return doc(...children);
}

describe("a message's text as CommonMark", () => {
  it("is read as it was written, whatever signs stand in it", () => {
    fc.assert(
      fc.property(documents, (written) => {
        expect(seen(fromMarkdown(toMarkdown(written)))).toEqual(seen(trimmed(written)));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ["Dear Bob,\n\nhow are you?", doc(paragraph("Dear Bob,"), paragraph("how are you?"))],
    ["1\\. is no list, \\*this\\* not bold", doc(paragraph("1. is no list, *this* not bold"))],
    ["snake_case_name and alice#alpha.example stay", doc(paragraph("snake_case_name and alice#alpha.example stay"))],
    ["see [1] and a < b & c", doc(paragraph("see [1] and a < b & c"))],
    ["- one\n- two", doc(list("one", "two"))],
    ["a\n\n\u00a0\n\nb", doc(paragraph("a"), paragraph(""), paragraph("b"))],
    ["", doc(paragraph(""), paragraph(""))],
  ])("says %j", (markdown, written) => {
    expect(toMarkdown(written)).toBe(markdown);
    expect(seen(fromMarkdown(markdown))).toEqual(seen(trimmed(written)));
  });

  it("has no pictures from elsewhere, no HTML and no links that lead nowhere safe", () => {
    const read = fromMarkdown("![a cat](https://evil.example/cat.png) <b>x</b> [go](javascript:alert(1)) <javascript:x>");
    expect(read.textContent).toBe("a cat <b>x</b> [go](javascript:alert(1)) <javascript:x>");
    read.descendants((node) => {
      expect(node.marks).toEqual([]);
    });
  });

  it("keeps the lines of a plain text", () => {
    expect(toMarkdown(fromPlain("one *two*\nthree\n\nfour"))).toBe("one \\*two\\*\\\nthree\n\nfour");
  });
});

function list(...items: readonly string[]): Node {
  return schema.node(
    "bullet_list",
    null,
    items.map((item) => schema.node("list_item", null, [paragraph(item)])),
  );
}

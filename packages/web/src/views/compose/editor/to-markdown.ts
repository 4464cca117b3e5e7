import type { Node } from "prosemirror-model";
import { piecesOf } from "./pieces.ts";
import { levelOf, orderOf } from "./schema.ts";
import { writeInline } from "./write-inline.ts";

/** An empty line that was typed: CommonMark has none, but for one with something in it that nobody sees. */
const EMPTY_LINE = "\u00a0";

/** A message's text as CommonMark that shows what was written, sign for sign. */
export function toMarkdown(doc: Node): string {
  const blocks = childrenOf(doc);
  const [first, last] = [blocks.findIndex(isWritten), blocks.findLastIndex(isWritten)];
  return first === -1 ? "" : linesOfBlocks(blocks.slice(first, last + 1)).join("\n");
}

function isWritten(block: Node): boolean {
  return block.type.name !== "paragraph" || piecesOf(block).length > 0;
}

function childrenOf(node: Node): readonly Node[] {
  return Array.from({ length: node.childCount }, (_, index) => node.child(index));
}

function linesOfBlocks(blocks: readonly Node[]): readonly string[] {
  let alternate = false;
  return blocks.flatMap((block, index) => {
    // Two lists side by side would be one, but for other signs.
    alternate = isList(block) && blocks[index - 1]?.type === block.type && !alternate;
    const lines = linesOf(block, alternate);
    return index === 0 ? lines : ["", ...lines];
  });
}

function linesOf(block: Node, alternate: boolean): readonly string[] {
  switch (block.type.name) {
    case "heading":
      return [`${"#".repeat(levelOf(block))} ${headingText(block)}`.trimEnd()];
    case "blockquote":
      return linesOfBlocks(childrenOf(block)).map((line) => (line === "" ? ">" : `> ${line}`));
    case "code_block":
      return codeLines(block);
    case "horizontal_rule":
      return ["---"];
    case "bullet_list":
      return listLines(block, () => (alternate ? "* " : "- "));
    case "ordered_list":
      return listLines(block, (index) => `${orderOf(block) + index}${alternate ? ")" : "."} `);
    default: {
      const pieces = piecesOf(block);
      return pieces.length === 0 ? [EMPTY_LINE] : writeInline(pieces, { startsLine: true }).split("\n");
    }
  }
}

function headingText(block: Node): string {
  return writeInline(piecesOf(block), { startsLine: false }).replace(/(^|\s)(#+)$/, "$1\\$2");
}

function codeLines(block: Node): readonly string[] {
  const text = block.textContent;
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const language = String(block.attrs["params"])
    .replaceAll(/[\s`]+/g, " ")
    .trim()
    .replaceAll(/[\\&]/g, "\\$&");
  return [fence + language, ...(text === "" ? [] : text.split("\n")), fence];
}

function listLines(list: Node, marker: (index: number) => string): readonly string[] {
  const items = childrenOf(list);
  const tight = items.every((item) => item.childCount <= 2 && childrenOf(item).slice(1).every(staysTight));
  return items.flatMap((item, index) => {
    const sign = marker(index);
    const blocks = childrenOf(item);
    const lines = tight ? blocks.flatMap((block) => linesOf(block, false)) : linesOfBlocks(blocks);
    const indented = lines.map((line, at) => (at === 0 ? sign + line : line === "" ? "" : " ".repeat(sign.length) + line));
    return tight || index === 0 ? indented : ["", ...indented];
  });
}

/** A list right under a paragraph: where it doesn't begin with 1, it would be taken for text. */
function staysTight(block: Node): boolean {
  return block.type.name === "bullet_list" || (block.type.name === "ordered_list" && orderOf(block) === 1);
}

function isList(block: Node): boolean {
  return block.type.name === "bullet_list" || block.type.name === "ordered_list";
}

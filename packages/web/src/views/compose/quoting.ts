import type { Node } from "prosemirror-model";
import type { Messages } from "../../messages/messages.tsx";
import { fromMarkdown, fromPlain } from "./editor/from-markdown.ts";
import { schema } from "./editor/schema.ts";

/** What is quoted, and how it is introduced. */
export interface Quoting {
  readonly compose: Messages["compose"];
  readonly who: string;
  readonly to: string;
  readonly when: string;
  readonly subject: string;
  readonly body: string;
  /** A text without signs, as of a short message. */
  readonly isPlain: boolean;
  readonly signature: string | null;
}

/** Characters that are quoted of a long message, and levels of quotes in quotes. */
const MAX_QUOTED = 100_000;
const MAX_DEPTH = 8;

/** An empty letter, or one that begins with something, above the signature. */
export function lettersOf(body: string, signature: string | null): Node {
  return docOf([...blocksOf(fromMarkdown(body)), ...signed(signature)]);
}

/** An answer: room to write, and below it what is answered. */
export function answerOf(quoting: Quoting): Node {
  const { compose, when, who, signature } = quoting;
  return docOf([line(""), ...signed(signature), line(compose.wrote(when, who)), quoteOf(quoting)]);
}

/** A message that is handed on. */
export function forwardOf(quoting: Quoting): Node {
  const { compose, when, who, to, subject, signature } = quoting;
  const { forwarded } = compose;
  const head: readonly (readonly [string, string])[] = [
    [forwarded.from, who],
    [forwarded.date, when],
    [forwarded.subject, subject],
    [forwarded.to, to],
  ];
  const lines = head.flatMap(([name, value], index) => [
    ...(index === 0 ? [] : [schema.node("hard_break")]),
    schema.text(`${name} `, [schema.mark("strong")]),
    ...(value === "" ? [] : [schema.text(value)]),
  ]);
  const title = schema.node("paragraph", null, [schema.text(forwarded.title, [schema.mark("em")])]);
  return docOf([line(""), ...signed(signature), title, schema.node("paragraph", null, lines), quoteOf(quoting)]);
}

function signed(signature: string | null): readonly Node[] {
  return signature === null || signature.trim() === "" ? [] : [line(""), ...blocksOf(fromMarkdown(signature)), line("")];
}

function quoteOf({ body, isPlain }: Quoting): Node {
  const text = body.slice(0, MAX_QUOTED);
  const doc = isPlain ? fromPlain(text) : fromMarkdown(text);
  return schema.node(
    "blockquote",
    null,
    blocksOf(doc).flatMap((block) => shallow(block, 1)),
  );
}

/** Quotes in quotes in quotes are nobody's answer any more. */
function shallow(block: Node, depth: number): readonly Node[] {
  if (block.type.name === "blockquote" && depth >= MAX_DEPTH) return [line("[…]")];
  if (block.isTextblock || block.isLeaf) return [block];
  const inner = block.type.name === "blockquote" ? depth + 1 : depth;
  return [
    block.type.create(
      block.attrs,
      blocksOf(block).flatMap((child) => shallow(child, inner)),
    ),
  ];
}

function blocksOf(doc: Node): readonly Node[] {
  return Array.from({ length: doc.childCount }, (_, index) => doc.child(index));
}

function line(text: string): Node {
  return schema.node("paragraph", null, text === "" ? [] : [schema.text(text)]);
}

function docOf(blocks: readonly Node[]): Node {
  return schema.node("doc", null, blocks);
}

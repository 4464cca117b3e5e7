import MarkdownIt from "markdown-it";
import type { Token } from "markdown-it";
import { createElement, useMemo, type ReactNode } from "react";
import { oneLine, severalLines } from "../../app/text.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Icon } from "../../ui/icon.tsx";
import { safeLink } from "./links.ts";
import classes from "./markdown.module.css";
import { Quoted } from "./quoted.tsx";
import { TextLink } from "./text-link.tsx";

// CommonMark as elements of the page. The text is taken apart into tokens, and these become elements one by one; no HTML is made of it
// anywhere, and none that stands in it is anything but text.

/** Levels that parts of a text may stand in each other; what is nested deeper is shown as plain text. */
const DEEPEST = 90;
/** Elements that a text may be made of; one with more is shown as plain text. */
const MOST_TOKENS = 20_000;
/** Characters of a line that introduces a quote, at the most. */
const INTRODUCTION = 400;
/** Quote signs at the beginning of a line that no answer to an answer has. */
const BURIED = /^[ \t]{0,3}(?:>[ \t]{0,3}){80}/m;

const parser = createParser();

function createParser(): MarkdownIt {
  // What would go deeper than `maxNesting` is left out: DEEPEST tells before.
  const options = { html: false, linkify: true, maxNesting: DEEPEST + 10 };
  const made = new MarkdownIt("commonmark", options);
  made.enable("linkify");
  // Only what says http or https is a link by itself.
  made.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
  for (const schema of ["ftp:", "//", "mailto:"]) made.linkify.add(schema, null);
  made.validateLink = (address) => safeLink(address) !== null;
  return made;
}

/** A part of a text, with what is in it. */
interface Node {
  readonly token: Token;
  readonly children: readonly Node[];
}

/** The parts of a text; null where it is nested too deeply to be laid out. */
export function parseMarkdown(text: string): readonly Node[] | null {
  if (BURIED.test(text)) return null;
  const tokens = parser.parse(severalLines(text), {});
  let count = 0;
  for (const token of tokens) {
    const { level, children } = token;
    // What stood there as an entity is a character only now.
    for (const each of [token, ...(children ?? [])]) each.content = severalLines(each.content);
    count += 1 + (children?.length ?? 0);
    if (level > DEEPEST || count > MOST_TOKENS) return null;
  }
  return treeOf(tokens);
}

/** A text as CommonMark. */
export function Markdown({ text }: { readonly text: string }): ReactNode {
  const { reading } = useMessages();
  const nodes = useMemo(() => parseMarkdown(text), [text]);
  if (nodes === null) return <PlainText text={text} note={reading.asPlainText} />;
  // What an answer quotes stands at its end, and was read before.
  const last = nodes.at(-1);
  const quotes = last?.token.type === "blockquote_open" && nodes.length > 1;
  const from = nodes.length - (nodes.length > 2 && introduces(nodes.at(-2)) ? 2 : 1);
  return (
    <div className={classes["text"]} dir="auto">
      {(quotes ? nodes.slice(0, from) : nodes).map(blockOf)}
      {quotes ? <Quoted>{nodes.slice(from).map(blockOf)}</Quoted> : null}
    </div>
  );
}

/** A text as it is. */
export function PlainText({ text, note }: { readonly text: string; readonly note?: string }): ReactNode {
  return (
    <>
      {note === undefined ? null : <p className={classes["note"]}>{note}</p>}
      <div className={classes["plain"]} dir="auto">
        {severalLines(text)}
      </div>
    </>
  );
}

/** Whether a part says who wrote what is quoted below it, and when: one line with a number in it, and a colon at its end. */
function introduces(node: Node | undefined): boolean {
  const line = node?.token.type === "paragraph_open" ? (node.children[0]?.token.content ?? "") : "";
  return line.length <= INTRODUCTION && /\d.*:$/.test(line);
}

/** Puts parts between those that open and close them. */
function treeOf(tokens: readonly Token[]): readonly Node[] {
  const root: Node[] = [];
  const open: Node[][] = [root];
  for (const token of tokens) {
    if (token.nesting < 0) {
      if (open.length > 1) open.pop();
      continue;
    }
    const children: Node[] = token.children === null ? [] : [...treeOf(token.children)];
    open.at(-1)?.push({ token, children });
    if (token.nesting > 0) open.push(children);
  }
  return root;
}

function blockOf({ token, children }: Node, key: number): ReactNode {
  const inside = children.map(blockOf);
  switch (token.type) {
    case "paragraph_open":
      // In lists without distance, paragraphs are no parts of their own.
      return token.hidden ? <span key={key}>{inside}</span> : <p key={key}>{inside}</p>;
    case "heading_open":
      // The page has headings of its own above.
      return createElement(`h${Math.min(6, Number(token.tag.slice(1)) + 2)}`, { key, className: classes[token.tag] }, inside);
    case "blockquote_open":
      return <blockquote key={key}>{inside}</blockquote>;
    case "bullet_list_open":
      return <ul key={key}>{inside}</ul>;
    case "ordered_list_open":
      return (
        <ol key={key} start={Number(token.attrGet("start") ?? 1)}>
          {inside}
        </ol>
      );
    case "list_item_open":
      return <li key={key}>{inside}</li>;
    case "fence":
    case "code_block":
      return (
        <pre key={key}>
          <code>{token.content}</code>
        </pre>
      );
    case "hr":
      return <hr key={key} />;
    case "inline":
      return children.map(inlineOf);
    default:
      return token.content;
  }
}

function inlineOf(node: Node, key: number): ReactNode {
  const { token, children } = node;
  const inside = (): ReactNode => children.map(inlineOf);
  switch (token.type) {
    case "softbreak":
    case "hardbreak":
      return <br key={key} />;
    case "code_inline":
      return <code key={key}>{token.content}</code>;
    case "strong_open":
      return <strong key={key}>{inside()}</strong>;
    case "em_open":
      return <em key={key}>{inside()}</em>;
    case "link_open":
      return (
        <TextLink key={key} address={token.attrGet("href") ?? ""} text={textIn(node)}>
          {inside()}
        </TextLink>
      );
    case "image":
      return <ImageElsewhere key={key} address={token.attrGet("src") ?? ""} name={token.content} />;
    default:
      return token.content;
  }
}

function textIn({ token, children }: Node): string {
  return token.content + children.map(textIn).join("");
}

/** An image that lies elsewhere is never fetched: only who wants to see it goes there. */
function ImageElsewhere({ address, name }: { readonly address: string; readonly name: string }): ReactNode {
  const { reading } = useMessages();
  const link = safeLink(address);
  const label = reading.image(oneLine(name, 200));
  return (
    <span className={classes["image"]} title={reading.imageNotLoaded}>
      <Icon name="image" size={18} />
      {link === null ? (
        label
      ) : (
        <>
          <a href={link.href} target="_blank" rel="noopener noreferrer" title={link.href}>
            {label}
          </a>
          <span className={classes["host"]}>({link.host})</span>
        </>
      )}
    </span>
  );
}

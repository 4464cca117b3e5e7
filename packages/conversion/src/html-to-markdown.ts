import { createDocument } from "@mixmark-io/domino";
import TurndownService from "turndown";

// HTML of other people's mail, as text in CommonMark: what is said stays, how it looked goes. Nothing that is fetched from elsewhere
// when it is shown stays either: images become their descriptions.

/** Characters of HTML that are looked at; what is longer is not written by people. */
const MAX_HTML = 2 * 1024 * 1024;

/** Tags, how deep they are nested, and characters of one: beyond, taking a document apart takes time that grows with their square. */
const MAX_TAGS = 30_000;
const MAX_DEPTH = 200;
const MAX_TAG_LENGTH = 16_384;

const NOT_TEXT = [
  "head",
  "title",
  "style",
  "script",
  "noscript",
  "template",
  "iframe",
  "object",
  "embed",
  "svg",
  "canvas",
  "select",
  "button",
] as const;

/** Characters that take no room, which mails fill their previews with. */
const INVISIBLE = /\u034f|[\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff]/g;

/** The text of an HTML document in CommonMark. Never throws: what can't be taken apart as a document is stripped of its tags. */
export function markdownOf(html: string): string {
  // Images that stand in the document itself make tags of megabytes; of images only the description is kept.
  const bounded = html.slice(0, MAX_HTML).replace(/data:[^"'>\s]{256,}/gi, "data:");
  if (!isWrittenByPeople(bounded)) return strippedText(bounded);
  try {
    return tidied(service().turndown(rootOf(bounded)));
  } catch {
    return strippedText(bounded);
  }
}

// Taken apart by the same parser everywhere: a browser's own would fetch nothing either, but is a sink that its policy forbids.
function rootOf(html: string): HTMLElement {
  const root = createDocument(`<x-turndown id="turndown-root">${html}</x-turndown>`).getElementById("turndown-root");
  if (root === null) throw new TypeError("the document has lost its root");
  return root;
}

/** The text of an HTML document without anything of its form: quick, whatever it is given. */
export function strippedText(html: string): string {
  return tidied(stripped(html.slice(0, MAX_HTML)));
}

/** Whether a document is one that is taken apart in no time. */
function isWrittenByPeople(html: string): boolean {
  let tags = 0;
  let depth = 0;
  for (let start = html.indexOf("<"); start >= 0; start = html.indexOf("<", start + 1)) {
    const next = html.charCodeAt(start + 1) | 0x20;
    const closes = html.charAt(start + 1) === "/";
    if (!closes && (next < 0x61 || next > 0x7a)) continue;
    const end = html.indexOf(">", start);
    if (end < 0 || end - start > MAX_TAG_LENGTH || ++tags > MAX_TAGS) return false;
    if (closes) depth = Math.max(0, depth - 1);
    else if (!NEVER_CLOSED.test(html.slice(start + 1, start + 12)) && ++depth > MAX_DEPTH) return false;
  }
  return true;
}

/** Tags that have no end, or whose end people leave out. */
const NEVER_CLOSED = /^(?:area|base|br|col|dd|dt|hr|img|input|li|link|meta|option|p|param|source|td|th|tr|wbr)\b/i;

function service(): TurndownService {
  const turndown = new TurndownService({
    headingStyle: "atx",
    hr: "---",
    bulletListMarker: "-",
    codeBlockStyle: "fenced",
    emDelimiter: "*",
  });
  turndown.remove([...NOT_TEXT] as TurndownService.Filter);
  turndown.addRule("hidden", {
    filter: (node) => /display\s*:\s*none/i.test(node.getAttribute("style") ?? ""),
    replacement: () => "",
  });
  turndown.addRule("image", {
    filter: "img",
    replacement: (_content, node) => described((node as HTMLElementLike).getAttribute("alt")),
  });
  turndown.addRule("link", {
    filter: (node) => node.nodeName === "A",
    replacement: (content, node) => linkOf(content, (node as HTMLElementLike).getAttribute("href")),
  });
  // Mails are laid out in tables: each cell is a paragraph of its own, which is what a reader without them saw.
  turndown.addRule("cell", { filter: ["td", "th"], replacement: (content) => (content.trim() === "" ? "" : `\n\n${content.trim()}\n\n`) });
  return turndown;
}

interface HTMLElementLike {
  getAttribute(name: string): string | null;
}

function described(alt: string | null): string {
  const text = (alt ?? "").replace(/\s+/g, " ").trim();
  return text === "" ? "" : `[${escaped(text)}]`;
}

/** Addresses that somebody may follow; all others are left out. */
const FOLLOWED = /^(?:https?:\/\/|mailto:|tel:)/i;

function linkOf(content: string, href: string | null): string {
  const text = content.replace(/\s+/g, " ").trim();
  const target = (href ?? "").trim();
  if (!FOLLOWED.test(target) || /[\s<>\p{Cc}]/u.test(target)) return text;
  if (text === "") return "";
  if (text === target || `mailto:${text}` === target) return `<${target.replace(/^mailto:/i, "")}>`;
  return `[${text}](${/[()]/.test(target) ? `<${target}>` : target})`;
}

function escaped(text: string): string {
  return text.replace(/([\\`*_[\]<>])/g, "\\$1");
}

// A tag is what stands between `<` and the next `>`.
function stripped(html: string): string {
  const pieces: string[] = [];
  for (let at = 0; at < html.length;) {
    const start = html.indexOf("<", at);
    pieces.push(html.slice(at, start < 0 ? html.length : start));
    const end = start < 0 ? -1 : html.indexOf(">", start);
    if (end < 0) break;
    at = end + 1;
  }
  return pieces.join(" ");
}

function tidied(text: string): string {
  return text
    .replace(/\u00a0/g, " ")
    .replace(INVISIBLE, "")
    .split("\n")
    .map(withoutSpaceAtEnd)
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

// Two spaces at the end of a line with words break it; others mean nothing.
function withoutSpaceAtEnd(line: string): string {
  const words = line.trimEnd();
  return words !== "" && line === `${words}  ` ? line : words;
}

import { Command, InvalidArgumentError } from "commander";
import type { NotUnderstood, SearchHit, SnippetPart } from "@smimp/client";
import { isSmimpError } from "@smimp/protocol";
import { withMailbox, type Mailbox } from "../mailbox.ts";
import { numberList } from "../numbering.ts";
import { printable, style, timeText } from "../output.ts";
import { syncFirst } from "../sending.ts";
import { progressLine } from "../terminal.ts";
import { positive, senderOf, subjectOf, summaryJson } from "./inbox.ts";

interface SearchCommandOptions {
  readonly limit: number;
  readonly skip: number;
  readonly best?: true;
  readonly offline?: true;
}

const DEFAULT_LIMIT = 20;

/** `smimp search`: finds messages, on this computer alone. */
export function searchCommand(): Command {
  return new Command("search")
    .description("find messages by what is in them; no server learns what you search for")
    .argument("<words...>", "what to search for")
    .option("-n, --limit <number>", "how many", positive, DEFAULT_LIMIT)
    .option("--skip <number>", "leave out so many: those that were shown before", wholeNumber, 0)
    .option("--best", "best match first, not the newest")
    .option("--offline", "search what is on this computer, fetch nothing")
    .addHelpText(
      "after",
      `
Words stand anywhere in a message; the last one may be unfinished. More precisely:
  "two words"      exactly so (within the quotes of your shell)
  -word            without it
  from:bob  to:carol  subject:report
  in:Work  label:later  is:unread  is:starred  has:attachment
  after:2026-03  before:2026-04-15  after:7d
What looks like one of these and makes no sense is searched for as words, which a line says. Burned messages can't be found.

Examples:
  smimp search invoice from:carol after:2026
  smimp search '"quarterly report" has:attachment' in:Archive
`,
    )
    .action(async (words: readonly string[], options: SearchCommandOptions, command: Command) => {
      await withMailbox(command, async (mailbox) => await search(mailbox, words.join(" "), options));
    });
}

async function search(mailbox: Mailbox, query: string, options: SearchCommandOptions): Promise<void> {
  const { client, output, signal } = mailbox;
  let unreached: Error | undefined;
  if (options.offline === undefined) {
    await syncFirst(client, output, signal).catch((error: unknown) => {
      if (!isSmimpError(error)) throw error;
      unreached = error;
    });
  }
  await bringUpToDate(mailbox);
  const order = options.best === true ? "relevance" : "newest";
  const { hits, more, notUnderstood } = await client.search.find(query, { limit: options.limit, offset: options.skip, order });
  for (const each of notUnderstood) {
    if (output.json) output.result({ event: "not_understood", text: each.text, taken: each.taken }, "");
    else output.warn(`! ${notUnderstoodText(each)}`);
  }
  const shown = await numberList(mailbox, hits);
  if (output.json) for (const { number, message } of shown) output.result(hitJson(number, message), "");
  else output.result({}, shown.length === 0 ? "Nothing found." : shown.map(({ number, message }) => hitText(number, message)).join("\n"));
  if (more) output.say(`There is more: --skip ${options.skip + hits.length} shows what comes next.`);
  if (unreached !== undefined) throw unreached;
}

/** The first time, this takes a while; what is done is kept when it is interrupted. */
async function bringUpToDate({ client, output, signal }: Mailbox): Promise<void> {
  const line = progressLine(!output.json);
  try {
    await client.search.index({
      signal,
      onProgress: ({ done, total }) => line.update(`Reading your mail for the first search … ${done} of ${total}`),
    });
  } finally {
    line.end();
  }
}

function notUnderstoodText({ text, taken }: NotUnderstood): string {
  const typed = printable(text);
  switch (taken) {
    case "words":
      return `${typed} makes no sense there and was searched for as words. \`smimp search --help\` shows what does.`;
    case "nothing":
      return `Nothing stands behind ${typed} that could be searched for: it was left out.`;
    case "no_folder":
      return `There is no folder ${typed.replace(/^in:/, "")}, so nothing is in it. \`smimp folders\` lists those that are there.`;
  }
}

function hitJson(number: number | null, hit: SearchHit): Readonly<Record<string, unknown>> {
  return {
    ...summaryJson(number, hit),
    snippet: hit.snippet.map(({ text }) => text).join(""),
    matches: hit.snippet.filter(({ match }) => match).map(({ text }) => text),
  };
}

function hitText(number: number | null, hit: SearchHit): string {
  const name = number === null ? hit.messageId.slice(0, 12) : String(number).padStart(3);
  const line = `${name}  ${timeText(hit.receivedAt)}  ${senderOf(hit)}  ${style("bold", subjectOf(hit))}`;
  const snippet = hit.snippet.map(partText).join("").trim();
  return snippet === "" ? line : `${line}\n     ${snippet}`;
}

function partText({ text, match }: SnippetPart): string {
  return match ? style("yellow", printable(text)) : style("dim", printable(text));
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("It must be a whole number.");
  return value;
}

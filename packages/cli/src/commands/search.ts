import { Command, InvalidArgumentError } from "commander";
import type { SearchHit, SnippetPart } from "@smimp/client";
import { isSmimpError } from "@smimp/protocol";
import { messageNumbers, withMailbox, type Mailbox } from "../mailbox.ts";
import { printable, style, timeText } from "../output.ts";
import { syncFirst } from "../sending.ts";
import { progressLine } from "../terminal.ts";
import { positive, subjectOf, summaryJson } from "./inbox.ts";

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
  const { hits, more } = await client.search.find(query, { limit: options.limit, offset: options.skip, order });
  const numbers = await messageNumbers(client);
  if (output.json) for (const hit of hits) output.result(hitJson(hit, numbers), "");
  else output.result({}, hits.length === 0 ? "Nothing found." : hits.map((hit) => hitText(hit, numbers)).join("\n"));
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

function hitJson(hit: SearchHit, numbers: ReadonlyMap<string, number>): Readonly<Record<string, unknown>> {
  return {
    ...summaryJson(numbers.get(hit.messageId) ?? null, hit),
    snippet: hit.snippet.map(({ text }) => text).join(""),
    matches: hit.snippet.filter(({ match }) => match).map(({ text }) => text),
  };
}

function hitText(hit: SearchHit, numbers: ReadonlyMap<string, number>): string {
  const number = numbers.get(hit.messageId);
  const name = number === undefined ? hit.messageId.slice(0, 12) : String(number).padStart(3);
  const from = hit.own ? "(you)" : printable(hit.imported?.from ?? hit.from);
  const line = `${name}  ${timeText(hit.receivedAt)}  ${from}  ${style("bold", subjectOf(hit))}`;
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

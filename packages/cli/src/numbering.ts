import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { InboxSummary } from "@smimp/client";
import { isSmimpError, parseHex32, type Hex32 } from "@smimp/protocol";
import { CliError } from "./failure.ts";
import type { Mailbox } from "./mailbox.ts";

// Numbers are those of the list that was shown last, whatever has come in, was moved or deleted since: a number means what somebody saw
// beside it. A file in the home remembers them; it holds message ids alone, which the server has as well.

/** Messages of a list that have a short number: the first ones. */
const NUMBERED = 999;
/** Messages that the beginning of an id may choose from. */
const CHOICE = 20_000;

function fileOf({ home }: Mailbox): string {
  return join(home.directory, "last-list.json");
}

/** A message in a list; null: it stands too far down for a number. */
export interface Numbered<Line extends InboxSummary> {
  readonly number: number | null;
  readonly message: Line;
}

/**
 * Numbers the messages of a list that is about to be shown, and remembers the numbers in place of those of the list before; an empty
 * list shows none, so that those which were shown stay good.
 */
export async function numberList<Line extends InboxSummary>(
  mailbox: Mailbox,
  messages: readonly Line[],
): Promise<readonly Numbered<Line>[]> {
  if (messages.length === 0) return [];
  const file = fileOf(mailbox);
  // Several commands may run at once.
  const fresh = `${file}.${process.pid}.new`;
  const ids = messages.slice(0, NUMBERED).map(({ messageId }) => messageId);
  await writeFile(fresh, `${JSON.stringify({ messages: ids })}\n`, { mode: 0o600 });
  await rename(fresh, file);
  return messages.map((message, index) => ({ number: index < NUMBERED ? index + 1 : null, message }));
}

async function rememberedIds(mailbox: Mailbox): Promise<readonly Hex32[]> {
  try {
    const value: unknown = JSON.parse(await readFile(fileOf(mailbox), "utf8"));
    const { messages } = (typeof value === "object" && value !== null ? value : {}) as { readonly messages?: unknown };
    return Array.isArray(messages) ? messages.map((id) => parseHex32(id)) : [];
  } catch (error) {
    // No list was shown yet, or somebody else wrote there.
    if (error instanceof SyntaxError || isSmimpError(error) || (error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Finds a message by its number in the list that was shown last, or by its id or the beginning of it. Throws CliError. */
export async function findMessage(mailbox: Mailbox, choice: string): Promise<InboxSummary> {
  return /^[0-9]{1,3}$/.test(choice) ? await byNumber(mailbox, Number(choice)) : await byId(mailbox, choice);
}

async function byNumber(mailbox: Mailbox, number: number): Promise<InboxSummary> {
  const advice = "`smimp inbox` and `smimp search` list messages with their numbers.";
  const ids = await rememberedIds(mailbox);
  if (ids.length === 0) throw new CliError(`There is no list yet that ${number} could be a number of.`, { advice });
  const messageId = ids[number - 1];
  if (messageId === undefined) throw new CliError(`There was no message ${number} in the list that was shown last.`, { advice });
  const message = await mailbox.client.inbox.get(messageId);
  if (message === null) throw new CliError(`Message ${number} of the list that was shown last is not there any more.`, { advice });
  return message;
}

async function byId({ client }: Mailbox, beginning: string): Promise<InboxSummary> {
  if (!/^[0-9a-f]{4,64}$/.test(beginning)) throw new CliError(`${beginning} is neither the number nor the id of a message.`);
  const messages = await client.inbox.list({ limit: CHOICE });
  const [first, second] = messages.filter(({ messageId }) => messageId.startsWith(beginning));
  if (second !== undefined) throw new CliError(`${beginning} is the beginning of more than one id: give more of it.`);
  if (first === undefined) {
    throw new CliError(`There is no message ${beginning}.`, { advice: "`smimp inbox --json` shows the messages with their ids." });
  }
  return first;
}

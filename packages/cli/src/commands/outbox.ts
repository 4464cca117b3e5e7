import { Command } from "commander";
import type { Client, OutboxEntry } from "@smimp/client";
import { CliError } from "../failure.ts";
import { withMailbox, type Mailbox } from "../mailbox.ts";
import { printable } from "../output.ts";
import { copiesOf, copyJson, outboxTable, reportCopies, sendOptions } from "../sending.ts";
import { assertSure, YES, type SureOptions } from "../sure.ts";
import { progressLine } from "../terminal.ts";

/** `smimp outbox`: what waits to be sent, and what failed. */
export function outboxCommand(): Command {
  return new Command("outbox")
    .description("show what waits to be sent and what failed")
    .option("--retry", "try everything that waits now")
    .option("--remove <message>", "give one up: its number in this list, or the beginning of its id")
    .option(...YES)
    .action(async (options: SureOptions & { readonly retry?: true; readonly remove?: string }, command: Command) => {
      await withMailbox(command, async (mailbox) => {
        if (options.remove !== undefined) await remove(mailbox, options.remove, options);
        else if (options.retry === true) await retry(mailbox);
        else await list(mailbox);
      });
    });
}

async function undelivered(client: Client): Promise<readonly OutboxEntry[]> {
  return (await client.outbox.list()).filter((entry) => copiesOf(entry).some((copy) => copy.state !== "sent"));
}

async function list({ client, output }: Mailbox): Promise<void> {
  const entries = await undelivered(client);
  if (output.json) for (const entry of entries) for (const copy of copiesOf(entry)) output.result(copyJson(entry, copy), "");
  else output.result({}, entries.length === 0 ? "Nothing waits to be sent." : outboxTable(entries));
}

async function remove({ client, output }: Mailbox, choice: string, sure: SureOptions): Promise<void> {
  const entries = await undelivered(client);
  const numbered = /^[0-9]{1,3}$/.test(choice) ? entries[Number(choice) - 1] : undefined;
  const [entry, second] = numbered === undefined ? entries.filter(({ id }) => id.startsWith(choice)) : [numbered];
  if (entry === undefined || second !== undefined) {
    throw new CliError(`There is no single message ${choice} in the outbox.`, { advice: "`smimp outbox` lists them with their numbers." });
  }
  const to = copiesOf(entry).map((copy) => copy.to);
  const name = `${printable(entry.subject === "" ? "(no subject)" : entry.subject)} to ${to.slice(0, 3).join(", ")}${to.length > 3 ? " and others" : ""}`;
  await assertSure(`Give up ${name}? What was not sent of it goes to nobody.`, "Nothing was removed.", sure);
  await client.outbox.remove(entry.id);
  output.result({ id: entry.id, subject: entry.subject, to, removed: true }, `Removed: ${name}.`);
}

async function retry(mailbox: Mailbox): Promise<void> {
  const { client, output } = mailbox;
  const place = (entry: OutboxEntry, to: string): string => `${entry.id} ${to}`;
  const waiting = new Set<string>();
  for (const entry of await undelivered(client)) {
    for (const { state, to } of copiesOf(entry)) if (state !== "failed" && state !== "sent") waiting.add(place(entry, to));
  }
  const line = progressLine(!output.json);
  const entries = await client.outbox.flush({ force: true, ...sendOptions(mailbox, line) }).finally(() => line.end());
  // What had failed for good or was sent before is no news.
  const copies = entries.flatMap((entry) => copiesOf(entry).map((copy) => ({ entry, copy })));
  if (waiting.size === 0) output.say("Nothing waits to be sent.");
  reportCopies(
    output,
    copies.filter(({ entry, copy }) => waiting.has(place(entry, copy.to))),
  );
}

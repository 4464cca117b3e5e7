import { Command } from "commander";
import type { InboxSummary } from "@smimp/client";
import { addressesOf, attachmentsOf } from "../message-input.ts";
import { withMailbox, type Mailbox } from "../mailbox.ts";
import { printable, style, timeText } from "../output.ts";
import { copiesOf, reportCopies, sendOptions, syncFirst } from "../sending.ts";
import { progressLine } from "../terminal.ts";
import { positive } from "./inbox.ts";
import { collect } from "../message-options.ts";

interface ChatOptions {
  readonly to?: readonly string[];
  readonly attach?: readonly string[];
  readonly limit: number;
}

/** `smimp chat`: short messages with somebody. */
export function chatCommand(): Command {
  return new Command("chat")
    .description("short messages: with a text it is sent, without one the conversation is shown")
    .argument("<address>", "whom with, e.g. 'bob#example.org'")
    .argument("[text...]", "what to say")
    .option("--to <address>", "somebody else who takes part (may be repeated)", collect)
    .option("-a, --attach <file>", "a file to go with it (may be repeated)", collect)
    .option("-n, --limit <number>", "how many to show", positive, 30)
    .action(async (address: string, words: readonly string[], options: ChatOptions, command: Command) => {
      const people = addressesOf([address, ...(options.to ?? [])]);
      const attachments = await attachmentsOf(options.attach ?? []);
      await withMailbox(command, async (mailbox) => {
        if (words.length === 0 && attachments.length === 0) return await show(mailbox, people, options.limit);
        const line = progressLine(!mailbox.output.json);
        const sending = mailbox.client.sendShort(people, words.join(" "), attachments, sendOptions(mailbox, line));
        const entry = await sending.finally(() => line.end());
        reportCopies(
          mailbox.output,
          copiesOf(entry).map((copy) => ({ entry, copy })),
        );
      });
    });
}

async function show({ client, output, signal }: Mailbox, people: ReturnType<typeof addressesOf>, limit: number): Promise<void> {
  await syncFirst(client, output, signal);
  const messages = (await client.inbox.conversation(people)).slice(-limit);
  if (messages.length === 0 && !output.json) output.result({}, "Nothing said yet.");
  for (const message of messages) {
    const { messageId, from, receivedAt, own } = message;
    const { body } = await client.inbox.read(messageId);
    output.result(
      { message_id: messageId, from, received_at: receivedAt, own, text: body },
      `${head(message)} ${printable(body, "many lines")}`,
    );
    if (!message.read && !own) await client.inbox.setRead(messageId, true).catch(() => undefined);
  }
}

function head({ own, from, receivedAt }: InboxSummary): string {
  return `${style("dim", timeText(receivedAt))} ${style(own ? "cyan" : "green", `${own ? "you" : from}:`)}`;
}

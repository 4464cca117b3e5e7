import { Command } from "commander";
import type { InboxMessage } from "@smimp/client";
import { CliError } from "../failure.ts";
import { findMessage, withMailbox } from "../mailbox.ts";
import { printable, style, timeText } from "../output.ts";

/** `smimp thread`: shows everything that belongs to a message, sent and received. */
export function threadCommand(): Command {
  return new Command("thread")
    .description("show a message with all that came before and after it")
    .argument("<message>", "its number in the inbox, or the beginning of its id")
    .action(async (choice: string, _options: unknown, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        const { threadId, messageId } = await findMessage(client, choice);
        if (threadId === null) throw new CliError("This message stands alone.", { advice: `\`smimp read ${choice}\` shows it.` });
        for (const { messageId: id } of await client.inbox.thread(threadId)) {
          const message = await client.inbox.read(id);
          output.result(partJson(message), partText(message, id === messageId));
        }
      });
    });
}

function partJson(message: InboxMessage): Readonly<Record<string, unknown>> {
  const { messageId, from, own, receivedAt, subject, body, state } = message;
  return { message_id: messageId, from, own, received_at: receivedAt, subject, body, state };
}

function partText(message: InboxMessage, isChosen: boolean): string {
  const who = message.own ? "you" : message.from;
  const head = `${isChosen ? "▸" : " "} ${style("bold", who)}  ${style("dim", timeText(message.dateSent ?? message.receivedAt))}  ${printable(message.subject)}`;
  const body = message.state === "open" ? printable(message.body, "many lines").trimEnd() : `(${message.reason ?? message.state})`;
  return `${head}\n${body.replace(/^/gm, "    ")}\n`;
}

import { Command } from "commander";
import type { InboxMessage } from "@smimp/client";
import { CliError } from "../failure.ts";
import { withMailbox } from "../mailbox.ts";
import { findMessage } from "../numbering.ts";
import { printable, style, timeText } from "../output.ts";
import { BURNED } from "./inbox.ts";
import { MESSAGE } from "./read.ts";

/** `smimp thread`: shows everything that belongs to a message, sent and received. */
export function threadCommand(): Command {
  return new Command("thread")
    .description("show a message with all that came before and after it")
    .argument("<message>", MESSAGE)
    .action(async (choice: string, _options: unknown, command: Command) => {
      await withMailbox(command, async (mailbox) => {
        const { client, output } = mailbox;
        const { threadId, messageId, state } = await findMessage(mailbox, choice);
        if (state === "burned") {
          throw new CliError("This message was burned: nobody can read it any more, nor tell what it belonged to.", { code: "burned" });
        }
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

function stateText({ state, reason }: InboxMessage): string {
  return state === "burned" ? BURNED : (reason ?? state);
}

function partText(message: InboxMessage, isChosen: boolean): string {
  const who = message.own ? "you" : message.from;
  const head = `${isChosen ? "▸" : " "} ${style("bold", who)}  ${style("dim", timeText(message.dateSent ?? message.receivedAt))}  ${printable(message.subject)}`;
  const body = message.state === "open" ? printable(message.body, "many lines").trimEnd() : `(${stateText(message)})`;
  return `${head}\n${body.replace(/^/gm, "    ")}\n`;
}

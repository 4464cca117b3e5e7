import { Command } from "commander";
import type { InboxMessage } from "@smimp/client";
import { CliError } from "../failure.ts";
import { withMailbox } from "../mailbox.ts";
import { attachmentsOf, messageText } from "../message-input.ts";
import { findMessage } from "../numbering.ts";
import { timeText } from "../output.ts";
import { sendDraft } from "../sending.ts";
import { MESSAGE } from "./read.ts";
import { collect } from "../message-options.ts";

interface ReplyOptions {
  readonly all?: true;
  readonly text?: string;
  readonly file?: string;
  readonly attach?: readonly string[];
}

/** `smimp reply`: answers a message. */
export function replyCommand(): Command {
  return new Command("reply")
    .description("answer a message")
    .argument("<message>", MESSAGE)
    .option("--all", "answer everybody who got it")
    .option("-t, --text <text>", "the answer itself")
    .option("-f, --file <file>", "a file with the answer")
    .option("-a, --attach <file>", "a file to go with it (may be repeated)", collect)
    .action(async (choice: string, options: ReplyOptions, command: Command) => {
      const attachments = await attachmentsOf(options.attach ?? []);
      await withMailbox(command, async (mailbox) => {
        const { client } = mailbox;
        const { messageId } = await findMessage(mailbox, choice);
        const message = await client.inbox.read(messageId);
        if (message.state === "burned") throw new CliError("This message was burned: nobody can read it any more.", { code: "burned" });
        if (message.state !== "open" || message.ref === null) throw new CliError("This message can't be answered: it is not shown.");
        const body = await messageText(options, { quoted: quoted(message), files: attachments.length });
        const others = [...message.to, ...message.cc].filter((address) => address !== client.address && address !== message.from);
        await sendDraft(mailbox, {
          to: message.own ? message.to : [message.from],
          cc: options.all === true ? [...new Set(others)] : [],
          subject: /^re:/i.test(message.subject) ? message.subject : `Re: ${message.subject}`,
          body,
          attachments,
          replyTo: { ref: message.ref, threadId: message.threadId },
        });
      });
    });
}

function quoted(message: InboxMessage): string {
  const lines = message.body
    .trimEnd()
    .split("\n")
    .map((line) => `> ${line}`);
  return `\n\n${message.from} wrote on ${timeText(message.dateSent ?? message.receivedAt)}:\n\n${lines.join("\n")}\n`;
}

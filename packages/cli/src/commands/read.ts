import { Command } from "commander";
import type { Client, InboxMessage } from "@smimp/client";
import type { Hex32 } from "@smimp/protocol";
import { adviceFor, CliError, EXIT } from "../failure.ts";
import { withMailbox, type Mailbox } from "../mailbox.ts";
import { findMessage } from "../numbering.ts";
import { printable, sizeText, style, timeText } from "../output.ts";
import { ensureFolder, safeName, saveNumbered } from "../safe-file.ts";
import { progressText } from "../sending.ts";
import { progressLine } from "../terminal.ts";
import { senderOf } from "./inbox.ts";

/** How help names a message of the list that was shown last. */
export const MESSAGE = "its number in the list that was shown last, or the beginning of its id";

/** `smimp read`: shows one message and saves its attachments. */
export function readCommand(): Command {
  return new Command("read")
    .description("show a message, save its attachments")
    .argument("<message>", MESSAGE)
    .option("--save <folder>", "save the attachments there")
    .option("--keep-unread", "leave it unread")
    .action(async (choice: string, options: { readonly save?: string; readonly keepUnread?: true }, command: Command) => {
      await withMailbox(command, async (mailbox) => {
        const { client, output } = mailbox;
        const { messageId } = await findMessage(mailbox, choice);
        const message = await client.inbox.read(messageId);
        if (message.state === "burned") {
          // Nothing else would ever take its mark away.
          if (options.keepUnread === undefined && !message.read) await markRead(client, messageId);
          const when = timeText(message.receivedAt);
          throw new CliError(`The message of ${when} from ${senderOf(message)} was burned: nobody can read it any more.`, {
            code: "burned",
          });
        }
        if (message.state === "invalid") {
          const advice = message.reason === null ? undefined : adviceFor(message.reason);
          throw new CliError(
            `This message is not valid (${message.reason ?? "unknown"}): its content is not shown.`,
            advice === undefined ? {} : { advice },
          );
        }
        if (message.state === "unconfirmed")
          throw new CliError("The sender could not be confirmed yet: their server did not answer.", {
            exitCode: EXIT.later,
            advice: "Run `smimp inbox` again later.",
          });
        const saved = options.save === undefined ? [] : await saveAttachments(mailbox, message, options.save);
        output.result(messageJson(message, saved), messageText(message));
        for (const file of saved) output.say(`Saved ${printable(file)}`);
        if (options.save !== undefined && saved.length === 0) output.say("There are no attachments to save.");
        if (options.keepUnread === undefined && !message.read) await markRead(client, messageId);
      });
    });
}

// Reading works offline; that it was read is told to the server when it can be.
async function markRead(client: Client, messageId: Hex32): Promise<void> {
  await client.inbox.setRead(messageId, true).catch(() => undefined);
}

function messageJson(message: InboxMessage, saved: readonly string[]): Readonly<Record<string, unknown>> {
  return {
    message_id: message.messageId,
    ref: message.ref,
    state: message.state,
    from: message.from,
    to: message.to,
    cc: message.cc,
    subject: message.subject,
    date_sent: message.dateSent,
    received_at: message.receivedAt,
    body: message.body,
    attachments: message.attachments.map(({ name, mediaType, size }) => ({ name, media_type: mediaType, size })),
    saved,
    first_contact: message.marks.firstContact,
    revoked_key: message.marks.revokedKey,
    former_key: message.marks.formerKey,
    not_authenticated: message.marks.notAuthenticated,
    imported: message.imported,
  };
}

function messageText(message: InboxMessage): string {
  const head = (name: string, value: string): string => `${style("dim", `${name}:`.padEnd(9))} ${value}`;
  const { from, to, cc } = message.imported ?? message;
  const lines = [
    head("From", printable(from)),
    head("To", printable(to.join(", "))),
    ...(cc.length === 0 ? [] : [head("Copy to", printable(cc.join(", ")))]),
    head("Date", timeText(message.dateSent ?? message.receivedAt)),
    head("Subject", style("bold", printable(message.subject === "" ? "(no subject)" : message.subject))),
    ...message.attachments.map((one) => head("File", `${printable(one.name)} (${sizeText(one.size)})`)),
    ...warnings(message).map((warning) => style("yellow", `! ${warning}`)),
    "",
    printable(message.body, "many lines").trimEnd(),
  ];
  return lines.join("\n");
}

function warnings({ marks, from }: InboxMessage): string[] {
  return [
    ...(marks.firstContact ? [`First message from ${from}. \`smimp contacts\` shows the safety number to compare.`] : []),
    ...(marks.revokedKey ? ["Signed with a key that its owner has revoked: it may have been stolen."] : []),
    ...(marks.formerKey ? ["Signed with a key that its owner had replaced before."] : []),
    ...(marks.notAuthenticated ? ["Came from elsewhere: who wrote it is not authenticated."] : []),
  ];
}

async function saveAttachments({ client, output, signal }: Mailbox, message: InboxMessage, folder: string): Promise<string[]> {
  await ensureFolder(folder);
  const line = progressLine(!output.json);
  const saved: string[] = [];
  try {
    for (const attachment of message.attachments) {
      const chunks = client.inbox.attachment(message.messageId, attachment.index, {
        signal,
        onProgress: (progress) => line.update(progressText(progress)),
      });
      // It gets its name only once it is whole and verified.
      saved.push(await saveNumbered(folder, safeName(attachment.name), chunks));
    }
  } finally {
    line.end();
  }
  return saved;
}

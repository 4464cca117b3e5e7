import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { Command } from "commander";
import type { Client, InboxAttachment, InboxMessage } from "@smimp/client";
import type { Hex32 } from "@smimp/protocol";
import { adviceFor, CliError, EXIT } from "../failure.ts";
import { findMessage, withMailbox, type Mailbox } from "../mailbox.ts";
import { printable, sizeText, style, timeText } from "../output.ts";
import { progressText } from "../sending.ts";
import { progressLine } from "../terminal.ts";

/** `smimp read`: shows one message and saves its attachments. */
export function readCommand(): Command {
  return new Command("read")
    .description("show a message, save its attachments")
    .argument("<message>", "its number in the inbox, or the beginning of its id")
    .option("--save <folder>", "save the attachments there")
    .option("--keep-unread", "leave it unread")
    .action(async (choice: string, options: { readonly save?: string; readonly keepUnread?: true }, command: Command) => {
      await withMailbox(command, async (mailbox) => {
        const { client, output } = mailbox;
        const { messageId } = await findMessage(client, choice);
        const message = await client.inbox.read(messageId);
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
  };
}

function messageText(message: InboxMessage): string {
  const head = (name: string, value: string): string => `${style("dim", `${name}:`.padEnd(9))} ${value}`;
  const lines = [
    head("From", message.imported === null ? message.from : printable(message.imported.from)),
    head("To", message.imported === null ? message.to.join(", ") : printable(message.imported.to.join(", "))),
    ...(message.cc.length === 0 ? [] : [head("Copy to", message.cc.join(", "))]),
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
  await mkdir(folder, { recursive: true });
  const line = progressLine(!output.json);
  const saved: string[] = [];
  try {
    for (const attachment of message.attachments) {
      const chunks = client.inbox.attachment(message.messageId, attachment.index, {
        signal,
        onProgress: (progress) => line.update(progressText(progress)),
      });
      saved.push(await saveWhole(folder, attachment, chunks));
    }
  } finally {
    line.end();
  }
  return saved;
}

// A file gets its name only once it is whole and verified; one that is there already is never overwritten.
async function saveWhole(folder: string, attachment: InboxAttachment, chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const { file, handle } = await freshFile(folder, safeName(attachment.name));
  const partial = `${file}.part`;
  await rename(file, partial);
  try {
    for await (const chunk of chunks) await handle.write(chunk);
    await handle.sync();
    await handle.close();
    await rename(partial, file);
    return file;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(partial, { force: true });
    throw error;
  }
}

async function freshFile(folder: string, name: string) {
  const dot = name.lastIndexOf(".");
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  for (let number = 1; number < 1_000; number++) {
    const file = join(folder, number === 1 ? name : `${stem} (${number})${extension}`);
    try {
      return { file, handle: await open(file, "wx", 0o600) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  throw new CliError(`${folder} holds too many files called ${name}`);
}

/** Characters of the longest file name that is taken over. */
const MAX_NAME = 120;

/** A file name that a peer chose, as one that is safe here: no folders, no hidden files, nothing that a terminal acts on. */
export function safeName(name: string): string {
  const plain = basename(name.replaceAll("\\", "/"))
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029<>:"|?*]/gu, "_")
    .replace(/^[.\s]+/, "")
    .trim();
  if (plain === "") return "attachment";
  const extension = extname(plain).slice(0, MAX_NAME / 2);
  return plain.length <= MAX_NAME ? plain : plain.slice(0, MAX_NAME - extension.length) + extension;
}

import { Command, InvalidArgumentError } from "commander";
import type { Client, InboxSummary } from "@smimp/client";
import { isSmimpError, type SmimpError } from "@smimp/protocol";
import { findFolderOrInbox } from "../folder-choice.ts";
import { messageNumbers, NUMBERED, withMailbox, type Mailbox } from "../mailbox.ts";
import { printable, style, table, timeText } from "../output.ts";
import { syncFirst } from "../sending.ts";

const DEFAULT_LIMIT = 20;

/** A whole number of at least one. */
export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number of at least 1.");
  return value;
}

interface InboxOptions {
  readonly limit: number;
  readonly offline?: true;
  readonly sent?: true;
  readonly all?: true;
  readonly starred?: true;
  readonly unread?: true;
  readonly folder?: string;
  readonly label?: string;
}

/** `smimp inbox`: lists messages, newest first. */
export function inboxCommand(): Command {
  return new Command("inbox")
    .description("list your messages, newest first")
    .option("-n, --limit <number>", "how many", positive, DEFAULT_LIMIT)
    .option("--folder <folder>", "those of a folder")
    .option("--label <label>", "those with a label")
    .option("--starred", "those with a star")
    .option("--unread", "those that you have not read")
    .option("--sent", "list what you sent as well")
    .option("--all", "everything, whatever folder it is in")
    .option("--offline", "show what is on this computer, fetch nothing")
    .action(async (options: InboxOptions, command: Command) => {
      await withMailbox(command, async (mailbox) => {
        const { client, output, signal } = mailbox;
        // What is here already can be read without a server; that it did not answer is said below the list.
        let unreached: SmimpError | undefined;
        if (options.offline === undefined) {
          await syncFirst(client, output, signal).catch((error: unknown) => {
            if (!isSmimpError(error)) throw error;
            unreached = error;
          });
        }
        await show(mailbox, options);
        if (unreached !== undefined) throw unreached;
      });
    });
}

async function show({ client, output }: Mailbox, options: InboxOptions): Promise<void> {
  const numbers = await messageNumbers(client);
  const shown = (await chosen(client, options)).map((message) => ({ number: numbers.get(message.messageId) ?? null, message }));
  if (output.json) for (const { number, message } of shown) output.result(summaryJson(number, message), "");
  else if (shown.length === 0) output.result({}, options.folder === undefined ? "No messages yet." : "No messages there.");
  else output.result({}, table(shown.map(({ number, message }) => summaryRow(number, message))));
}

async function chosen(client: Client, options: InboxOptions): Promise<readonly InboxSummary[]> {
  const narrow = {
    ...(options.folder === undefined ? {} : { folder: await findFolderOrInbox(client, options.folder) }),
    ...(options.label === undefined ? {} : { label: options.label }),
    ...viewOf(options),
  };
  // Some are left out below, so more are asked for; one's own copies stand between the others.
  const messages = await client.inbox.list({ limit: Math.max(options.limit * 4, NUMBERED), ...narrow });
  const own = options.sent === true || options.folder !== undefined || options.label !== undefined || options.starred === true;
  return messages.filter((message) => (own || !message.own) && (options.unread === undefined || !message.read)).slice(0, options.limit);
}

function viewOf({ all, starred, folder, label }: InboxOptions): { readonly view?: "all" | "starred" } {
  if (starred === true) return { view: "starred" };
  return all === true || (folder === undefined && label !== undefined) ? { view: "all" } : {};
}

/** A message for programs. */
export function summaryJson(number: number | null, message: InboxSummary): Readonly<Record<string, unknown>> {
  return {
    number,
    message_id: message.messageId,
    received_at: message.receivedAt,
    from: message.from,
    state: message.state,
    reason: message.reason,
    message_type: message.messageType,
    subject: message.subject,
    preview: message.preview,
    read: message.read,
    own: message.own,
    size: message.size,
    first_contact: message.marks.firstContact,
    revoked_key: message.marks.revokedKey,
    former_key: message.marks.formerKey,
    not_authenticated: message.marks.notAuthenticated,
    folder: message.folder,
    labels: message.labels,
    starred: message.starred,
    thread_id: message.threadId,
    imported: message.imported,
  };
}

function summaryRow(number: number | null, message: InboxSummary): string[] {
  const unread = message.read || message.own ? " " : style("cyan", "●");
  const subject = subjectOf(message);
  return [
    `${(number === null ? message.messageId.slice(0, 8) : String(number)).padStart(3)} ${unread}${message.starred ? style("yellow", "★") : " "}`,
    timeText(message.receivedAt),
    message.own && message.imported === null ? `(you)` : printable(message.imported?.from ?? message.from).slice(0, 40),
    message.read ? subject : style("bold", subject),
  ];
}

/** What stands for a message in a list: its subject, or what is wrong with it. */
export function subjectOf(message: InboxSummary): string {
  if (message.state === "invalid") return style("red", `not shown: ${message.reason ?? "invalid"}`);
  if (message.state === "unconfirmed") return style("yellow", "sender not confirmed yet");
  const mark =
    message.marks.revokedKey || message.marks.formerKey
      ? style("red", " [old key]")
      : message.marks.notAuthenticated
        ? " [not authenticated]"
        : "";
  const text = message.subject !== "" ? message.subject : message.preview;
  const labels = message.labels.map((label) => ` ${style("cyan", `[${printable(label)}]`)}`).join("");
  return `${printable(text === "" ? "(no subject)" : text).slice(0, 80)}${mark}${labels}`;
}

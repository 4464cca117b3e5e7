import { stripVTControlCharacters } from "node:util";
import { Command, InvalidArgumentError } from "commander";
import type { Client, InboxListOptions, InboxSummary } from "@smimp/client";
import { isSmimpError, type SmimpError } from "@smimp/protocol";
import { findFolderOrInbox } from "../folder-choice.ts";
import { withMailbox, type Mailbox } from "../mailbox.ts";
import { numberList } from "../numbering.ts";
import { printable, style, table, timeText } from "../output.ts";
import { syncFirst } from "../sending.ts";

const DEFAULT_LIMIT = 20;
/** Messages that are listed at once. */
const PAGE = 200;

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
    .description("list the messages in your inbox, newest first")
    .option("-n, --limit <number>", "how many", positive, DEFAULT_LIMIT)
    .option("--folder <folder>", "those of a folder")
    .option("--label <label>", "those with a label, whatever folder they are in")
    .option("--starred", "those with a star, whatever folder they are in")
    .option("--unread", "those that you have not read")
    .option("--sent", "list what you sent as well")
    .option("--all", "all that came in, whatever folder it is in")
    .option("--offline", "show what is on this computer, fetch nothing")
    .addHelpText(
      "after",
      `
The numbers are good for other commands until the next list is shown, by this command or by \`smimp search\`: whatever comes in,
is moved or deleted in between, 1 stays the message that stood beside it.
`,
    )
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

async function show(mailbox: Mailbox, options: InboxOptions): Promise<void> {
  const { client, output } = mailbox;
  const shown = await numberList(mailbox, await chosen(client, options));
  if (output.json) for (const { number, message } of shown) output.result(summaryJson(number, message), "");
  else if (shown.length > 0) output.result({}, table(shown.map(({ number, message }) => summaryRow(number, message))));
  else output.result({}, isNarrowed(options) ? "No messages there." : await emptyText(client));
}

function isNarrowed({ folder, label, starred, unread }: InboxOptions): boolean {
  return folder !== undefined || label !== undefined || starred === true || unread === true;
}

async function emptyText(client: Client): Promise<string> {
  const { total } = await client.inbox.count({ view: "all" });
  return total === 0 ? "No messages yet." : "No messages here; `smimp inbox --all --sent` lists those in folders and what you sent, too.";
}

async function chosen(client: Client, options: InboxOptions): Promise<readonly InboxSummary[]> {
  const folder = options.folder === undefined ? undefined : await findFolderOrInbox(client, options.folder);
  const scope = scopeOf(options, folder);
  // Whoever has read everything needs not wait until all of it was looked through.
  const unread = options.unread === true ? (await client.inbox.count(scope)).unread : Number.POSITIVE_INFINITY;
  const most = Math.min(options.limit, unread);
  const found: InboxSummary[] = [];
  for (let after: InboxSummary | undefined; found.length < most;) {
    const page: readonly InboxSummary[] = await client.inbox.list({
      ...scope,
      limit: PAGE,
      ...(after === undefined ? {} : { after: after.messageId }),
    });
    found.push(...page.filter((message) => isWanted(message, options, folder)));
    after = page.at(-1);
    if (page.length < PAGE) break;
  }
  return found.slice(0, options.limit);
}

type Scope = Pick<InboxListOptions, "folder" | "label" | "view">;

/** The narrowest list that holds all that is asked for. */
function scopeOf({ label, starred, sent, all }: InboxOptions, folder: string | null | undefined): Scope {
  if (label !== undefined) return { label };
  if (folder !== undefined) return folder === null && sent === true ? { view: "all" } : { folder };
  if (starred === true) return { view: "starred" };
  return { view: all === true || sent === true ? "all" : "inbox" };
}

function isWanted(message: InboxSummary, options: InboxOptions, folder: string | null | undefined): boolean {
  const { label, starred, unread, sent, all } = options;
  if (label !== undefined && !message.labels.includes(label)) return false;
  if ((starred === true && !message.starred) || (unread === true && message.read)) return false;
  // What somebody writes to themselves came in as well.
  const sentOnly = message.own && !message.recipients.includes(message.from);
  if (folder === null) return message.folder === null && (!sentOnly || sent === true);
  if (folder !== undefined) return message.folder === folder;
  if (label !== undefined || starred === true) return true;
  return sentOnly ? sent === true : all === true || message.folder === null;
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
    senderOf(message).slice(0, 40),
    message.read ? subject : style("bold", subject),
  ];
}

/** What stands in a message once it was burned. */
export const BURNED = "burned: nobody can read it any more";

/** Whom a message is from, as lists name them. */
export function senderOf({ own, imported, from }: Pick<InboxSummary, "own" | "imported" | "from">): string {
  if (imported !== null) return imported.from === "" ? "(imported)" : printable(imported.from);
  return own ? "(you)" : printable(from);
}

/** A message as questions and answers name it: sender and subject. */
export function nameOf(message: InboxSummary): string {
  return `${senderOf(message)}: ${stripVTControlCharacters(subjectOf(message))}`;
}

/** What stands for a message in a list: its subject, or what is wrong with it. */
export function subjectOf(message: InboxSummary): string {
  if (message.state === "invalid") return style("red", `not shown: ${message.reason ?? "invalid"}`);
  if (message.state === "burned") return style("dim", BURNED);
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

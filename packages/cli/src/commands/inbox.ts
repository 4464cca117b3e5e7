import { Command, InvalidArgumentError } from "commander";
import type { InboxSummary } from "@smimp/client";
import { isSmimpError, type SmimpError } from "@smimp/protocol";
import { withMailbox } from "../mailbox.ts";
import { printable, style, table, timeText } from "../output.ts";
import { syncFirst } from "../sending.ts";

const DEFAULT_LIMIT = 20;

/** A whole number of at least one. */
export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number of at least 1.");
  return value;
}

/** `smimp inbox`: lists messages, newest first. */
export function inboxCommand(): Command {
  return new Command("inbox")
    .description("list your messages, newest first")
    .option("-n, --limit <number>", "how many", positive, DEFAULT_LIMIT)
    .option("--offline", "show what is on this computer, fetch nothing")
    .option("--sent", "list what you sent as well")
    .action(async (options: { readonly limit: number; readonly offline?: true; readonly sent?: true }, command: Command) => {
      await withMailbox(command, async ({ client, output, signal }) => {
        // What is here already can be read without a server; that it did not answer is said below the list.
        let unreached: SmimpError | undefined;
        if (options.offline === undefined) {
          await syncFirst(client, output, signal).catch((error: unknown) => {
            if (!isSmimpError(error)) throw error;
            unreached = error;
          });
        }
        const messages = await client.inbox.list({ limit: Math.max(options.limit * 4, 500) });
        // Numbers count all messages, so that `smimp read 3` means the same in every listing.
        const shown = [...messages.entries()].filter(([, message]) => options.sent === true || !message.own).slice(0, options.limit);
        if (output.json) for (const [index, message] of shown) output.result(summaryJson(index + 1, message), "");
        else if (shown.length === 0) output.result({}, "No messages yet.");
        else output.result({}, table(shown.map(([index, message]) => summaryRow(index + 1, message))));
        if (unreached !== undefined) throw unreached;
      });
    });
}

/** A message for programs. */
export function summaryJson(number: number, message: InboxSummary): Readonly<Record<string, unknown>> {
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
  };
}

function summaryRow(number: number, message: InboxSummary): string[] {
  const unread = message.read || message.own ? " " : style("cyan", "●");
  const subject = subjectOf(message);
  return [
    `${String(number).padStart(3)} ${unread}`,
    timeText(message.receivedAt),
    message.own ? `(you)` : message.from,
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
  return `${printable(text === "" ? "(no subject)" : text).slice(0, 80)}${mark}`;
}

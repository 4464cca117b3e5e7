import { Command } from "commander";
import type { InboxSummary } from "@smimp/client";
import type { Hex32 } from "@smimp/protocol";
import { CliError, EXIT } from "../failure.ts";
import { findFolderOrInbox } from "../folder-choice.ts";
import { withMailbox, type Mailbox } from "../mailbox.ts";
import { findMessage } from "../numbering.ts";
import { printable } from "../output.ts";
import { assertSure, YES, type SureOptions } from "../sure.ts";
import { nameOf } from "./inbox.ts";
import { collect } from "../message-options.ts";

const MESSAGES = "their numbers in the list that was shown last, or the beginnings of their ids";

/** Messages that a question or an answer names one by one. */
const NAMED = 10;

/** `smimp move`: puts messages into a folder. */
export function moveCommand(): Command {
  return new Command("move")
    .description("put messages into a folder, or back into the inbox")
    .argument("<messages...>", MESSAGES)
    .requiredOption("--to <folder>", "a folder, or inbox")
    .action(async (choices: readonly string[], options: { readonly to: string }, command: Command) => {
      await withMailbox(command, async (mailbox) => {
        const messages = await chosen(mailbox, choices);
        await mailbox.client.folders.move(idsOf(messages), await findFolderOrInbox(mailbox.client, options.to));
        done(mailbox, messages, `moved to ${options.to}`);
      });
    });
}

/** `smimp label`: adds labels to messages and takes them away. */
export function labelCommand(): Command {
  return new Command("label")
    .description("give messages labels that only you can see")
    .argument("[messages...]", MESSAGES)
    .option("--add <label>", "a label to add (may be repeated)", collect)
    .option("--remove <label>", "a label to take away (may be repeated)", collect)
    .addHelpText("after", "\nWithout messages it lists the labels that you use.\n")
    .action(
      async (
        choices: readonly string[],
        { add = [], remove = [] }: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
        command: Command,
      ) => {
        await withMailbox(command, async (mailbox) => {
          if (choices.length === 0) return await listLabels(mailbox);
          if (add.length === 0 && remove.length === 0) throw new CliError("Say which label: --add or --remove.", { exitCode: EXIT.usage });
          const messages = await chosen(mailbox, choices);
          await mailbox.client.inbox.label(idsOf(messages), { add, remove });
          done(mailbox, messages, "labelled");
        });
      },
    );
}

async function listLabels({ client, output }: Mailbox): Promise<void> {
  const labels = (await client.inbox.labels()).toSorted((a, b) => (a.label < b.label ? -1 : 1));
  if (labels.length === 0 && !output.json) output.result({}, "No labels yet.");
  for (const { label, total, unread } of labels) output.result({ label, total, unread }, `${label}  ${total}`);
}

/** `smimp star`: marks messages. */
export function starCommand(): Command {
  return new Command("star")
    .description("put a star on messages, or take it away")
    .argument("<messages...>", MESSAGES)
    .option("--off", "take it away")
    .action(async (choices: readonly string[], options: { readonly off?: true }, command: Command) => {
      await withMailbox(command, async (mailbox) => {
        const messages = await chosen(mailbox, choices);
        await mailbox.client.inbox.star(idsOf(messages), options.off !== true);
        done(mailbox, messages, options.off === true ? "without a star" : "starred");
      });
    });
}

/** `smimp mark`: marks messages as read or unread. */
export function markCommand(): Command {
  return new Command("mark")
    .description("mark messages as read, or as unread")
    .argument("<messages...>", MESSAGES)
    .option("--unread", "as unread")
    .action(async (choices: readonly string[], options: { readonly unread?: true }, command: Command) => {
      await withMailbox(command, async (mailbox) => {
        const messages = await chosen(mailbox, choices);
        await mailbox.client.inbox.setRead(idsOf(messages), options.unread !== true);
        done(mailbox, messages, options.unread === true ? "unread" : "read");
      });
    });
}

/** `smimp delete`: deletes messages for good. */
export function deleteCommand(): Command {
  return new Command("delete")
    .description("delete messages for good, on all your devices and on the server")
    .argument("<messages...>", MESSAGES)
    .option(...YES)
    .action(async (choices: readonly string[], options: SureOptions, command: Command) => {
      await withMailbox(command, async (mailbox) => {
        const messages = await chosen(mailbox, choices);
        await assertSure(`Delete ${listed(messages)} for good?`, "Nothing was deleted.", options);
        await mailbox.client.inbox.removeMany(idsOf(messages));
        done(mailbox, messages, "deleted");
      });
    });
}

/** All messages that were named, each once; nothing is done where one of them is not there. */
async function chosen(mailbox: Mailbox, choices: readonly string[]): Promise<readonly InboxSummary[]> {
  const messages = new Map<Hex32, InboxSummary>();
  for (const choice of choices) {
    const message = await findMessage(mailbox, choice);
    messages.set(message.messageId, message);
  }
  return [...messages.values()];
}

function idsOf(messages: readonly InboxSummary[]): readonly Hex32[] {
  return messages.map(({ messageId }) => messageId);
}

function done({ output }: Mailbox, messages: readonly InboxSummary[], what: string): void {
  const named = messages.map(({ messageId, from, subject, state }) => ({ message_id: messageId, from, subject, state }));
  output.result({ message_ids: idsOf(messages), messages: named, done: what }, `${listed(messages)}: ${printable(what)}.`);
}

/** `1 message (bob#example.org: Lunch)`, so that whoever meant another one sees it. */
function listed(messages: readonly InboxSummary[]): string {
  const named = messages.slice(0, NAMED).map(nameOf).join("; ");
  const others = messages.length > NAMED ? `; and ${messages.length - NAMED} more` : "";
  return `${messages.length === 1 ? "1 message" : `${messages.length} messages`} (${named}${others})`;
}

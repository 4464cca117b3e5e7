import { Command } from "commander";
import type { Hex32 } from "@smimp/protocol";
import { CliError, EXIT } from "../failure.ts";
import { findFolderOrInbox } from "../folder-choice.ts";
import { findMessage, withMailbox, type Mailbox } from "../mailbox.ts";
import { askYes, isInteractive } from "../terminal.ts";
import { collect } from "./send.ts";

const MESSAGES = "their numbers in the inbox, or the beginnings of their ids";

/** `smimp move`: puts messages into a folder. */
export function moveCommand(): Command {
  return new Command("move")
    .description("put messages into a folder, or back into the inbox")
    .argument("<messages...>", MESSAGES)
    .requiredOption("--to <folder>", "a folder, or inbox")
    .action(async (choices: readonly string[], options: { readonly to: string }, command: Command) => {
      await withMailbox(command, async (mailbox) => {
        const ids = await chosen(mailbox, choices);
        await mailbox.client.folders.move(ids, await findFolderOrInbox(mailbox.client, options.to));
        done(mailbox, ids, `moved to ${options.to}`);
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
          const ids = await chosen(mailbox, choices);
          await mailbox.client.inbox.label(ids, { add, remove });
          done(mailbox, ids, "labelled");
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
        const ids = await chosen(mailbox, choices);
        await mailbox.client.inbox.star(ids, options.off !== true);
        done(mailbox, ids, options.off === true ? "without a star" : "starred");
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
        const ids = await chosen(mailbox, choices);
        await mailbox.client.inbox.setRead(ids, options.unread !== true);
        done(mailbox, ids, options.unread === true ? "unread" : "read");
      });
    });
}

/** `smimp delete`: deletes messages for good. */
export function deleteCommand(): Command {
  return new Command("delete")
    .description("delete messages for good, on all your devices and on the server")
    .argument("<messages...>", MESSAGES)
    .option("-y, --yes", "don't ask")
    .action(async (choices: readonly string[], options: { readonly yes?: true }, command: Command) => {
      await withMailbox(command, async (mailbox) => {
        const ids = await chosen(mailbox, choices);
        if (options.yes === undefined && isInteractive() && !(await askYes(`Delete ${count(ids)} for good?`))) return;
        await mailbox.client.inbox.removeMany(ids);
        done(mailbox, ids, "deleted");
      });
    });
}

/** The ids of all that were named, each once; nothing is done where one of them is not there. */
async function chosen({ client }: Mailbox, choices: readonly string[]): Promise<readonly Hex32[]> {
  const ids = new Set<Hex32>();
  for (const choice of choices) ids.add((await findMessage(client, choice)).messageId);
  return [...ids];
}

function done({ output }: Mailbox, ids: readonly Hex32[], what: string): void {
  output.result({ message_ids: ids, done: what }, `${count(ids)}: ${what}.`);
}

function count(ids: readonly Hex32[]): string {
  return ids.length === 1 ? "1 message" : `${ids.length} messages`;
}

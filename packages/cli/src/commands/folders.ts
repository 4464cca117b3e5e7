import { Command, Option } from "commander";
import type { Folder } from "@smimp/client";
import { findFolder, findFolderOrInbox, folderPath, INBOX } from "../folder-choice.ts";
import { withMailbox } from "../mailbox.ts";
import { style, table } from "../output.ts";
import { syncFirst } from "../sending.ts";

const ROLES = ["archive", "junk", "trash"] as const;

/** `smimp folders`: lists, makes, renames and deletes folders. */
export function foldersCommand(): Command {
  const folders = new Command("folders")
    .description("list your folders; make, rename and delete them")
    .option("--offline", "show what is on this computer, fetch nothing")
    .action(async (options: { readonly offline?: true }, command: Command) => {
      await withMailbox(command, async ({ client, output, signal }) => {
        if (options.offline === undefined) await syncFirst(client, output, signal);
        const all = await client.folders.list();
        const inbox = await client.inbox.count({ view: "inbox" });
        if (output.json) for (const folder of all) output.result(folderJson(folder, all), "");
        else {
          const rows = [[INBOX, countText(inbox)], ...all.map((folder) => [folderPath(folder, all), countText(folder)])];
          output.result({}, table(rows));
        }
      });
    });
  folders
    .command("create")
    .description("make a folder")
    .argument("<name>")
    .option("--in <folder>", "inside of another folder")
    .addOption(new Option("--role <role>", "what it is for").choices(ROLES))
    .action(async (name: string, options: { readonly in?: string; readonly role?: (typeof ROLES)[number] }, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        const parent = options.in === undefined ? null : (await findFolder(client, options.in)).id;
        const folder = await client.folders.create({ name, parent, ...(options.role === undefined ? {} : { role: options.role }) });
        const all = await client.folders.list();
        output.result(folderJson(folder, all), `Made ${folderPath(folder, all)}.`);
      });
    });
  folders
    .command("rename")
    .description("give a folder another name")
    .argument("<folder>")
    .argument("<name>")
    .action(async (choice: string, name: string, _options: unknown, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        const folder = await client.folders.rename((await findFolder(client, choice)).id, name);
        const all = await client.folders.list();
        output.result(folderJson(folder, all), `It is called ${folderPath(folder, all)} now.`);
      });
    });
  folders
    .command("move")
    .description("put a folder into another one")
    .argument("<folder>")
    .argument("<into>", `a folder, or ${INBOX} for the top`)
    .action(async (choice: string, into: string, _options: unknown, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        const { id } = await findFolder(client, choice);
        const folder = await client.folders.setParent(id, await findFolderOrInbox(client, into));
        const all = await client.folders.list();
        output.result(folderJson(folder, all), `It is ${folderPath(folder, all)} now.`);
      });
    });
  folders
    .command("delete")
    .description("delete an empty folder")
    .argument("<folder>")
    .action(async (choice: string, _options: unknown, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        const folder = await findFolder(client, choice);
        await client.folders.remove(folder.id);
        output.result({ id: folder.id, deleted: true }, "Deleted.");
      });
    });
  return folders;
}

function countText({ total, unread }: { readonly total: number; readonly unread: number }): string {
  const all = total === 1 ? "1 message" : `${total} messages`;
  return unread === 0 ? all : `${all}, ${style("cyan", `${unread} unread`)}`;
}

function folderJson(folder: Folder, all: readonly Folder[]): Readonly<Record<string, unknown>> {
  const { id, name, role, parent, messageType, total, unread } = folder;
  return { id, path: folderPath(folder, all), name, role, parent, message_type: messageType, total, unread };
}

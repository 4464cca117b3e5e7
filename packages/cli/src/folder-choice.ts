import type { Client, Folder } from "@smimp/client";
import { CliError } from "./failure.ts";
import { printable } from "./output.ts";

/** What the root is called on the command line: where messages are that stand in no folder. */
export const INBOX = "inbox";

/** The path of a folder as people write it, `Work/Reports`. */
export function folderPath(folder: Folder, all: readonly Folder[]): string {
  const names: string[] = [];
  // A server could show folders that stand in each other; a path has an end all the same.
  for (let at: Folder | undefined = folder, depth = 0; at !== undefined && depth < 16; depth++) {
    const current: Folder = at;
    names.unshift(printable(current.name ?? `(unnamed ${current.id.slice(0, 6)})`));
    at = current.parent === null ? undefined : all.find(({ id }) => id === current.parent);
  }
  return names.join("/");
}

/** Finds a folder by its path or name, or the beginning of its id. Throws CliError where there is none, or more than one. */
export async function findFolder(client: Client, choice: string): Promise<Folder> {
  const all = await client.folders.list();
  const wanted = choice.toLowerCase();
  const exact = all.filter((folder) => folderPath(folder, all).toLowerCase() === wanted);
  const named =
    exact.length > 0
      ? exact
      : all.filter(({ name, id }) => name?.toLowerCase() === wanted || (wanted.length >= 4 && id.startsWith(choice)));
  const [folder, second] = named;
  if (folder === undefined) {
    throw new CliError(`There is no folder ${choice}.`, { advice: "`smimp folders` lists them; `smimp folders create` makes one." });
  }
  if (second !== undefined) {
    throw new CliError(`There is more than one folder ${choice}.`, { advice: "Give its whole path, such as Work/Reports." });
  }
  return folder;
}

/** As `findFolder`; null for the inbox. */
export async function findFolderOrInbox(client: Client, choice: string): Promise<string | null> {
  return choice.toLowerCase() === INBOX ? null : (await findFolder(client, choice)).id;
}

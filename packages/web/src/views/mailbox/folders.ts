import type { Folder } from "@smimp/client";
import { oneLine } from "../../app/text.ts";
import type { Messages } from "../../messages/messages.tsx";
import type { IconName } from "../../ui/icon.tsx";

/** What comes at the end of all folders, in this order. */
const LAST: readonly Folder["role"][] = ["junk", "trash"];

/** What a folder is called; those that everybody has are called so in the language of whoever looks, whatever device made them. */
export function folderName({ folders }: Messages["mailbox"], { name, role }: Pick<Folder, "name" | "role">): string {
  if (role !== null) return folders[role];
  const shown = name === null ? "" : oneLine(name);
  return shown === "" ? folders.unnamed : shown;
}

/** The icon that tells what a folder is for. */
export function folderIcon({ role }: Pick<Folder, "role">): IconName {
  return role === null ? "folder" : ({ archive: "archive", trash: "trash", junk: "block" } as const)[role];
}

/** Folders in the order that people see: each followed by those in it, the archive first, junk and trash last. */
export function inTree<Each extends Folder>(folders: readonly Each[]): readonly { readonly folder: Each; readonly depth: number }[] {
  const ids = new Set(folders.map(({ id }) => id));
  const rank = ({ role }: Folder): number => (role === "archive" ? -1 : LAST.indexOf(role) + 1);
  const below = (parent: string | null, depth: number): readonly { readonly folder: Each; readonly depth: number }[] =>
    folders
      .filter((each) => (each.parent !== null && ids.has(each.parent) ? each.parent : null) === parent)
      .toSorted((a, b) => rank(a) - rank(b) || (a.name ?? "").localeCompare(b.name ?? ""))
      .flatMap((folder) => [{ folder, depth }, ...below(folder.id, depth + 1)]);
  return below(null, 0);
}

import { archiveKeyIdOf, fromB64, isSmimpError, sealedFolderText, type AnswerOf, type FolderText } from "@smimp/protocol";
import { archiveKey } from "../archive-keys.ts";
import { documents } from "../storage/documents.ts";
import type { StorageReader, StorageWriter } from "../storage/storage.ts";

/** A folder as the server says it. */
export type FolderDocument = Pick<AnswerOf<"getFolders">["folders"][number], "name" | "message_type" | "parent" | "display_name">;

/** A folder, and what it was called when its name could be read: the key that sealed it may be destroyed since. */
interface StoredFolder extends FolderDocument {
  readonly text: FolderText | null;
}

const folders = documents<StoredFolder>("folders");

/** All folders as they were last listed. */
export async function allFolders(reader: StorageReader): Promise<readonly FolderDocument[]> {
  return (await folders.list(reader)).map(({ document }) => document);
}

/** One folder. */
export async function getFolder(reader: StorageReader, name: string): Promise<FolderDocument | null> {
  return await folders.get(reader, name);
}

/** Stores a folder. Resolves with whether its messages lie aside now, or don't any more. */
export async function putFolder(writer: StorageWriter, folder: FolderDocument): Promise<boolean> {
  const { name, message_type, parent, display_name } = folder;
  const before = await folders.get(writer, name);
  const known = before !== null && before.display_name === display_name ? before.text : null;
  const text = (await openText(writer, folder)) ?? known;
  folders.put(writer, name, { name, message_type, parent, display_name, text });
  return liesAside(text) !== liesAside(before?.text ?? null);
}

/** Whether what is in a folder, by its id, lies aside: in the trash, or among junk. */
export async function isAside(reader: StorageReader, name: string | null): Promise<boolean> {
  return name !== null && liesAside((await folders.get(reader, name))?.text ?? null);
}

function liesAside(text: FolderText | null): boolean {
  return text?.role === "trash" || text?.role === "junk";
}

/** Takes a folder out. */
export function deleteFolder(writer: StorageWriter, name: string): void {
  folders.delete(writer, name);
}

/** What a folder is called, and what for; null where that is not known: its archive key was destroyed before this device saw it. */
export async function textOf(reader: StorageReader, folder: FolderDocument): Promise<FolderText | null> {
  const opened = await openText(reader, folder);
  if (opened !== null) return opened;
  const stored = await folders.get(reader, folder.name);
  return stored !== null && stored.display_name === folder.display_name ? stored.text : null;
}

/** What a sealed name says; null where its archive key is not here. */
export async function openText(reader: StorageReader, { name, display_name: sealed }: FolderDocument): Promise<FolderText | null> {
  if (sealed === null) return null;
  try {
    const bytes = fromB64(sealed);
    const key = await archiveKey(reader, archiveKeyIdOf(bytes));
    return key === null ? null : sealedFolderText.open(key, name, bytes);
  } catch (error) {
    if (isSmimpError(error)) return null;
    throw error;
  }
}

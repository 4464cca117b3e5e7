import { archiveKeyIdOf, fromB64, isSmimpError, sealedFolderText, type AnswerOf, type FolderText } from "@smimp/protocol";
import { archiveKey } from "../archive-keys.ts";
import { documents } from "../storage/documents.ts";
import type { StorageReader, StorageWriter } from "../storage/storage.ts";

/** A folder as the server says it. */
export type FolderDocument = Pick<AnswerOf<"getFolders">["folders"][number], "name" | "message_type" | "parent" | "display_name">;

const folders = documents<FolderDocument>("folders");

/** All folders as they were last listed. */
export async function allFolders(reader: StorageReader): Promise<readonly FolderDocument[]> {
  return (await folders.list(reader)).map(({ document }) => document);
}

/** One folder. */
export async function getFolder(reader: StorageReader, name: string): Promise<FolderDocument | null> {
  return await folders.get(reader, name);
}

/** Stores a folder. */
export function putFolder(writer: StorageWriter, { name, message_type, parent, display_name }: FolderDocument): void {
  folders.put(writer, name, { name, message_type, parent, display_name });
}

/** Takes a folder out. */
export function deleteFolder(writer: StorageWriter, name: string): void {
  folders.delete(writer, name);
}

/** What a folder is called, and what for; null where it can't be read: its archive key is destroyed. */
export async function textOf(reader: StorageReader, { name, display_name: sealed }: FolderDocument): Promise<FolderText | null> {
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

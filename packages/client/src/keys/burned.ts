import { archiveKeyIdOf, fromB64, type Hex32 } from "@smimp/protocol";
import { isRemoved } from "../keystore/removed.ts";
import { documents } from "../storage/documents.ts";
import type { Storage, StorageReader, StorageWriter } from "../storage/storage.ts";

/** An archive key that is destroyed while what was readable with it still stands here. */
export interface BurnedKey {
  readonly id: string;
}

const burned = documents<BurnedKey>("burned-keys");
const words = documents<Record<string, never>>("burned-words");

/** Notes that an archive key was destroyed, as part of the same transaction: what is left of its messages goes with the next sync. */
export function markBurned(writer: StorageWriter, archiveKeyId: string): void {
  burned.put(writer, archiveKeyId, { id: archiveKeyId });
}

/** Archive keys that were destroyed and whose messages were not cleared away yet. */
export async function listBurned(reader: StorageReader): Promise<readonly string[]> {
  return (await burned.list(reader)).map(({ document }) => document.id);
}

/** Notes that nothing is left of what a destroyed key had sealed. */
export function deleteBurned(writer: StorageWriter, archiveKeyId: string): void {
  burned.delete(writer, archiveKeyId);
}

/**
 * Notes that a message was cleared, as part of the same transaction: until `deleteWords` its words may stand in what was made of it
 * for search, whoever is interrupted in between.
 */
export function markWords(writer: StorageWriter, messageId: Hex32): void {
  words.put(writer, messageId, {});
}

/** Messages that were cleared and whose words may still stand in what was made of them. */
export async function listWords(reader: StorageReader): Promise<readonly Hex32[]> {
  return (await words.list(reader)).map(({ key }) => key as Hex32);
}

/** Notes that nothing is left of the words of these messages. */
export function deleteWords(writer: StorageWriter, messageIds: readonly Hex32[]): void {
  for (const messageId of messageIds) words.delete(writer, messageId);
}

/** Whether what was sealed with the archive key of this `archive` (`b64`) was burned, here or on another device. */
export async function isBurned(storage: Storage, reader: StorageReader, archive: string | null): Promise<boolean> {
  return archive !== null && (await isRemoved(storage, reader, `archive-key:${archiveKeyIdOf(fromB64(archive))}`));
}

import { archiveKeyIdOf, fromB64 } from "@smimp/protocol";
import { isRemoved } from "../keystore/removed.ts";
import { documents } from "../storage/documents.ts";
import type { Storage, StorageReader, StorageWriter } from "../storage/storage.ts";

/** An archive key that is destroyed while what was readable with it still stands here. */
export interface BurnedKey {
  readonly id: string;
}

const burned = documents<BurnedKey>("burned-keys");

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

/** Whether what was sealed with the archive key of this `archive` (`b64`) was burned, here or on another device. */
export async function isBurned(storage: Storage, reader: StorageReader, archive: string | null): Promise<boolean> {
  return archive !== null && (await isRemoved(storage, reader, `archive-key:${archiveKeyIdOf(fromB64(archive))}`));
}

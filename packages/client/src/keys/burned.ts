import { documents } from "../storage/documents.ts";
import type { StorageWriter } from "../storage/storage.ts";

/** An archive key that is destroyed while what was readable with it still stands here. */
export interface BurnedKey {
  readonly id: string;
}

const burned = documents<BurnedKey>("burned-keys");

/** Notes that an archive key was destroyed, as part of the same transaction: what is left of its messages goes with the next sync. */
export function markBurned(writer: StorageWriter, archiveKeyId: string): void {
  burned.put(writer, archiveKeyId, { id: archiveKeyId });
}

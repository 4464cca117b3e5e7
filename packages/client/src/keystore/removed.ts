import { addSeconds, MAX_EPHEMERAL_LIFE, parseTombstone, tombstoneOf, type Timestamp, type Tombstone } from "@smimp/protocol";
import { documents } from "../storage/documents.ts";
import type { Storage, StorageReader, StorageWriter } from "../storage/storage.ts";

const removed = documents<Tombstone>("tombstones");

/**
 * Remembers that an entry of the keystore was removed (protocol section 8), as part of a transaction. A message key's tombstone
 * without an end, from a client that didn't know it, is given the longest that a key can have left.
 */
export async function remember(storage: Storage, writer: StorageWriter, { name, until }: Tombstone, now: Timestamp): Promise<void> {
  const key = storage.hiddenKey("tombstones", name);
  const before = await removed.get(writer, key);
  const end = until ?? before?.until ?? (name.startsWith("message-key:") ? addSeconds(now, MAX_EPHEMERAL_LIFE) : null);
  if (before === null || before.until !== end) removed.put(writer, key, { name, until: end });
}

/** Whether an entry was removed; a message key is, in addition, known to `message-keys`. */
export async function isRemoved(storage: Storage, reader: StorageReader, name: string): Promise<boolean> {
  return (await removed.get(reader, storage.hiddenKey("tombstones", name))) !== null;
}

/** The texts of all tombstones. */
export async function tombstones(reader: StorageReader): Promise<readonly string[]> {
  return (await removed.list(reader)).map(({ document }) => tombstoneOf(document));
}

/** Drops those that are needed no more, a sync having begun at that time, so that they don't pile up (protocol section 8). */
export async function dropEnded(writer: StorageWriter, syncBegan: Timestamp): Promise<void> {
  for (const { key, document } of await removed.list(writer)) {
    if (hasEnded(document, syncBegan)) removed.delete(writer, key);
  }
}

/** Those of another device that still say something here. */
export function withoutEnded(texts: readonly string[], swept: Timestamp | null): readonly Tombstone[] {
  return texts.map(parseTombstone).filter((each) => !hasEnded(each, swept));
}

function hasEnded({ until }: Tombstone, swept: Timestamp | null): boolean {
  return until !== null && swept !== null && until <= swept;
}

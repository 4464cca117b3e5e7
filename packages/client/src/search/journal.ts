import type { Hex32 } from "@smimp/protocol";
import { documents } from "../storage/documents.ts";
import type { StorageReader, StorageWriter } from "../storage/storage.ts";
import { breath } from "./breath.ts";

// What the index has to see. A message's id is noted in the transaction that changes the message, so that neither a crash nor a
// program that has no index open makes the two differ; what the index makes of it is read from the message itself. An id that the
// index has seen stays noted until an image holds it.

const unseen = documents<Record<string, never>>("search-unseen");
const unsaved = documents<Record<string, never>>("search-unsaved");

/** Ids that are read at once. */
const PAGE = 10_000;

/** Notes that a message came, changed or went, as part of the transaction in which it did. */
export function noteForSearch(writer: StorageWriter, messageId: Hex32): void {
  unseen.put(writer, messageId, {});
}

/** Messages whose changes no index has seen. */
export async function listUnseen(reader: StorageReader, limit = Number.POSITIVE_INFINITY): Promise<readonly Hex32[]> {
  return await idsOf(unseen, reader, limit);
}

/** Messages whose changes were seen by an index whose image doesn't hold them. */
export async function listUnsaved(reader: StorageReader): Promise<readonly Hex32[]> {
  return await idsOf(unsaved, reader, Number.POSITIVE_INFINITY);
}

/** Notes that an index is about to see them: whatever changes from now on is noted anew. */
export function markSeen(writer: StorageWriter, messageIds: readonly Hex32[]): void {
  for (const messageId of messageIds) {
    unseen.delete(writer, messageId);
    unsaved.put(writer, messageId, {});
  }
}

/** Notes that no index has seen them. */
export function markUnseen(writer: StorageWriter, messageIds: readonly Hex32[]): void {
  for (const messageId of messageIds) unseen.put(writer, messageId, {});
}

/** Notes that an image holds them. */
export function markSaved(writer: StorageWriter, messageIds: readonly Hex32[]): void {
  for (const messageId of messageIds) unsaved.delete(writer, messageId);
}

async function idsOf(collection: typeof unseen, reader: StorageReader, limit: number): Promise<readonly Hex32[]> {
  const found: Hex32[] = [];
  while (found.length < limit) {
    const after = found.at(-1);
    const page = await collection.keys(reader, { limit: Math.min(PAGE, limit - found.length), ...(after === undefined ? {} : { after }) });
    found.push(...(page as readonly Hex32[]));
    if (page.length < PAGE) break;
    await breath();
  }
  return found;
}

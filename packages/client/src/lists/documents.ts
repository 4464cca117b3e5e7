import type { Address } from "@smimp/protocol";
import { documents } from "../storage/documents.ts";
import type { Storage, StorageReader, StorageWriter } from "../storage/storage.ts";

const toAllow = documents<{ readonly address: Address }>("to-allow");
const allowed = documents<{ readonly address: Address }>("allowed");

/** Notes that the owner wrote to somebody: the next sync lets them in (protocol section 7). */
export function noteWrittenTo(storage: Storage, writer: StorageWriter, me: Address, address: Address): void {
  if (address !== me) toAllow.put(writer, storage.hiddenKey("to-allow", address), { address });
}

/** Whom the owner wrote to and who was not let in yet. */
export async function listToAllow(reader: StorageReader): Promise<readonly Address[]> {
  return (await toAllow.list(reader)).map(({ document }) => document.address);
}

/** Notes that somebody needs no letting in any more. */
export function setAllowed(storage: Storage, writer: StorageWriter, address: Address, isAllowed: boolean): void {
  toAllow.delete(writer, storage.hiddenKey("to-allow", address));
  const key = storage.hiddenKey("allowed", address);
  if (isAllowed) allowed.put(writer, key, { address });
  else allowed.delete(writer, key);
}

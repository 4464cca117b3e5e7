import { hash, toHex32, type Hex32 } from "@smimp/protocol";
import { allArchiveKeys } from "../archive-keys.ts";
import { nameOf } from "../keystore/message-key-entries.ts";
import { isRemoved } from "../keystore/removed.ts";
import { openingKey, wasDestroyed } from "../message-keys.ts";
import type { Storage, StorageReader, StorageWriter } from "../storage/storage.ts";
import { getUnopened, listUnopened, putUnopened } from "./documents.ts";

// Messages that no key here opens. Two devices that missed each other's K hear of each other's keys late: then such a message is no
// longer lost, nor is one that the other device has archived meanwhile.

/** Messages that are looked at, and that are tried once more, in one sync. */
const LOOKED_AT = 2_000;
const REOPENED_A_SYNC = 200;

/** A message that is worth another try, and what is known of its keys by now. */
export interface Reopening {
  readonly messageId: Hex32;
  readonly known: string;
}

/** Notes that no key opened a message, as part of a transaction; whether that was known. */
export async function setUnopened(storage: Storage, writer: StorageWriter, messageId: Hex32, keyId: Hex32 | null): Promise<boolean> {
  const before = await getUnopened(writer, messageId);
  const state = await stateOf(storage, writer, keyId);
  // One that came this very moment was not tried with.
  const known = knownOf(state === "known" ? "unknown" : state, await archiveKeysOf(writer));
  putUnopened(writer, { messageId, keyId, known });
  return before !== null;
}

/** Messages that no key opened, and of whose keys something else is known since they were tried last. */
export async function listToReopen(storage: Storage): Promise<readonly Reopening[]> {
  const unopened = await listUnopened(storage, LOOKED_AT);
  if (unopened.length === 0) return [];
  const archiveKeys = await archiveKeysOf(storage);
  const due: Reopening[] = [];
  for (const { messageId, keyId, known: before } of unopened) {
    const known = knownOf(await stateOf(storage, storage, keyId), archiveKeys);
    if (known !== before) due.push({ messageId, known });
    if (due.length === REOPENED_A_SYNC) break;
  }
  return due;
}

/** Notes with what they were tried: those that the server did not deliver are no matter of keys, and keep nobody else waiting. */
export async function noteTried(storage: Storage, tried: readonly Reopening[]): Promise<void> {
  if (tried.length === 0) return;
  await storage.transact(async (writer) => {
    for (const { messageId, known } of tried) {
      const unopened = await getUnopened(writer, messageId);
      if (unopened !== null) putUnopened(writer, { ...unopened, known });
    }
  });
}

async function archiveKeysOf(reader: StorageReader): Promise<string> {
  const ids = (await allArchiveKeys(reader)).map(({ id }) => id).toSorted();
  return toHex32(hash(new TextEncoder().encode(ids.join())));
}

/** What is known of a message's own key: it, that another device used it up, or nothing. */
async function stateOf(storage: Storage, reader: StorageReader, keyId: Hex32 | null): Promise<"known" | "used" | "unknown"> {
  if (keyId === null) return "unknown";
  if ((await openingKey(reader, keyId)).size > 0) return "known";
  return (await wasDestroyed(reader, keyId)) || (await isRemoved(storage, reader, nameOf(keyId))) ? "used" : "unknown";
}

/** All that may open a message: its own key, or one of the archive keys. */
function knownOf(state: string, archiveKeys: string): string {
  return `${state} ${archiveKeys}`;
}

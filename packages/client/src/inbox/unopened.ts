import { hash, toHex32, type Hex32 } from "@smimp/protocol";
import { allArchiveKeys } from "../archive-keys.ts";
import { nameOf } from "../keystore/message-key-entries.ts";
import { isRemoved } from "../keystore/removed.ts";
import { openingKey } from "../message-keys.ts";
import type { Storage, StorageReader, StorageWriter } from "../storage/storage.ts";
import { getUnopened, listUnopened, putUnopened } from "./documents.ts";

// Messages that no key here opens. Two devices that missed each other's K hear of each other's keys late: then such a message is no
// longer lost, nor is one that the other device has archived meanwhile.

/** Messages that are looked at, and that are tried once more, in one sync. */
const LOOKED_AT = 2_000;
const REOPENED_A_SYNC = 200;

/** Notes that no key opens a message, as part of a transaction; whether that was known. */
export async function setUnopened(storage: Storage, writer: StorageWriter, messageId: Hex32, keyId: Hex32 | null): Promise<boolean> {
  const before = await getUnopened(writer, messageId);
  const known = await knownKeys(storage, writer, keyId, await archiveKeysOf(writer));
  putUnopened(writer, { messageId, keyId, known });
  return before !== null;
}

/** Messages that no key opened, and which are worth another try: what is known of their keys has changed. */
export async function listToReopen(storage: Storage): Promise<readonly Hex32[]> {
  const unopened = await listUnopened(storage, LOOKED_AT);
  if (unopened.length === 0) return [];
  const archiveKeys = await archiveKeysOf(storage);
  const due: Hex32[] = [];
  for (const { messageId, keyId, known } of unopened) {
    if ((await knownKeys(storage, storage, keyId, archiveKeys)) !== known) due.push(messageId);
    if (due.length === REOPENED_A_SYNC) break;
  }
  return due;
}

async function archiveKeysOf(reader: StorageReader): Promise<string> {
  const ids = (await allArchiveKeys(reader)).map(({ id }) => id).toSorted();
  return toHex32(hash(new TextEncoder().encode(ids.join())));
}

/** What is known here that may open a message: its own key, that another device used it up, and all archive keys. */
async function knownKeys(storage: Storage, reader: StorageReader, keyId: Hex32 | null, archiveKeys: string): Promise<string> {
  if (keyId === null) return archiveKeys;
  const isKnown = (await openingKey(reader, keyId)).size > 0;
  return `${isKnown ? "known" : (await isRemoved(storage, reader, nameOf(keyId))) ? "used" : "unknown"} ${archiveKeys}`;
}

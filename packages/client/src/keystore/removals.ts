import { parseHex32, type Timestamp, type Tombstone } from "@smimp/protocol";
import { deleteArchiveKey } from "../archive-keys.ts";
import { deleteDevice } from "../devices/documents.ts";
import { markBurned } from "../keys/burned.ts";
import { allKeys, destroyKey } from "../message-keys.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { remember } from "./removed.ts";

const MESSAGE_KEY = /^message-key:([0-9a-f]{64})$/;
const ARCHIVE_KEY = /^archive-key:([0-9a-f]{32})$/;
const DEVICE = /^device:([0-9a-f]{32})$/;

/** Removes here what was removed on another device (protocol section 8: tombstones win), as part of a transaction. */
export async function applyTombstones(
  storage: Storage,
  writer: StorageWriter,
  tombstones: readonly Tombstone[],
  now: Timestamp,
): Promise<void> {
  const known = await allKeys(writer);
  for (const tombstone of tombstones) {
    const [, keyId] = MESSAGE_KEY.exec(tombstone.name) ?? [];
    if (keyId !== undefined && known.has(parseHex32(keyId))) {
      // Its own entry remembers it until it expires.
      await destroyKey(writer, parseHex32(keyId));
      continue;
    }
    const [, archiveKeyId] = ARCHIVE_KEY.exec(tombstone.name) ?? [];
    if (archiveKeyId !== undefined && (await deleteArchiveKey(writer, archiveKeyId))) markBurned(writer, archiveKeyId);
    const [, deviceId] = DEVICE.exec(tombstone.name) ?? [];
    if (deviceId !== undefined) deleteDevice(writer, deviceId);
    await remember(storage, writer, tombstone, now);
  }
}

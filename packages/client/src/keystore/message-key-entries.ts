import {
  addSeconds,
  fromB64,
  keyIdOf,
  MAX_EPHEMERAL_LIFE,
  MAX_NON_EPHEMERAL_LIFE,
  tombstoneOf,
  xWingPublicKey,
  type Hex32,
  type KeystoreMessageKey,
} from "@smimp/protocol";
import { allKeys, storeKeys, type MessageKeyDocument } from "../message-keys.ts";
import type { StorageReader, StorageWriter } from "../storage/storage.ts";

/** The message keys as they stand in the keystore; of those whose secrets are destroyed, tombstones. */
export async function gatherMessageKeys(
  reader: StorageReader,
): Promise<{ readonly message_keys: KeystoreMessageKey[]; readonly removed: readonly string[] }> {
  const message_keys: KeystoreMessageKey[] = [];
  const removed: string[] = [];
  for (const [keyId, { seed, kind, expires_at, signed_by, used_by, extra }] of await allKeys(reader)) {
    if (seed === null) removed.push(tombstoneOf({ name: nameOf(keyId), until: expires_at }));
    else message_keys.push({ ...extra, seed, kind, expires_at, signed_by, used_by });
  }
  return { message_keys, removed };
}

/**
 * Unites another device's entries with those that are known here, as part of a transaction: what either used is used, and what
 * is destroyed here, or in `removed`, stays destroyed (protocol section 8).
 */
export function adoptMessageKeys(
  writer: StorageWriter,
  entries: readonly KeystoreMessageKey[],
  known: ReadonlyMap<Hex32, MessageKeyDocument>,
  removed: ReadonlySet<string>,
): void {
  const bySeed = new Map([...known].flatMap(([keyId, { seed }]) => (seed === null ? [] : [[seed, keyId] as const])));
  for (const { seed, kind, expires_at, signed_by, used_by, ...theirs } of entries) {
    const keyId = bySeed.get(seed) ?? keyIdOf(xWingPublicKey(fromB64(seed)));
    const before = known.get(keyId);
    if (before?.seed === null || removed.has(nameOf(keyId))) continue;
    const extra = { ...before?.extra, ...theirs };
    const document: MessageKeyDocument = {
      // Clients of this kind make keys with the longest life; of others' keys this only says that they are older.
      created_at: addSeconds(expires_at, -(kind === "ephemeral" ? MAX_EPHEMERAL_LIFE : MAX_NON_EPHEMERAL_LIFE)),
      statement: null,
      ...(before ?? { seed, kind, expires_at, signed_by }),
      used_by: before?.used_by ?? used_by,
      ...(Object.keys(extra).length === 0 ? {} : { extra }),
    };
    storeKeys(writer, [{ keyId, document }]);
  }
}

/** The name of a message key in a tombstone (protocol section 8). */
export function nameOf(keyId: Hex32): string {
  return `message-key:${keyId}`;
}

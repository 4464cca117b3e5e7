import {
  fromB64,
  keyIdOf,
  mergeKeystoreDocuments,
  toB64,
  xWingPublicKey,
  type Hex32,
  type KeystoreDocument,
  type KeystoreMessageKey,
  type Timestamp,
} from "@smimp/protocol";
import { allArchiveKeys, storeArchiveKey } from "../archive-keys.ts";
import { allKeys, storeKeys } from "../message-keys.ts";
import { adoptPin, allPins } from "../people.ts";
import { readAccount } from "../self.ts";
import { documents } from "../storage/documents.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";

/** What other clients of the same person keep in the keystore and this one doesn't know (protocol section 8: it is kept). */
interface Foreign {
  readonly document: KeystoreDocument | null;
}

const foreign = documents<Foreign>("keystore-foreign");

/** Puts together what the keystore holds (protocol section 8), as part of a transaction. Throws TypeError without an account. */
export async function gather(writer: StorageWriter): Promise<KeystoreDocument> {
  const account = await readAccount(writer);
  if (account === null) throw new TypeError("there is no account in this storage");
  const keys = await allKeys(writer);
  const messageKeys: KeystoreMessageKey[] = [];
  const tombstones: string[] = [];
  for (const [keyId, { seed, kind, expires_at, signed_by, used_by }] of keys) {
    if (seed === null) tombstones.push(`message-key:${keyId}`);
    else messageKeys.push({ seed, kind, expires_at, signed_by, used_by });
  }
  const mine: KeystoreDocument = {
    master_seed: account.master_seed,
    message_keys: messageKeys,
    archive_keys: (await allArchiveKeys(writer)).map(({ id, key, month }) => ({ id, key, month })),
    pins: [...(await allPins(writer))].map(([address, pin]) => ({ address, ...pin })),
    settings: { phrase_key: account.phrase_key },
    tombstones,
  };
  const other = (await foreign.get(writer, "document"))?.document ?? null;
  return other === null ? mine : mergeKeystoreDocuments(mine, other);
}

/** Takes over what another device saved (protocol section 8: union, minus tombstones), as part of a transaction. */
export async function adopt(storage: Storage, writer: StorageWriter, theirs: KeystoreDocument, now: Timestamp): Promise<void> {
  const mine = await gather(writer);
  const merged = mergeKeystoreDocuments(mine, theirs);
  const known = await allKeys(writer);
  for (const { seed, kind, expires_at, signed_by, used_by } of merged.message_keys) {
    const keyId: Hex32 = keyIdOf(xWingPublicKey(fromB64(seed)));
    const before = known.get(keyId);
    if (before?.seed === null) continue;
    const document = {
      seed: toB64(fromB64(seed)),
      kind,
      created_at: before?.created_at ?? now,
      expires_at,
      signed_by,
      used_by,
      statement: before?.statement ?? null,
    };
    storeKeys(writer, [{ keyId, document }]);
  }
  const removed = new Set(merged.tombstones);
  for (const [keyId, document] of known) {
    if (removed.has(`message-key:${keyId}`)) storeKeys(writer, [{ keyId, document: { ...document, seed: null } }]);
  }
  for (const { id, key, month } of merged.archive_keys) storeArchiveKey(writer, { id, key, month });
  for (const { address, first_link, link, sequence, public_key } of merged.pins) {
    await adoptPin(storage, writer, address, { first_link, link, sequence, public_key });
  }
  foreign.put(writer, "document", { document: { ...merged, message_keys: [], archive_keys: [], pins: [] } });
}

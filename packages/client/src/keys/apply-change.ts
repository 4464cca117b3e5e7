import { appendRecord, checkChain, parseRecordDocument, type PublicKey } from "@smimp/protocol";
import { allArchiveKeys, storeArchiveKey } from "../archive-keys.ts";
import { deleteDevice } from "../devices/documents.ts";
import { forgetNext } from "../keystore/contents.ts";
import { remember } from "../keystore/removed.ts";
import { keystoreStates, ONLY, readState } from "../keystore/state.ts";
import { allKeys, dropUnpublished, markPublished } from "../message-keys.ts";
import { people, pinSelf } from "../pins.ts";
import { readAccount, writeAccount, type AccountDocument } from "../self.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { readChange, writeChange, type ChangeDocument } from "./change-document.ts";

/**
 * Puts the keys of the change under way in place, as part of a transaction, once the own history holds its record: master key,
 * recovery key, K, message keys, archive key; and takes out the devices that are left behind. Nothing happens where that was done.
 * Returns the account as it is then.
 */
export async function applyChange(storage: Storage, writer: StorageWriter): Promise<AccountDocument> {
  const account = await readAccount(writer);
  const change = await readChange(writer);
  if (account === null) throw new TypeError("there is no account in this storage");
  if (change === null || change.stage !== "record") return account;
  const { master_seed, public_key, recovery_key, phrase_key, put } = change;
  if (put === null) throw new TypeError("the keystore was not saved");

  const now = { ...account, master_seed, recovery_key, phrase_key };
  writeAccount(writer, now);
  await appendOwn(storage, writer, account, change);
  if (change.record !== null) await publish(writer, public_key);
  await changeArchiveKey(writer, change);
  for (const id of change.without) {
    deleteDevice(writer, id);
    await remember(storage, writer, { name: `device:${id}`, until: null }, change.at);
  }
  await forgetNext(writer);
  const { unreadable: _unreadable, abandoned: _abandoned, handedOver: _handedOver, handOverDue: _due, ...state } = await readState(writer);
  const keep = change.keep === null ? {} : { keep: change.keep };
  keystoreStates.put(writer, ONLY, {
    ...state,
    ...keep,
    version: put.version,
    key: change.key,
    etag: put.etag,
    dirty: true,
    pending: null,
  });
  writeChange(writer, { ...change, stage: "finish" });
  return now;
}

/** The message keys that went with the record are out; those that the old master key signed are void (protocol section 3). */
async function publish(writer: StorageWriter, master: PublicKey): Promise<void> {
  await markPublished(
    writer,
    [...(await allKeys(writer))].flatMap(([keyId, key]) => (key.signed_by === master ? [keyId] : [])),
  );
  await dropUnpublished(writer, master);
}

/** The record joins the own history here; one that was fetched meanwhile is there already. */
async function appendOwn(
  storage: Storage,
  writer: StorageWriter,
  { address, baseUrl }: AccountDocument,
  change: ChangeDocument,
): Promise<void> {
  const { record, profile } = change;
  const stored = await people.get(writer, storage.hiddenKey("people", address));
  if (record === null || stored === null || stored.records === null) return;
  const chain = checkChain(address, stored.records);
  if (chain.head.link !== parseRecordDocument(record.data).previous) return;
  pinSelf(storage, writer, { chain: appendRecord(chain, address, record), baseUrl, profile });
}

/** What is sealed from now on, a device that is left behind can't read, should it ever lay hands on it. */
async function changeArchiveKey(writer: StorageWriter, { archive_key: next }: ChangeDocument): Promise<void> {
  for (const key of await allArchiveKeys(writer)) {
    // Of later months too: whoever is left behind may have made some.
    if (key.month >= next.month && key.closed !== true && key.id !== next.id) storeArchiveKey(writer, { ...key, closed: true });
  }
  storeArchiveKey(writer, next);
}

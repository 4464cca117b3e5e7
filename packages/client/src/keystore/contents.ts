import {
  archiveKeyName,
  deviceName,
  mergeKeystoreDocuments,
  parseTombstone,
  pinName,
  tombstoneOf,
  type Address,
  type KeystoreArchiveKey,
  type KeystoreDocument,
  type Timestamp,
} from "@smimp/protocol";
import { allArchiveKeys, storeArchiveKey, type ArchiveKeyDocument } from "../archive-keys.ts";
import { putDevice, sharedDevices } from "../devices/documents.ts";
import { allKeys, sweptThrough } from "../message-keys.ts";
import { adoptPin, allPins } from "../pins.ts";
import { readAccount } from "../self.ts";
import { documents } from "../storage/documents.ts";
import type { Storage, StorageReader, StorageWriter } from "../storage/storage.ts";
import { adoptMessageKeys, gatherMessageKeys } from "./message-key-entries.ts";
import { applyTombstones } from "./removals.ts";
import { tombstones, withoutEnded } from "./removed.ts";
import { isSame } from "./same.ts";
import { adoptSharedSetting, sharedSettings } from "./shared-settings.ts";

/** What other clients of the same person keep in the keystore and this one doesn't know (protocol section 8: it is kept). */
interface Foreign {
  readonly document: KeystoreDocument | null;
}

const foreign = documents<Foreign>("keystore-foreign");
const ONLY = "document";

/** Puts together what the keystore holds (protocol section 8). Throws TypeError without an account. */
export async function gather(reader: StorageReader): Promise<KeystoreDocument> {
  const mine = await gatherOwn(reader);
  const other = (await foreign.get(reader, ONLY))?.document ?? null;
  return { ...other, ...mine, settings: { ...other?.settings, ...mine.settings } };
}

/** All of it but what other clients keep there. */
async function gatherOwn(reader: StorageReader): Promise<KeystoreDocument> {
  const account = await readAccount(reader);
  if (account === null) throw new TypeError("there is no account in this storage");
  const { message_keys, removed } = await gatherMessageKeys(reader);
  const shared = await sharedSettings(reader);
  const buried = [...(await tombstones(reader)), ...removed];
  // What this device stays with may have been removed by another: a pin is kept here, and stands in no keystore any more.
  const gone = new Set(buried.map((text) => parseTombstone(text).name));
  return {
    master_seed: account.master_seed,
    message_keys,
    archive_keys: (await allArchiveKeys(reader)).filter((key) => !gone.has(archiveKeyName(key))).map(archiveKeyEntry),
    pins: (await allPins(reader)).filter((pin) => !gone.has(pinName(pin))),
    devices: (await sharedDevices(reader)).filter((device) => !gone.has(deviceName(device))),
    settings: { phrase_key: account.phrase_key, ...(Object.keys(shared).length === 0 ? {} : { shared }) },
    tombstones: buried,
  };
}

function archiveKeyEntry({ id, key, month, closed, extra }: ArchiveKeyDocument): KeystoreArchiveKey {
  return { ...extra, id, key, month, ...(closed === true ? { closed } : {}) };
}

/** What came of taking over another device's keystore. */
export interface Adopted {
  /** This device knows something that the server's copy lacks. */
  readonly differs: boolean;
  /** Whose pins can't belong to one history with those that stand here. */
  readonly forked: readonly Address[];
}

/**
 * Takes over what another device saved (protocol section 8: union, minus tombstones), as part of a transaction. Keys that had
 * expired before a sync began are not taken over any more: this device is done with them.
 */
export async function adopt(storage: Storage, writer: StorageWriter, theirs: KeystoreDocument, now: Timestamp): Promise<Adopted> {
  const swept = await sweptThrough(writer);
  const living = withoutEnded(theirs.tombstones, swept);
  const fresh: KeystoreDocument = {
    ...theirs,
    message_keys: theirs.message_keys.filter(({ expires_at }) => swept === null || expires_at > swept),
    tombstones: living.map(tombstoneOf),
  };
  // Message keys apart: finding a key's id takes a while, and most of them are known here.
  const merged = mergeKeystoreDocuments({ ...(await gatherOwn(writer)), message_keys: [] }, { ...fresh, message_keys: [] });
  const removed = new Set(merged.tombstones.map((text) => parseTombstone(text).name));
  await applyTombstones(storage, writer, merged.tombstones.map(parseTombstone), now);
  adoptMessageKeys(writer, fresh.message_keys, await allKeys(writer), removed);
  for (const { id, key, month, closed, ...extra } of merged.archive_keys) {
    storeArchiveKey(writer, { id, key, month, ...(closed === true ? { closed } : {}), ...kept(extra) });
  }
  const forked: Address[] = [];
  for (const pin of merged.pins) await adoptPin(storage, writer, pin);
  for (const pin of theirs.pins) if (!(await adoptPin(storage, writer, pin))) forked.push(pin.address);
  for (const device of merged.devices ?? []) putDevice(writer, device);
  for (const [name, setting] of Object.entries(merged.settings.shared ?? {})) adoptSharedSetting(writer, name, setting);
  keepForeign(writer, fresh);
  return { differs: !isSame(await gather(writer), fresh, new Set(forked)), forked };
}

/** What this client has no place of its own for: members that it doesn't know, and another device's next master key. */
function keepForeign(writer: StorageWriter, theirs: KeystoreDocument): void {
  const { devices: _devices, settings, next_master_seed: next, ...rest } = theirs;
  const { phrase_key: _phraseKey, shared: _shared, ...unknown } = settings;
  const lists = { message_keys: [], archive_keys: [], pins: [], tombstones: [] };
  const pending = next === undefined || next === theirs.master_seed ? {} : { next_master_seed: next };
  foreign.put(writer, ONLY, { document: { ...rest, ...pending, ...lists, settings: unknown } });
}

/** Forgets a master key that some device was about to set: another one is in place by now. */
export async function forgetNext(writer: StorageWriter): Promise<void> {
  const document = (await foreign.get(writer, ONLY))?.document ?? null;
  if (document === null) return;
  const { next_master_seed: _next, ...rest } = document;
  foreign.put(writer, ONLY, { document: rest });
}

function kept(extra: Readonly<Record<string, unknown>>): { readonly extra?: Readonly<Record<string, unknown>> } {
  return Object.keys(extra).length === 0 ? {} : { extra };
}

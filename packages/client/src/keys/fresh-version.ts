import { encodeKeystoreDocument, fromB64, hash, sealKeystore, toHex32, type KeystoreDocument, type RandomBytes } from "@smimp/protocol";
import { gather } from "../keystore/contents.ts";
import type { KeystoreRoom } from "../keystore/keystore.ts";
import { keystoreStates, ONLY, readState } from "../keystore/state.ts";
import type { KeystoreTransfer, ServerCopy } from "../keystore/transfer.ts";
import type { Self } from "../self.ts";
import type { Storage } from "../storage/storage.ts";
import { overtaken, readChange, writeChange, type ChangeDocument } from "./change-document.ts";

/** Times that a version is put again because other devices save at the same time. */
const MAX_TRIES = 20;

/** The first version under a fresh K. */
export interface FreshVersion {
  /**
   * Has the server hold it, and notes that it does; what became of an earlier try is found out first. Throws `conflict` where another
   * device's change is under way, and a transport's errors.
   */
  save(room: KeystoreRoom, begun: ChangeDocument): Promise<void>;
}

/** What it is made with. */
export interface FreshVersionParts {
  readonly storage: Storage;
  readonly transfer: KeystoreTransfer;
  readonly self: Pick<Self, "address">;
  readonly random: RandomBytes;
}

/** The keystore holds the new keys before anybody hears of them (protocol section 4), under a K that a device left behind hasn't. */
export function createFreshVersion({ storage, transfer, self, random }: FreshVersionParts): FreshVersion {
  /** The keystore holds the new keys before anybody hears of them (protocol section 4), under a K that a device left behind hasn't. */
  async function saveUnderFreshKey(room: KeystoreRoom, begun: ChangeDocument): Promise<void> {
    // An earlier answer may have been lost.
    if (begun.put !== null && (await hasArrived(begun))) return;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const { sealed, after, change } = await sealFresh();
      const stored = await transfer.put(sealed, after, null);
      if (stored !== false) return await noteArrival(stored.etag);
      if (await hasArrived(change)) return;
      await room.look();
      if ((await readState(storage)).unreadable !== undefined) throw overtaken();
    }
    throw overtaken();
  }

  async function sealFresh() {
    return await storage.transact(async (writer) => {
      const change = await readChange(writer);
      if (change === null) throw overtaken();
      const state = await readState(writer);
      const version = state.version === null ? 0 : state.version + 1;
      const text = encodeKeystoreDocument(contentOf(await gather(writer), change));
      const [key, phraseKey] = [fromB64(change.key), fromB64(change.phrase_key)];
      const sealed = sealKeystore({ address: self.address, version, key, phraseKey, text, random });
      const prepared = { ...change, put: { version, hash: toHex32(hash(sealed)), etag: null } };
      writeChange(writer, prepared);
      return { sealed, after: state.etag, change: prepared };
    });
  }

  async function hasArrived({ put }: ChangeDocument): Promise<boolean> {
    const copy = await transfer.get(null);
    if (copy === null || copy === "same" || copy.hash !== put?.hash) return false;
    await noteArrival(copy.etag);
    return true;
  }

  async function noteArrival(etag: ServerCopy["etag"]): Promise<void> {
    await storage.transact(async (writer) => {
      const change = await readChange(writer);
      if (change === null || change.put === null) throw overtaken();
      writeChange(writer, { ...change, put: { ...change.put, etag } });
      // What was put stands there now, whatever becomes of the change.
      const state = await readState(writer);
      keystoreStates.put(writer, ONLY, { ...state, etag, abandoned: change.put.hash, pending: null });
    });
  }

  return { save: saveUnderFreshKey };
}

/** The keystore as it is once the change is in place; until then `master_seed` is the one that counts (protocol section 8). */
function contentOf(mine: KeystoreDocument, change: ChangeDocument): KeystoreDocument {
  const { archive_key: next } = change;
  // Of later months too: whoever is left behind may have made some.
  const closed = mine.archive_keys.map((key) => (key.month >= next.month ? { ...key, closed: true } : key));
  return {
    ...mine,
    ...(change.master_seed === mine.master_seed ? {} : { next_master_seed: change.master_seed }),
    archive_keys: [...closed, { id: next.id, key: next.key, month: next.month }],
    devices: (mine.devices ?? []).filter(({ id }) => !change.without.includes(id)),
    settings: { ...mine.settings, phrase_key: change.phrase_key },
    tombstones: [...mine.tombstones, ...change.without.map((id) => `device:${id}`)],
  };
}

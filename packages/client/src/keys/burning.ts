import { parseArchiveKeyId, type ArchiveKeyId, type Clock, type Hex32, type RandomBytes } from "@smimp/protocol";
import { allArchiveKeys, archiveKeyOf, deleteArchiveKey, storeArchiveKey, type ArchiveKeyDocument } from "../archive-keys.ts";
import { countReadableBefore } from "../inbox/summaries.ts";
import type { Keystore } from "../keystore/keystore.ts";
import { remember } from "../keystore/removed.ts";
import { keepOnlyNext, markDirty } from "../keystore/state.ts";
import { forgetSent } from "../outbox/settled.ts";
import { documents } from "../storage/documents.ts";
import type { Storage } from "../storage/storage.ts";
import { deleteWords, listWords, markBurned } from "./burned.ts";

/**
 * What is done before archive keys are destroyed, so that nothing goes with them that is needed beyond: what they seal is read once
 * more, or sealed anew. It may be called again after an interruption; `archiveKeyOf` gives none of those keys any more.
 */
export type Rescue = (burning: ReadonlySet<ArchiveKeyId>) => Promise<unknown>;

/** What burning works with. */
export interface BurningParts {
  readonly storage: Storage;
  readonly keystore: Keystore;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly rescues: readonly Rescue[];
  /** Clears away what is left of messages whose archive keys are destroyed, and seals anew what was rescued. How many people know of. */
  readonly clear: (signal: AbortSignal | undefined) => Promise<number>;
  /** Takes the words of messages out of what was made of them on this device. */
  readonly forget: (messageIds: readonly Hex32[]) => Promise<void>;
}

/** "Burn everything before March" (protocol section 8). */
export interface Burning {
  burnBefore(month: string): Promise<{ readonly messages: number; readonly stay: number }>;
  /** Goes on with a burning that was interrupted, and with what another device has burned; part of every sync. */
  goOn(run: { readonly signal: AbortSignal | undefined }): Promise<void>;
}

const burnings = documents<{ readonly before: string }>("burning");
const ONLY = "now";
const MONTH = /^[0-9]{4}-(?:0[1-9]|1[0-2])$/;

/** Destroys archive keys, and whatever they opened. */
export function createBurning(parts: BurningParts): Burning {
  const { storage, keystore, clock, random } = parts;

  const doomedIn = async (before: string): Promise<readonly ArchiveKeyDocument[]> =>
    (await allArchiveKeys(storage)).filter(({ month }) => month < before);

  /** From here on nothing is sealed with these keys. */
  async function begin(before: string): Promise<void> {
    const doomed = await doomedIn(before);
    await storage.transact(async (writer) => {
      burnings.put(writer, ONLY, { before });
      for (const key of doomed) storeArchiveKey(writer, { ...key, closed: true });
      await archiveKeyOf(writer, clock(), random);
      await markDirty(writer);
    });
  }

  async function finish(signal?: AbortSignal): Promise<number> {
    const burning = await burnings.get(storage, ONLY);
    if (burning !== null) {
      const doomed = await doomedIn(burning.before);
      const ids = new Set(doomed.map(({ id }) => parseArchiveKeyId(id)));
      // The new key is on the server before anything is sealed with it.
      await keystore.save();
      for (const rescue of parts.rescues) await rescue(ids);
      await storage.transact(async (writer) => {
        for (const { id } of doomed) {
          await deleteArchiveKey(writer, id);
          await remember(storage, writer, { name: `archive-key:${id}`, until: null }, clock());
          markBurned(writer, id);
        }
        await keepOnlyNext(writer);
        // Of those, too, of which no copy was kept.
        await forgetSent(writer, ({ queuedAt }) => queuedAt.slice(0, burning.before.length) < burning.before);
        burnings.delete(writer, ONLY);
      });
    }
    const shown = await parts.clear(signal);
    // Those that an interrupted burning had cleared as well.
    const words = await listWords(storage);
    if (words.length > 0) {
      await parts.forget(words);
      // Before it is noted as done: whoever is killed meanwhile does it again.
      await storage.scrub?.();
      await storage.transact(async (writer) => await Promise.resolve(deleteWords(writer, words)));
    }
    return shown;
  }

  return {
    burnBefore: async (month) => {
      if (!MONTH.test(month)) throw new TypeError("a month looks like 2026-03");
      // Keys of other devices burn as well.
      await keystore.pull({ force: true });
      await begin(month);
      const messages = await finish();
      await keystore.save();
      return { messages, stay: await countReadableBefore(storage, month) };
    },
    goOn: async ({ signal }) => void (await finish(signal)),
  };
}

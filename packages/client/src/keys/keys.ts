import { isSmimpError, phraseKeystoreKey, recoverySigningKey, SmimpError, wipe, type Clock, type RandomBytes } from "@smimp/protocol";
import type { Keys, KeysStatus } from "../rooms/keys.ts";
import { allArchiveKeys } from "../archive-keys.ts";
import { isUnsaved, readState } from "../keystore/state.ts";
import type { Keystore } from "../keystore/keystore.ts";
import { liveKeys } from "../message-keys.ts";
import { pause } from "../pause.ts";
import type { People } from "../people.ts";
import type { LiveSelf } from "../self.ts";
import type { Storage } from "../storage/storage.ts";
import type { ChangePlan, KeyChanges } from "./change.ts";
import { readChange } from "./change-document.ts";
import type { OwnKeys } from "./own-keys.ts";

/** Times that a change begins anew because another device's came first, and how long it waits for that one, milliseconds. */
const MAX_TRIES = 3;
const WAIT_FOR_OTHERS = 250;
const MAX_WAITS = 20;

/** What the owner's keys work with. */
export interface KeysParts {
  readonly storage: Storage;
  readonly keystore: Keystore;
  readonly changes: KeyChanges;
  readonly own: OwnKeys;
  readonly people: People;
  readonly self: LiveSelf;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** What another device's change means for one's own: nothing is left to do, or it is begun anew. */
export type Overtaken = "done" | "again";

/**
 * Changes keys; where another device's change comes first, that one is taken over, and `overtaken` says whether this one is still
 * wanted. Throws `temporarily_unavailable` where the server can't be reached: the change goes on with the next sync.
 */
export async function changeKeys(
  { storage, keystore, changes, own, self }: Pick<KeysParts, "storage" | "keystore" | "changes" | "own" | "self">,
  plan: () => Promise<ChangePlan>,
  overtaken: () => Promise<Overtaken>,
): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    await own.current();
    const before = self.master.publicKey;
    try {
      return await keystore.alone(async (room) => await changes.change(room, await plan()));
    } catch (error) {
      if (!isSmimpError(error, "conflict")) throw error;
    }
    const isWaiting = async (): Promise<boolean> =>
      self.master.publicKey === before && (await readState(storage)).unreadable !== undefined && !(await own.catchUp(before));
    for (let waits = 0; waits < MAX_WAITS && (await isWaiting()); waits++) {
      await pause(WAIT_FOR_OTHERS);
    }
    if (self.master.publicKey !== before && (await overtaken()) === "done") return;
  }
  throw new SmimpError("temporarily_unavailable", "another device is changing the keys: try again in a minute", { retryAfter: 60 });
}

/** The owner's keys, and what can be done about them. */
export function createKeys(parts: KeysParts): Omit<Keys, "burnBefore"> {
  const { storage, people, self, clock, random } = parts;

  async function status(): Promise<KeysStatus> {
    const me = await people.find(self.address);
    const setBy = (member: "public_key" | "recovery_key") =>
      me.chain.records.findLast(({ document }, index) => document[member] !== me.chain.records[index - 1]?.document[member]);
    const live = await liveKeys(storage, self.master.publicKey, clock());
    const archive = await allArchiveKeys(storage);
    return {
      publicKey: self.master.publicKey,
      masterSince: setBy("public_key")?.document.changed_at ?? me.chain.head.document.changed_at,
      recoverySince: setBy("recovery_key")?.document.changed_at ?? me.chain.head.document.changed_at,
      records: me.chain.records.length,
      singleUseKeys: live.filter(({ used_by }) => used_by === null).length,
      archiveMonths: [...new Set(archive.map(({ month }) => month))].toSorted(),
      saved: !(await isUnsaved(storage)),
      changing: (await readChange(storage)) !== null,
    };
  }

  return {
    status,
    save: async () => {
      await parts.keystore.pull({ force: true });
      await parts.keystore.save();
    },
    // Whoever came first has replaced the key, which is all that was wanted.
    rotate: async () =>
      await changeKeys(
        parts,
        async () => ({ newMaster: true }),
        async () => "done",
      ),
    changePhrase: async ({ oldPhrase, keepPhrase }) => {
      const { newPhrase, secretOf } = await import("../phrase-words.ts");
      const old = secretOf(oldPhrase);
      const recovery = recoverySigningKey(old, self.address);
      wipe(old);
      const { chain } = await people.resolve(self.address);
      if (chain.head.document.recovery_key !== recovery.publicKey)
        throw new SmimpError("unauthenticated", "these are not the words of this account");
      const secret = random(32);
      const phrase = newPhrase(secret);
      // Nothing is asked of the server before the words are on paper.
      await keepPhrase(phrase);
      const newRecovery = { key: recoverySigningKey(secret, self.address), phraseKey: phraseKeystoreKey(secret).publicKey };
      wipe(secret);
      const plan: ChangePlan = { newMaster: true, recovery, newRecovery, keep: 1 };
      await changeKeys(
        parts,
        async () => plan,
        async () => ((await people.find(self.address)).chain.head.document.recovery_key === newRecovery.key.publicKey ? "done" : "again"),
      );
      wipe(recovery.secretKey, newRecovery.key.secretKey);
      return phrase;
    },
  };
}

import {
  CLIENT_KEYS,
  fromB64,
  isSmimpError,
  newArchiveKey,
  recordAt,
  signingKey,
  signRecord,
  SmimpError,
  linkOf,
  toB64,
  type Chain,
  type Clock,
  type ProblemCode,
  type RandomBytes,
  type SigningKey,
} from "@smimp/protocol";
import type { Api } from "../api.ts";
import type { HandOvers } from "../devices/hand-over.ts";
import type { KeystoreRoom } from "../keystore/keystore.ts";
import { keystoreStates, ONLY, readState } from "../keystore/state.ts";
import type { KeystoreTransfer } from "../keystore/transfer.ts";
import { allKeys, deleteKeysOf, makeKeys, storeKeys } from "../message-keys.ts";
import type { NoticeBoard } from "../notices.ts";
import type { People } from "../people.ts";
import { readAccount, type LiveSelf } from "../self.ts";
import type { Storage } from "../storage/storage.ts";
import { applyChange } from "./apply-change.ts";
import { overtaken, readChange, writeChange, type ChangeDocument } from "./change-document.ts";
import { createFreshVersion } from "./fresh-version.ts";

/** After these it is open what will become of a change: it goes on when the server can be reached again. */
const UNDECIDED: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  "temporarily_unavailable",
  "insecure_transport",
  "unauthenticated",
  "session_expired",
  "bad_signature",
]);

/** What is to be changed. K is a fresh one in any case. */
export interface ChangePlan {
  /** Whether the master key is replaced; otherwise only K is. */
  readonly newMaster: boolean;
  /** Signs the record in place of the master key (protocol section 3). */
  readonly recovery?: SigningKey;
  /** A new recovery key, and the new phrase's X-Wing public key; only together with a new master key. */
  readonly newRecovery?: { readonly key: SigningKey; readonly phraseKey: Uint8Array };
  /** Ids of devices that are left behind. */
  readonly without?: readonly string[];
  /** Versions of the keystore that stay in the end. */
  readonly keep?: number;
}

/** What changing keys works with. */
export interface ChangeParts {
  readonly storage: Storage;
  readonly api: Api;
  readonly transfer: KeystoreTransfer;
  readonly people: People;
  readonly self: LiveSelf;
  readonly handOvers: HandOvers;
  readonly notices: NoticeBoard;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** Changes keys in steps, each of which can be the last before a crash: what was begun is finished by `finish`. */
export interface KeyChanges {
  /**
   * Begins a change and takes it as far as it goes. Throws `conflict` where another device's change came first: nothing was changed
   * then; and what stands in the way otherwise, `temporarily_unavailable` above all: then `finish` goes on.
   */
  change(room: KeystoreRoom, plan: ChangePlan): Promise<void>;
  /** Goes on with a change that was interrupted. Nothing happens where there is none. */
  finish(room: KeystoreRoom): Promise<void>;
}

/** On the owner's storage and server. */
export function createKeyChanges(parts: ChangeParts): KeyChanges {
  const { storage, api, transfer, people, self, handOvers, notices, clock, random } = parts;
  const freshVersion = createFreshVersion(parts);

  const update = async (change: (before: ChangeDocument) => ChangeDocument): Promise<ChangeDocument> =>
    await storage.transact(async (writer) => {
      const before = await readChange(writer);
      if (before === null) throw new SmimpError("conflict", "another device has changed the keys");
      const after = change(before);
      writeChange(writer, after);
      return after;
    });

  async function begin(plan: ChangePlan): Promise<void> {
    const { chain, profile } = await people.resolve(self.address);
    const { head } = chain;
    if (plan.recovery === undefined && head.document.public_key !== self.master.publicKey) throw overtaken();
    const now = clock();
    const seed = random(32);
    const master = plan.newMaster ? signingKey(seed) : self.master;
    const signer = plan.recovery ?? self.master;
    const record = plan.newMaster ? recordOf(chain, { plan, master, signer, now }) : null;
    const fresh = newArchiveKey(random);
    await storage.transact(async (writer) => {
      const account = await readAccount(writer);
      if (account === null) throw new TypeError("there is no account in this storage");
      if (plan.newMaster) {
        const maker = { address: self.address, master, clock, random };
        storeKeys(writer, [...makeKeys(maker, "ephemeral", CLIENT_KEYS), ...makeKeys(maker, "non_ephemeral", 1)]);
      }
      writeChange(writer, {
        at: now,
        stage: "keystore",
        record,
        link: record === null ? null : linkOf(record),
        profile,
        signedBy: plan.recovery === undefined ? "master" : "recovery",
        master_seed: plan.newMaster ? toB64(seed) : account.master_seed,
        public_key: master.publicKey,
        recovery_key: plan.newRecovery?.key.publicKey ?? head.document.recovery_key,
        phrase_key: plan.newRecovery === undefined ? account.phrase_key : toB64(plan.newRecovery.phraseKey),
        key: toB64(random(32)),
        archive_key: { id: fresh.id, key: toB64(fresh.key), month: now.slice(0, "2026-11".length) },
        without: plan.without ?? [],
        keep: plan.keep ?? null,
        put: null,
      });
    });
  }

  async function run(room: KeystoreRoom, resumed: boolean): Promise<void> {
    let change = await readChange(storage);
    if (change?.stage === "record" && resumed) change = await whereItStands(change);
    if (change?.stage === "keystore") {
      const begun = change;
      await orGiveUp(async () => await freshVersion.save(room, begun));
      change = await update((now) => ({ ...now, stage: "record" }));
    }
    if (change?.stage === "record") {
      const saved = change;
      await orGiveUp(async () => await handOver(saved));
      await append(saved);
      await apply();
      change = await readChange(storage);
    }
    if (change?.stage === "finish") await tidyUp(room, change);
  }

  const apply = async (): Promise<void> => self.change(await storage.transact(async (writer) => await applyChange(storage, writer)));

  /** After an interruption: the record may have come through, and another device may have saved over what was put. */
  async function whereItStands(change: ChangeDocument): Promise<ChangeDocument | null> {
    const { chain } = await people.resolve(self.address);
    if (change.link !== null && recordAt(chain, change.link) !== undefined) await apply();
    else if ((await transfer.get(change.put?.etag ?? null)) !== "same")
      return await update((now) => ({ ...now, stage: "keystore", put: null }));
    return await readChange(storage);
  }

  async function handOver({ key, master_seed, put, without }: ChangeDocument): Promise<void> {
    if (put === null) throw new TypeError("the keystore was not saved");
    // Another device's change may come in between: what it handed over must not be replaced by what came to nothing.
    const stillCounts = async (): Promise<boolean> => (await readChange(storage))?.put?.hash === put.hash;
    await handOvers.leave({ key: fromB64(key), version: put.version, masterSeed: fromB64(master_seed) }, { without, stillCounts });
  }

  /** Appends the record; where its answer was lost, the history says what became of it. */
  async function append(change: ChangeDocument): Promise<void> {
    const { record, profile, public_key, link } = change;
    if (record === null || link === null) return;
    const keys = [...(await allKeys(storage)).values()].filter((key) => key.signed_by === public_key && key.statement !== null);
    const statements = (kind: string) => keys.flatMap((key) => (key.kind === kind && key.statement !== null ? [key.statement] : []));
    const [standing] = statements("non_ephemeral");
    const body = {
      record,
      profile,
      ...(standing === undefined ? {} : { nonephemeral_key: standing, ephemeral_keys: statements("ephemeral") }),
    };
    try {
      await api.call(self.baseUrl, "updateProfile", { body });
    } catch (error) {
      if (!isSmimpError(error)) throw error;
      if (UNDECIDED.has(error.code)) throw error;
      // Refused or not, the history says what came of it: a server that took the record and says otherwise would lock this device out.
      // Where the history can't be had, the change stays open.
      const { chain } = await people.resolve(self.address);
      if (recordAt(chain, link) !== undefined) return;
      if (error.code === "conflict") return await appendAgain(change, chain);
      await giveUp();
      throw error;
    }
  }

  /** Another record came first: one that left the master key alone is no reason to give up. */
  async function appendAgain(change: ChangeDocument, chain: Chain): Promise<void> {
    const { head } = chain;
    if (change.signedBy !== "master" || head.document.public_key !== self.master.publicKey) {
      await giveUp();
      throw overtaken();
    }
    const { profile } = (await people.document(self.address)) ?? { profile: null };
    const master = signingKey(fromB64(change.master_seed));
    const record = recordOf(chain, { plan: { newMaster: true }, master, signer: self.master, now: clock() });
    await append(await update((now) => ({ ...now, record, profile, link: linkOf(record) })));
  }

  /** What comes when the keys are in place: a hand-over of another device, which came too late, must not stand in this one's place. */
  async function tidyUp(room: KeystoreRoom, change: ChangeDocument): Promise<void> {
    await handOver(change).catch((error: unknown) => {
      // What the server finally refuses must not be in the way of everything else; it was left once before.
      if (!isSmimpError(error) || UNDECIDED.has(error.code)) throw error;
    });
    await room.save({ replacing: true });
    await storage.transact(async (writer) => writeChange(writer, null));
  }

  /** Nothing has changed, and nothing is left of what was begun: what was put is what every device steps over. */
  async function giveUp(): Promise<void> {
    await storage.transact(async (writer) => {
      const change = await readChange(writer);
      if (change === null || change.stage === "finish") return;
      if (change.public_key !== self.master.publicKey) await deleteKeysOf(writer, change.public_key);
      writeChange(writer, null);
      const state = await readState(writer);
      const abandoned = change.put === null ? {} : { abandoned: change.put.hash };
      keystoreStates.put(writer, ONLY, { ...state, ...abandoned, dirty: true });
      if (change.phrase_key !== toB64(self.phraseKey))
        notices.post(writer, { code: "phrase_unchanged", detail: OLD_PHRASE, address: self.address });
    });
  }

  async function orGiveUp(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (isSmimpError(error) && !UNDECIDED.has(error.code)) await giveUp();
      throw error;
    }
  }

  return {
    change: async (room, plan) => {
      if (plan.newRecovery !== undefined && !plan.newMaster) throw new TypeError("a new recovery key comes with a new master key");
      await room.look();
      if ((await readState(storage)).unreadable !== undefined) throw overtaken();
      await begin(plan);
      try {
        await run(room, false);
      } catch (error) {
        // The keys are in place; what is left is done with the next sync.
        if (!isSmimpError(error) || (await readChange(storage))?.stage !== "finish") throw error;
      }
    },
    finish: async (room) => {
      if ((await readChange(storage)) !== null) await run(room, true);
    },
  };
}

const OLD_PHRASE = "the new recovery phrase did not come into force, because another device was faster: the old one still counts";

function recordOf(
  { address, head }: Chain,
  how: { readonly plan: ChangePlan; readonly master: SigningKey; readonly signer: SigningKey; readonly now: ReturnType<Clock> },
) {
  const { document } = head;
  return signRecord({
    address,
    previous: head,
    servers: document.servers,
    profileHash: document.profile_hash,
    // Time must not go back in a chain, whatever this device's clock says.
    changedAt: how.now > document.changed_at ? how.now : document.changed_at,
    master: how.plan.newMaster ? how.master : document.public_key,
    recovery: how.plan.newRecovery?.key ?? document.recovery_key,
    signer: how.signer,
  });
}

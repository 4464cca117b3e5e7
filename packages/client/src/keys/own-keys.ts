import {
  fromB64,
  recordAt,
  signingKey,
  SmimpError,
  toB64,
  type Chain,
  type DeviceLinkContent,
  type PublicKey,
  type SigningKey,
} from "@smimp/protocol";
import type { HandOvers } from "../devices/hand-over.ts";
import { forgetNext } from "../keystore/contents.ts";
import { stepTo } from "../keystore/keystore.ts";
import { keystoreStates, ONLY, readState } from "../keystore/state.ts";
import { deleteKeysOf, dropUnpublished } from "../message-keys.ts";
import type { NoticeBoard } from "../notices.ts";
import type { Known, People } from "../people.ts";
import { readAccount, writeAccount, type LiveSelf } from "../self.ts";
import type { Storage } from "../storage/storage.ts";
import { createTurns } from "../turns.ts";
import { applyChange } from "./apply-change.ts";
import { readChange, writeChange } from "./change-document.ts";

/** Times that a device catches up before it believes that something is wrong. */
const MAX_TRIES = 3;

/** Keeps the key that this device signs with and the owner's history together, whoever of the owner's devices changes either. */
export interface OwnKeys {
  /** The own history and the key that its last record names. Catches up where another device changed it; throws as `catchUp` does. */
  current(): Promise<{ readonly me: Known; readonly master: SigningKey }>;
  /**
   * Finds out whether another master key than `refused` is in place: one that this device has set and whose answer was lost, or one
   * that another device has handed over. Throws `unauthenticated` where this device is none of the owner's any more.
   */
  catchUp(refused: PublicKey): Promise<boolean>;
  /** Takes a K that another device has handed over, the master key being the same or not. True: it is another than before. */
  takeHandOver(): Promise<boolean>;
}

/** What it works with. */
export interface OwnKeysParts {
  readonly storage: Storage;
  readonly people: People;
  readonly self: LiveSelf;
  readonly notices: NoticeBoard;
  readonly handOvers: HandOvers;
}

/** The owner's keys on this device. */
export function createOwnKeys({ storage, people, self, notices, handOvers }: OwnKeysParts): OwnKeys {
  const turns = createTurns();

  /** Nothing here needs a session: it is what sessions wait for. */
  async function look(refused: PublicKey | null): Promise<boolean> {
    const { chain } = await people.resolve(self.address);
    const change = await readChange(storage);
    if (change?.stage === "record" && change.link !== null && recordAt(chain, change.link) !== undefined) {
      self.change(await storage.transact(async (writer) => await applyChange(storage, writer)));
      return true;
    }
    const { public_key: current } = chain.head.document;
    if (current === self.master.publicKey && refused !== null) return current !== refused;
    const handed = await handOvers.find();
    // Only somebody who holds the key that the history ends with can have sealed this (protocol section 8).
    if (handed !== null && signingKey(handed.masterSeed).publicKey === current) return await adopt(handed, chain);
    if (current === self.master.publicKey) return false;
    return await leftBehind();
  }

  async function adopt({ key, version, masterSeed }: DeviceLinkContent, chain: Chain): Promise<boolean> {
    const { public_key: publicKey, recovery_key } = chain.head.document;
    const account = await storage.transact(async (writer) => {
      const before = await readAccount(writer);
      const state = await readState(writer);
      if (before === null) throw new TypeError("there is no account in this storage");
      if (publicKey === self.master.publicKey && !isNews(state, version, key)) return null;
      const now = { ...before, master_seed: toB64(masterSeed), recovery_key };
      writeAccount(writer, now);
      // `keep` stays: what was burned here shall not outlast it in earlier versions because another device changed the keys.
      const { unreadable: _unreadable, abandoned: _abandoned, handOverDue: _due, ...rest } = state;
      keystoreStates.put(writer, ONLY, { ...rest, version, key: toB64(key), etag: null, dirty: true, pending: null, handedOver: true });
      // A change of this device's own came too late.
      const change = await readChange(writer);
      if (change !== null && change.public_key !== publicKey) {
        await deleteKeysOf(writer, change.public_key);
        writeChange(writer, null);
      }
      await dropUnpublished(writer, publicKey);
      await forgetNext(writer);
      return now;
    });
    if (account !== null) self.change(account);
    // Handed over after all: it is none of those that were left behind.
    await notices.withdraw("device_removed");
    return account !== null;
  }

  async function leftBehind(): Promise<never> {
    await notices.postOnce({ code: "device_removed", detail: REMOVED, address: self.address });
    throw new SmimpError("unauthenticated", REMOVED);
  }

  const catchUp = async (refused: PublicKey): Promise<boolean> => await turns(async () => await look(refused));
  return {
    catchUp,
    takeHandOver: async () => await turns(async () => await look(null)),
    current: async () => {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const me = await people.own();
        const { master } = self;
        if (me.chain.head.document.public_key === master.publicKey) return { me, master };
        await catchUp(master.publicKey);
      }
      throw new SmimpError("temporarily_unavailable", "your keys are being changed: try again in a minute", { retryAfter: 60 });
    },
  };
}

const REMOVED = "your keys were changed and this device was given none of them: it was removed, or has to be linked again";

/** Whether a K is another than the steps from the known one lead to. */
function isNews(state: { readonly version: number | null; readonly key: string }, version: number, key: Uint8Array): boolean {
  const steps = version - (state.version ?? 0);
  if (steps < 0) return false;
  try {
    return toB64(stepTo(fromB64(state.key), steps)) !== toB64(key);
  } catch {
    return true;
  }
}

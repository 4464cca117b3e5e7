import { accountState, linkDevice, parseInvite, recoverAccount, type ClientDeps, type DeviceLinking, type Storage } from "@smimp/client";
import { parseAddress, SmimpError, wipe, type Address } from "@smimp/protocol";
import { openIndexedDbStorage } from "../storage/indexed-db.ts";
import { deleteDatabase } from "../storage/requests.ts";
import { askUntil, type Ask } from "./asking.ts";
import type { CallContext } from "./call.ts";
import { MAILBOX, type Core } from "./core.ts";
import { isRefused, makeAccount, type Making } from "./making.ts";
import {
  beginningOf,
  deleteVault,
  fromDevice,
  newVault,
  readVault,
  writeVault,
  type Beginning,
  type RestoreHow,
  type VaultDocument,
} from "./vault.ts";

export type { RestoreHow } from "./vault.ts";

/** A recovery phrase, to be put on paper. */
export interface PhraseShown {
  readonly phrase: string;
  /** Of the server that the account is on. */
  readonly baseUrl: string;
}

/** A link code, to be shown as long as it is good. */
export interface LinkShown {
  /** In groups of four. */
  readonly linkCode: string;
  readonly expiresAt: string;
}

/** The ways by which an account comes to a browser. All end in the state `joining` at the step `passphrase`. */
export interface Arrivals {
  /** Opens an account with an invite; its phrase is what the owner has to see next. */
  join(context: CallContext, invite: string, address: string, name: string): Promise<void>;
  /** The phrase of an account that is being made, once more; goes on with it where the page was closed, or the server was away. */
  phrase(context: CallContext): Promise<PhraseShown>;
  /** The phrase is on paper: it is forgotten here. */
  confirmPhrase(context: CallContext): Promise<void>;
  restore(address: string, phrase: string, how: RestoreHow): Promise<void>;
  /** Begins to link this browser to an account that is open elsewhere. */
  beginLinking(address: string): Promise<LinkShown>;
  /** Waits for the other device. */
  finishLinking(context: CallContext): Promise<void>;
  cancelLinking(): Promise<void>;
}

interface Waiting {
  readonly linking: DeviceLinking;
  readonly address: Address;
  readonly storage: Storage;
  readonly key: Uint8Array;
}

/** What arrivals are given. */
export interface ArrivalParts {
  readonly deps: ClientDeps;
  readonly deviceName: string;
  readonly ask: Ask;
}

/** Makes the ways into a house. */
export function createArrivals(core: Core, { deps, deviceName, ask }: ArrivalParts): Arrivals {
  let making: (Making & { readonly storage: Storage }) | null = null;
  let waiting: Waiting | null = null;

  core.onClose(async () => {
    const [begun, linking] = [making, waiting];
    [making, waiting] = [null, null];
    await begun?.pause();
    await begun?.storage.close();
    if (linking !== null) await giveUp(linking);
  });

  async function giveUp({ linking, storage, key }: Waiting): Promise<void> {
    linking.cancel();
    wipe(key);
    await storage.close();
  }

  /** Nothing came of it: nothing of it stays. */
  async function discard(storage: Storage): Promise<void> {
    await storage.close();
    await deleteDatabase(MAILBOX);
    core.release();
  }

  /** Notes what is begun, so that it can be gone on with whatever happens. */
  async function begin(storage: Storage, address: Address, key: Uint8Array, beginning: Beginning): Promise<VaultDocument> {
    try {
      const vault = await newVault(address, key, beginning, Date.now());
      await writeVault(vault);
      return vault;
    } catch (error) {
      await discard(storage);
      throw error;
    } finally {
      wipe(key);
    }
  }

  /** Makes the account that the vault says, up to its phrase. Where that can never be, nothing of it stays. */
  async function make(storage: Storage, vault: VaultDocument, context: CallContext, signal: AbortSignal): Promise<PhraseShown> {
    const address = parseAddress(vault.address);
    try {
      const beginning = await beginningOf(vault);
      if (beginning === null) throw new SmimpError("decryption_failed", "this account can't be finished in this browser");
      const begun = await makeAccount({
        storage,
        deps,
        address,
        beginning,
        deviceName,
        askOwner: askUntil(ask, signal),
        onProgress: context.onProgress,
        signal,
      });
      making = { ...begun, storage };
    } catch (error) {
      const lost = isRefused(error) || context.signal.aborted || (await accountState(storage)) === "none";
      await storage.close();
      // Whether the server has made it can't be known: it is gone on with, or given up, when its owner says so.
      if (lost) await core.forgetAll();
      else core.become({ kind: "joining", address, step: "phrase", isNew: true });
      throw error;
    }
    core.become({ kind: "joining", address, step: "phrase", isNew: true });
    return making;
  }

  /** Goes on with the account that was begun, if that isn't being done. */
  async function goOn(context: CallContext, signal: AbortSignal): Promise<PhraseShown> {
    if (making !== null) return making;
    const vault = await readVault();
    const key = vault === null || vault.passphrase !== null ? null : await fromDevice(vault, Date.now());
    if (vault === null || key === null) throw new TypeError("no account is being made");
    const storage = await openIndexedDbStorage(MAILBOX, key);
    wipe(key);
    return await make(storage, vault, context, signal);
  }

  /** Whoever comes with an account of theirs chooses a passphrase next. */
  async function settle(client: Awaited<ReturnType<typeof recoverAccount>>, storage: Storage, key: Uint8Array): Promise<void> {
    try {
      await writeVault(await newVault(client.address, key, null, Date.now()));
    } catch (error) {
      await client.close();
      throw error;
    }
    core.moveIn(client, storage);
    core.become({ kind: "joining", address: client.address, step: "passphrase", isNew: false });
  }

  /** Where an account is brought back to: where an earlier attempt was interrupted, so that this device is entered once. */
  async function restoring(address: Address, how: RestoreHow): Promise<{ readonly storage: Storage; readonly key: Uint8Array }> {
    const vault = await readVault();
    if (vault?.address === address && JSON.stringify(vault.restoring) === JSON.stringify(how) && (await core.hold())) {
      const key = await fromDevice(vault, Date.now());
      if (key !== null) return { key, storage: await openIndexedDbStorage(MAILBOX, key) };
    }
    const { storage, key } = await core.freshStorage();
    await writeVault({ ...(await newVault(address, key, null, Date.now())), restoring: how });
    return { storage, key };
  }

  /** Bringing back broke off: it is gone on with, if it had come far enough for the server to know of it. */
  async function interrupted(storage: Storage, address: Address): Promise<void> {
    if ((await accountState(storage)) !== "recovering") {
      await deleteVault();
      await discard(storage);
      return;
    }
    await storage.close();
    core.release();
    core.become({ kind: "empty", restoring: address });
  }

  return {
    join: async (context, link, text, name) => {
      const [{ baseUrl, code }, address] = [parseInvite(link), parseAddress(text)];
      await core.inTurn(async (signal) => {
        const { storage, key } = await core.freshStorage();
        const vault = await begin(storage, address, key, { baseUrl, code, name: name.trim() });
        await make(storage, vault, context, signal);
      }, context.signal);
    },
    phrase: async (context) => {
      const { phrase, baseUrl } = await core.inTurn(async (signal) => await goOn(context, signal), context.signal);
      return { phrase, baseUrl };
    },
    confirmPhrase: async (context) => {
      await core.inTurn(async (signal) => {
        await goOn(context, signal);
        if (making === null) throw new TypeError("no account is being made");
        const { storage, confirm } = making;
        making = null;
        try {
          const client = await confirm();
          core.moveIn(client, storage);
          core.become({ kind: "joining", address: client.address, step: "passphrase", isNew: true });
        } catch (error) {
          await storage.close();
          throw error;
        }
      });
    },
    restore: async (text, phrase, how) => {
      const address = parseAddress(text);
      await core.inTurn(async () => {
        const { storage, key } = await restoring(address, how);
        try {
          const client = await recoverAccount({ storage, deps, address, phrase, deviceName, ...how });
          await settle(client, storage, key);
        } catch (error) {
          await interrupted(storage, address);
          throw error;
        } finally {
          wipe(key);
        }
      });
    },
    beginLinking: async (text) => {
      const address = parseAddress(text);
      return await core.urgently(async () => {
        if (waiting !== null) await giveUp(waiting);
        waiting = null;
        const { storage, key } = await core.freshStorage();
        try {
          const linking = await linkDevice({ storage, deps, address, name: deviceName });
          waiting = { linking, address, storage, key };
          return { linkCode: linking.linkCode, expiresAt: linking.expiresAt };
        } catch (error) {
          wipe(key);
          await discard(storage);
          throw error;
        }
      });
    },
    finishLinking: async (context) => {
      await core.inTurn(async (signal) => {
        if (waiting === null) throw new TypeError("nothing is being linked");
        const { linking, storage, key } = waiting;
        waiting = null;
        try {
          await settle(await linking.finish({ signal }), storage, key);
        } catch (error) {
          await discard(storage);
          throw error;
        } finally {
          wipe(key);
        }
      }, context.signal);
    },
    cancelLinking: async () => {
      await core.urgently(async () => {
        if (waiting === null) return;
        await giveUp(waiting);
        await discard(waiting.storage);
        waiting = null;
      });
    },
  };
}

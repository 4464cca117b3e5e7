import {
  accountState,
  createAccount,
  linkDevice,
  openClient,
  parseInvite,
  recoverAccount,
  type Client,
  type ClientDeps,
  type DeviceLinking,
  type Storage,
} from "@smimp/client";
import { parseAddress, SmimpError, wipe, type Address, type BaseUrl } from "@smimp/protocol";
import { openIndexedDbStorage } from "../storage/indexed-db.ts";
import { deleteDatabase } from "../storage/requests.ts";
import type { CallContext } from "./call.ts";
import { followMailbox, type Following } from "./following.ts";
import { takeHold, takeOver, type Holding } from "./holding.ts";
import type { EngineEvent, MailboxState } from "./protocol.ts";
import {
  deleteVault,
  fromDevice,
  LOCK_AFTER,
  newStorageKey,
  onDevice,
  readVault,
  underPassphrase,
  withPassphrase,
  writeVault,
  type VaultDocument,
} from "./vault.ts";

/** The database of the mailbox. */
export const MAILBOX = "smimp-mailbox";
/** What this browser is called among the owner's devices. */
const DEVICE = "Browser";

/** What a house is given. */
export interface HouseParts {
  readonly deps: ClientDeps;
  /** Tells the page. */
  tell(event: EngineEvent): void;
  /** Asks the owner, through the page. */
  ask(question: Parameters<NonNullable<Parameters<Client["send"]>[1]>["askOwner"] & object>[0]): Promise<boolean>;
}

/** The mailbox of this browser: whether there is one, who may open it, and the client that runs while it is open. */
export interface House {
  /** How this browser asks servers. */
  readonly fetch: ClientDeps["fetch"];
  state(): MailboxState;
  /** Looks what there is, and opens it where no passphrase is asked for. */
  begin(): Promise<MailboxState>;
  /** The client. Throws `Locked` where the mailbox isn't open. */
  client(): Client;
  storage(): Storage;
  /** Opens an account with an invite; the phrase is to be confirmed and a passphrase set before it is done. */
  join(context: CallContext, invite: string, address: string, name: string): Promise<{ readonly phrase: string }>;
  /** Shows the phrase of an account that is being made, once more. */
  phraseAgain(context: CallContext): Promise<{ readonly phrase: string }>;
  /** The phrase is on paper: it is forgotten here. */
  confirmPhrase(): Promise<void>;
  /** Sets the passphrase, the first one or another. Throws `decryption_failed` where `old` is not the one there was. */
  setPassphrase(passphrase: string, old: string | null): Promise<void>;
  unlock(passphrase: string): Promise<void>;
  lock(): Promise<void>;
  /** Opens what another tab has open; that one lets go. */
  takeOver(): Promise<void>;
  restore(
    context: CallContext,
    address: string,
    phrase: string,
    passphrase: string,
    how: { rotate?: boolean; takeBack?: boolean },
  ): Promise<void>;
  /** Begins to link this browser to an account that is open elsewhere: the code to show. */
  beginLinking(address: string): Promise<{ readonly linkCode: string; readonly expiresAt: string }>;
  finishLinking(context: CallContext, passphrase: string): Promise<void>;
  cancelLinking(): Promise<void>;
  /** How long the mailbox stays open without use, minutes. */
  lockAfter(): Promise<number>;
  setLockAfter(minutes: number): Promise<void>;
  /** The owner did something. */
  touch(): Promise<void>;
  /** Takes the mailbox away from this browser. */
  forget(): Promise<void>;
}

/** A call that needs an open mailbox, while it is locked. */
export class LockedError extends Error {
  override readonly name = "Locked";
}

interface Opened {
  readonly client: Client;
  readonly storage: Storage;
  readonly following: Following;
}

interface Joining {
  readonly phrase: string;
  /** Lets `createAccount` forget the phrase. */
  readonly confirm: () => void;
  readonly created: Promise<Client>;
  readonly storage: Storage;
}

/** Makes the one house of an engine. */
export function createHouse({ deps, tell, ask }: HouseParts): House {
  let state: MailboxState = { kind: "empty" };
  let holding: Holding | null = null;
  let opened: Opened | null = null;
  let joining: Joining | null = null;
  let linking: { readonly linking: DeviceLinking; readonly address: Address; readonly storage: Storage; readonly key: Uint8Array } | null =
    null;

  const become = (next: MailboxState): MailboxState => {
    state = next;
    tell({ type: "state", state });
    return next;
  };

  async function hold(): Promise<boolean> {
    holding ??= await takeHold(() => void letGo());
    return holding !== null;
  }

  function release(): void {
    holding?.release();
    holding = null;
  }

  /** Another tab wants the mailbox. */
  async function letGo(): Promise<void> {
    const address = "address" in state ? state.address : "";
    await close();
    release();
    become({ kind: "elsewhere", address });
  }

  async function close(): Promise<void> {
    const before = opened;
    opened = null;
    await before?.following.end();
    await before?.client.close();
    const begun = joining;
    joining = null;
    await begun?.storage.close();
  }

  function run(client: Client, storage: Storage): MailboxState {
    opened = { client, storage, following: followMailbox(client, { tell, ask }) };
    return become({ kind: "open", address: client.address, baseUrl: client.baseUrl });
  }

  async function openWith(key: Uint8Array, vault: VaultDocument): Promise<MailboxState> {
    const storage = await openIndexedDbStorage(MAILBOX, key);
    wipe(key);
    const account = await accountState(storage);
    if (account === "open") return run(await openClient({ storage, deps }), storage);
    await storage.close();
    // An account that was begun: its page shows the phrase again.
    if (account === "unfinished") return become({ kind: "joining", address: vault.address, step: "phrase" });
    await forgetAll();
    return become({ kind: "empty" });
  }

  async function begin(): Promise<MailboxState> {
    const vault = await readVault();
    if (vault === null) return become({ kind: "empty" });
    if (!(await hold())) return become({ kind: "elsewhere", address: vault.address });
    const key = await fromDevice(vault, Date.now());
    if (key === null) return become({ kind: "locked", address: vault.address });
    await writeVault({ ...vault, usedAt: Date.now() });
    const now = await openWith(key, vault);
    return now.kind === "open" && vault.passphrase === null ? become({ kind: "joining", address: vault.address, step: "passphrase" }) : now;
  }

  async function vaultOrThrow(): Promise<VaultDocument> {
    const vault = await readVault();
    if (vault === null) throw new TypeError("there is no mailbox in this browser");
    return vault;
  }

  async function create(
    context: CallContext,
    storage: Storage,
    { address, invite, name }: VaultDocument,
  ): Promise<{ readonly phrase: string }> {
    if (invite === null) throw new TypeError("no account is being made");
    const shown = Promise.withResolvers<string>();
    const kept = Promise.withResolvers<void>();
    const created = createAccount({
      storage,
      deps,
      invite: { baseUrl: invite.baseUrl as BaseUrl, code: invite.code },
      address: parseAddress(address),
      deviceName: DEVICE,
      ...(name === null || name === "" ? {} : { name }),
      keepPhrase: async (phrase) => {
        shown.resolve(phrase);
        await kept.promise;
      },
      onProgress: context.onProgress,
      askOwner: ask,
      signal: context.signal,
    }).then(({ client }) => client);
    created.catch(shown.reject);
    try {
      const phrase = await shown.promise;
      joining = { phrase, confirm: kept.resolve, created, storage };
      become({ kind: "joining", address, step: "phrase" });
      return { phrase };
    } catch (error) {
      await storage.close();
      throw error;
    }
  }

  async function forgetAll(): Promise<void> {
    await close();
    await deleteDatabase(MAILBOX);
    await deleteVault();
  }

  /** A storage for an account that comes to this browser. */
  async function freshStorage(): Promise<{ readonly storage: Storage; readonly key: Uint8Array }> {
    if ((await readVault()) !== null) throw new TypeError("there is a mailbox in this browser already");
    if (!(await hold())) throw new TypeError("another tab has the mailbox open");
    await deleteDatabase(MAILBOX);
    const key = newStorageKey();
    return { key, storage: await openIndexedDbStorage(MAILBOX, key) };
  }

  async function settle(key: Uint8Array, address: string, passphrase: string): Promise<void> {
    await writeVault({
      address,
      passphrase: underPassphrase(passphrase, key),
      device: await onDevice(key),
      usedAt: Date.now(),
      lockAfter: LOCK_AFTER,
      invite: null,
      name: null,
    });
    wipe(key);
  }

  return {
    fetch: deps.fetch,
    state: () => state,
    begin,
    client: () => {
      if (opened === null) throw new LockedError("the mailbox is locked");
      return opened.client;
    },
    storage: () => {
      if (opened === null) throw new LockedError("the mailbox is locked");
      return opened.storage;
    },
    join: async (context, link, text, name) => {
      const [{ baseUrl, code }, address] = [parseInvite(link), parseAddress(text)];
      const { storage, key } = await freshStorage();
      const vault: VaultDocument = {
        address,
        passphrase: null,
        device: await onDevice(key),
        usedAt: Date.now(),
        lockAfter: LOCK_AFTER,
        invite: { baseUrl, code },
        name: name.trim(),
      };
      wipe(key);
      await writeVault(vault);
      try {
        return await create(context, storage, vault);
      } catch (error) {
        // Nothing of it can be used with another name or invite.
        await forgetAll();
        throw error;
      }
    },
    phraseAgain: async (context) => {
      if (joining !== null) return { phrase: joining.phrase };
      const vault = await vaultOrThrow();
      const key = await fromDevice(vault, vault.usedAt);
      if (key === null) throw new SmimpError("decryption_failed", "this account can't be finished in this browser");
      const storage = await openIndexedDbStorage(MAILBOX, key);
      wipe(key);
      return await create(context, storage, vault);
    },
    confirmPhrase: async () => {
      if (joining === null) throw new TypeError("no account is being made");
      const { confirm, created, storage } = joining;
      confirm();
      const client = await created;
      joining = null;
      run(client, storage);
      become({ kind: "joining", address: client.address, step: "passphrase" });
    },
    setPassphrase: async (passphrase, old) => {
      const vault = await vaultOrThrow();
      const key = vault.passphrase === null ? await fromDevice(vault, vault.usedAt) : withPassphrase(old ?? "", vault);
      if (key === null) throw new SmimpError("decryption_failed", "the mailbox is locked");
      await writeVault({ ...vault, passphrase: underPassphrase(passphrase, key), invite: null, usedAt: Date.now() });
      wipe(key);
      if (opened !== null) become({ kind: "open", address: opened.client.address, baseUrl: opened.client.baseUrl });
    },
    unlock: async (passphrase) => {
      const vault = await vaultOrThrow();
      if (!(await hold())) return void become({ kind: "elsewhere", address: vault.address });
      const key = withPassphrase(passphrase, vault);
      await writeVault({ ...vault, device: await onDevice(key), usedAt: Date.now() });
      await openWith(key, vault);
    },
    lock: async () => {
      const vault = await vaultOrThrow();
      if (vault.passphrase === null) return;
      await writeVault({ ...vault, device: null });
      await close();
      become({ kind: "locked", address: vault.address });
    },
    takeOver: async () => {
      holding ??= await takeOver(() => void letGo());
      await begin();
    },
    restore: async (context, text, phrase, passphrase, how) => {
      const address = parseAddress(text);
      const { storage, key } = await freshStorage();
      try {
        const client = await recoverAccount({ storage, deps, address, phrase, deviceName: DEVICE, ...how });
        context.signal.throwIfAborted();
        await settle(key, address, passphrase);
        run(client, storage);
      } catch (error) {
        await storage.close();
        release();
        throw error;
      }
    },
    beginLinking: async (text) => {
      const address = parseAddress(text);
      const { storage, key } = await freshStorage();
      try {
        const begun = await linkDevice({ storage, deps, address, name: DEVICE });
        linking = { linking: begun, address, storage, key };
        return { linkCode: begun.linkCode, expiresAt: begun.expiresAt };
      } catch (error) {
        await storage.close();
        release();
        throw error;
      }
    },
    finishLinking: async ({ signal }, passphrase) => {
      if (linking === null) throw new TypeError("nothing is being linked");
      const { linking: begun, address, storage, key } = linking;
      const client = await begun.finish({ signal });
      linking = null;
      await settle(key, address, passphrase);
      run(client, storage);
    },
    cancelLinking: async () => {
      linking?.linking.cancel();
      await linking?.storage.close();
      linking = null;
      release();
    },
    lockAfter: async () => (await vaultOrThrow()).lockAfter,
    setLockAfter: async (lockAfter) => await writeVault({ ...(await vaultOrThrow()), lockAfter }),
    touch: async () => {
      const vault = await readVault();
      if (vault !== null && opened !== null) await writeVault({ ...vault, usedAt: Date.now() });
    },
    forget: async () => {
      await forgetAll();
      release();
      become({ kind: "empty" });
    },
  };
}

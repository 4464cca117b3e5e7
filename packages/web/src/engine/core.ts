import { accountState, openClient, type Client, type ClientDeps, type Storage } from "@smimp/client";
import { createTurns } from "@smimp/client/storage-parts";
import { wipe } from "@smimp/protocol";
import { openIndexedDbStorage } from "../storage/indexed-db.ts";
import { deleteDatabase } from "../storage/requests.ts";
import type { Ask } from "./asking.ts";
import { endAll } from "./ending.ts";
import { followMailbox, type Following } from "./following.ts";
import { takeHold, takeOver, type Holding } from "./holding.ts";
import type { EngineEvent, MailboxState } from "./protocol.ts";
import { changeVault, deleteVault, fromDevice, newStorageKey, readVault, type VaultDocument } from "./vault.ts";

/** The database of the mailbox. */
export const MAILBOX = "smimp-mailbox";

/** How long the page may keep what was written while another tab wants the mailbox, milliseconds. */
const LEFT_WITHIN = 3_500;

/** What a house is given. */
export interface HouseParts {
  readonly deps: ClientDeps;
  /** Tells the page. */
  tell(event: EngineEvent): void;
  readonly ask: Ask;
}

/** A call that needs an open mailbox, while it is locked. */
export class LockedError extends Error {
  override readonly name = "Locked";
}

/** What was asked for can't be done here: another tab has the mailbox, or there is one in this browser already. */
export class OccupiedError extends Error {
  override readonly name = "Occupied";
}

/** A mailbox that is open. */
export interface Opened {
  readonly client: Client;
  readonly storage: Storage;
  readonly following: Following;
}

/** What all ways into the mailbox share: one at a time changes where it stands. */
export interface Core {
  state(): MailboxState;
  become(next: MailboxState): MailboxState;
  opened(): Opened | null;
  /**
   * Runs what changes where the mailbox stands, one after the other. The signal aborts as soon as the caller's does, or something
   * more urgent waits.
   */
  inTurn<Result>(work: (signal: AbortSignal) => Promise<Result>, signal?: AbortSignal): Promise<Result>;
  /** As `inTurn`, for what nobody shall wait with: what runs is told to end. */
  urgently<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Takes the hold on the mailbox, unless another tab has it. */
  hold(): Promise<boolean>;
  /** Takes it from another tab. */
  seize(): Promise<void>;
  release(): void;
  /** The page has kept what it had: another tab may take the mailbox. */
  left(): void;
  /** Looks what there is, and opens it where no passphrase is asked for. */
  look(): Promise<MailboxState>;
  /** Opens the mailbox with its storage's key, which is wiped. */
  openWith(key: Uint8Array, vault: VaultDocument): Promise<MailboxState>;
  /** The client is the one of this house from now on. */
  moveIn(client: Client, storage: Storage): void;
  /** A storage for an account that comes to this browser. Throws OccupiedError. */
  freshStorage(): Promise<{ readonly storage: Storage; readonly key: Uint8Array }>;
  /** Ends whatever runs. */
  close(): Promise<void>;
  /** Closes everything and takes it away from this browser. */
  forgetAll(): Promise<void>;
  /** Something else that has to end before the mailbox is let go of. */
  onClose(end: () => Promise<void>): void;
}

function isRestoring({ restoring = null }: VaultDocument): boolean {
  return restoring !== null;
}

/** Makes the core of a house. */
export function createCore({ deps, tell, ask }: HouseParts): Core {
  const turns = createTurns();
  const ends: (() => Promise<void>)[] = [];
  let state: MailboxState = { kind: "empty" };
  let holding: Holding | null = null;
  let opened: Opened | null = null;
  let running: AbortController | null = null;
  let leaving: PromiseWithResolvers<void> | null = null;

  function become(next: MailboxState): MailboxState {
    state = next;
    tell({ type: "state", state });
    return next;
  }

  async function inTurn<Result>(work: (signal: AbortSignal) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    return await turns(async () => {
      const stop = new AbortController();
      running = stop;
      try {
        return await work(signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]));
      } finally {
        running = null;
      }
    });
  }

  async function urgently<Result>(work: () => Promise<Result>): Promise<Result> {
    running?.abort(new DOMException("something else is more urgent", "AbortError"));
    return await inTurn(work);
  }

  function release(): void {
    holding?.release();
    holding = null;
  }

  /** Another tab wants the mailbox. */
  function letGo(): void {
    if (leaving !== null) return;
    leaving = Promise.withResolvers<void>();
    if (state.kind === "open") tell({ type: "leaving" });
    else leaving.resolve();
    const late = new Promise((resolve) => setTimeout(resolve, LEFT_WITHIN));
    void Promise.race([leaving.promise, late]).then(async () => {
      leaving = null;
      await giveUp();
    });
  }

  async function giveUp(): Promise<void> {
    await urgently(async () => {
      const open = opened?.client.address ?? null;
      // Whatever can't be read: the other tab gets the mailbox.
      const address = await readVault().then(
        (vault) => vault?.address ?? null,
        () => open,
      );
      try {
        await close();
      } finally {
        release();
        become(address === null ? { kind: "empty" } : { kind: "elsewhere", address });
      }
    });
  }

  async function hold(): Promise<boolean> {
    holding ??= await takeHold(letGo);
    return holding !== null;
  }

  async function close(): Promise<void> {
    // From here on nothing finds it open, whatever becomes of the rest.
    const before = opened;
    opened = null;
    await endAll([...ends, async () => await before?.following.end(), async () => await before?.client.close()]);
  }

  async function forgetAll(): Promise<void> {
    await close();
    // Without the vault nothing opens the rest: it goes first.
    await deleteVault();
    await deleteDatabase(MAILBOX);
    release();
    become({ kind: "empty" });
  }

  function moveIn(client: Client, storage: Storage): void {
    opened = { client, storage, following: followMailbox(client, { tell, ask }) };
  }

  async function openWith(key: Uint8Array, { address, passphrase, beginning }: VaultDocument): Promise<MailboxState> {
    const storage = await openIndexedDbStorage(MAILBOX, key);
    wipe(key);
    try {
      const account = await accountState(storage);
      if (account === "open") {
        const client = await openClient({ storage, deps });
        moveIn(client, storage);
        if (passphrase === null) return become({ kind: "joining", address, step: "passphrase", isNew: beginning !== null });
        return become({ kind: "open", address: client.address, baseUrl: client.baseUrl });
      }
      await storage.close();
      // The page asks for the phrase of an account that was begun, and that goes on with it.
      if (account === "unfinished") return become({ kind: "joining", address, step: "phrase", isNew: true });
    } catch (error) {
      await storage.close();
      release();
      throw error;
    }
    await forgetAll();
    return state;
  }

  async function look(): Promise<MailboxState> {
    if (opened !== null) return state;
    const vault = await readVault();
    if (vault === null) {
      release();
      return become({ kind: "empty" });
    }
    const { address } = vault;
    if (!(await hold())) return become({ kind: "elsewhere", address });
    try {
      return await openIfItMay(vault);
    } catch (error) {
      release();
      throw error;
    }
  }

  async function openIfItMay(vault: VaultDocument): Promise<MailboxState> {
    const { address } = vault;
    if (isRestoring(vault)) {
      release();
      return become({ kind: "empty", restoring: address });
    }
    const key = await fromDevice(vault, Date.now());
    if (key === null) {
      // What was good for a while is good no more, wherever the clock is set to later.
      if (vault.device !== null) await changeVault((now) => ({ ...now, device: null }));
      release();
      return become({ kind: "locked", address });
    }
    await changeVault((now) => ({ ...now, usedAt: Date.now() }));
    return await openWith(key, vault);
  }

  return {
    state: () => state,
    become,
    opened: () => opened,
    inTurn,
    urgently,
    hold,
    seize: async () => {
      holding ??= await takeOver(letGo);
    },
    release,
    left: () => leaving?.resolve(),
    look,
    openWith,
    moveIn,
    freshStorage: async () => {
      const vault = await readVault();
      const isLeftOver = vault !== null && isRestoring(vault);
      if (vault !== null && !isLeftOver) {
        await look();
        throw new OccupiedError("there is a mailbox in this browser already");
      }
      if (!(await hold())) throw new OccupiedError("another tab is about to bring a mailbox here");
      // What was interrupted is given up.
      if (isLeftOver) await deleteVault();
      await deleteDatabase(MAILBOX);
      const key = newStorageKey();
      return { key, storage: await openIndexedDbStorage(MAILBOX, key) };
    },
    close,
    forgetAll,
    onClose: (end) => void ends.push(end),
  };
}

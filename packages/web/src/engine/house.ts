import type { Client, Storage } from "@smimp/client";
import { SmimpError, wipe } from "@smimp/protocol";
import type { Arrivals } from "./arrivals.ts";
import { createCore, LockedError, type HouseParts, type Opened } from "./core.ts";
import { deviceNameOf } from "./device-name.ts";
import { endAll } from "./ending.ts";
import { LOCK_AFTER } from "./lock-after.ts";
import type { MailboxState } from "./protocol.ts";
import { changeVault, fromDevice, onDevice, readVault, underPassphrase, withPassphrase, type VaultDocument } from "./vault.ts";

export type { HouseParts } from "./core.ts";

/** The mailbox of this browser: whether there is one, who may open it, and the client that runs while it is open. */
export interface House extends Arrivals {
  /** How this browser asks servers. */
  readonly fetch: HouseParts["deps"]["fetch"];
  state(): MailboxState;
  /** Looks what there is, and opens it where no passphrase is asked for. */
  begin(): Promise<MailboxState>;
  /** The client. Throws `Locked` where the mailbox isn't open. */
  client(): Client;
  storage(): Storage;
  /** Sets the passphrase, the first one or another. Throws `decryption_failed` where `old` is not the one there was. */
  setPassphrase(passphrase: string, old: string | null): Promise<void>;
  /** Throws `decryption_failed` for a wrong passphrase. */
  unlock(passphrase: string): Promise<void>;
  lock(): Promise<void>;
  /** The page has kept what it had, before another tab takes the mailbox. */
  left(): void;
  /** Opens what another tab has open; that one lets go. Throws `TimeoutError` where it doesn't. */
  takeOver(): Promise<void>;
  /** How long the mailbox stays open without use, minutes; 0: until the page is closed; null: until it is locked by hand. */
  lockAfter(): Promise<number | null>;
  setLockAfter(minutes: number | null): Promise<void>;
  /** The owner did something. */
  touch(): Promise<void>;
  /** Tries to send what waits of a message, rather than when it would be tried next. */
  sendNow(id: string): void;
  /** Connects at once, where the connection is lost: the network is there again. */
  hurry(): Promise<void>;
  /** Takes the mailbox away from this browser. */
  forget(): Promise<void>;
  /** Something that has to end before the mailbox is closed. */
  onClose(end: () => Promise<void>): void;
}

function sealAndWipe(passphrase: string, key: Uint8Array): Uint8Array {
  try {
    return underPassphrase(passphrase, key);
  } finally {
    wipe(key);
  }
}

/** Arrivals that are fetched with the first of them: most browsers have their mailbox. */
function whenWanted(load: () => Promise<Arrivals>): Arrivals {
  let begun: Promise<Arrivals> | null = null;
  async function arrivals(): Promise<Arrivals> {
    begun ??= load();
    try {
      return await begun;
    } catch (error) {
      // The network may be back next time.
      begun = null;
      throw error;
    }
  }
  return {
    join: async (...args) => await (await arrivals()).join(...args),
    phrase: async (...args) => await (await arrivals()).phrase(...args),
    confirmPhrase: async (...args) => await (await arrivals()).confirmPhrase(...args),
    restore: async (...args) => await (await arrivals()).restore(...args),
    beginLinking: async (...args) => await (await arrivals()).beginLinking(...args),
    finishLinking: async (...args) => await (await arrivals()).finishLinking(...args),
    cancelLinking: async (...args) => await (await arrivals()).cancelLinking(...args),
  };
}

/** Makes the one house of an engine. */
export function createHouse(parts: HouseParts): House {
  const { deps, ask } = parts;
  const core = createCore(parts);
  const arrivals = whenWanted(async () => {
    const { createArrivals } = await import("./arrivals.ts");
    return createArrivals(core, { deps, ask, deviceName: deviceNameOf(navigator.userAgent) });
  });

  function open(): Opened {
    const opened = core.opened();
    if (opened === null) throw new LockedError("the mailbox is locked");
    return opened;
  }

  async function vaultOrThrow(): Promise<VaultDocument> {
    const vault = await readVault();
    if (vault === null) throw new TypeError("there is no mailbox in this browser");
    return vault;
  }

  /** Unless another tab has it: then this one says so. */
  async function held(vault: VaultDocument): Promise<boolean> {
    const isHeld = await core.hold();
    if (!isHeld) core.become({ kind: "elsewhere", address: vault.address });
    return isHeld;
  }

  return {
    ...arrivals,
    fetch: deps.fetch,
    state: core.state,
    begin: async () => await core.inTurn(core.look),
    client: () => open().client,
    storage: () => open().storage,
    setPassphrase: async (passphrase, old) => {
      await core.inTurn(async () => {
        const vault = await vaultOrThrow();
        const key = vault.passphrase === null ? await fromDevice(vault, Date.now()) : withPassphrase(old ?? "", vault);
        if (key === null) throw new SmimpError("decryption_failed", "the mailbox is locked");
        const sealed = sealAndWipe(passphrase, key);
        await changeVault((now) => ({ ...now, passphrase: sealed, beginning: null, usedAt: Date.now() }));
        const { client } = open();
        core.become({ kind: "open", address: client.address, baseUrl: client.baseUrl });
      });
    },
    unlock: async (passphrase) => {
      await core.inTurn(async () => {
        if (core.opened() !== null) return;
        const vault = await vaultOrThrow();
        if (!(await held(vault))) return;
        let key: Uint8Array | null = null;
        try {
          key = withPassphrase(passphrase, vault);
          const device = vault.lockAfter === 0 ? null : await onDevice(key);
          await changeVault((now) => ({ ...now, device, usedAt: Date.now() }));
          await core.openWith(key, vault);
        } catch (error) {
          core.release();
          throw error;
        } finally {
          if (key !== null) wipe(key);
        }
      });
    },
    lock: async () => {
      await core.urgently(async () => {
        const opened = core.opened();
        // Before there is a passphrase, whatever is closed could never be opened again.
        if (opened === null || core.state().kind === "joining") return;
        const { address } = opened.client;
        // Where the vault can't be read, there may be one; where it was cleared away, nothing is left to be unlocked.
        const isGone = await readVault().then(
          (vault) => vault === null,
          () => false,
        );
        // Whatever fails: nobody is told that it is open, nor finds it so.
        await endAll([
          async () => await changeVault((now) => ({ ...now, device: null })),
          core.close,
          async () => {
            core.release();
            core.become(isGone ? { kind: "empty" } : { kind: "locked", address });
          },
        ]);
      });
    },
    left: core.left,
    takeOver: async () => {
      await core.inTurn(async () => {
        await core.seize();
        await core.look();
      });
    },
    lockAfter: async () => {
      const vault = await readVault();
      return vault === null ? LOCK_AFTER : vault.lockAfter;
    },
    setLockAfter: async (minutes) => {
      if (minutes !== null && !(Number.isInteger(minutes) && minutes >= 0)) throw new TypeError("lockAfter are whole minutes");
      await changeVault((now) => ({ ...now, lockAfter: minutes, device: minutes === 0 ? null : now.device }));
    },
    touch: async () => {
      if (core.opened() !== null) await changeVault((now) => ({ ...now, usedAt: Date.now() }));
    },
    sendNow: (id) => core.opened()?.following.sendNow(id),
    hurry: async () => await core.opened()?.following.hurry(),
    forget: async () => {
      await core.urgently(async () => {
        const vault = await readVault();
        if (vault === null || (await held(vault))) await core.forgetAll();
      });
    },
    onClose: core.onClose,
  };
}

import {
  isSmimpError,
  normalizePhrase,
  parsePhrase,
  phraseKeystoreKey,
  recoverySigningKey,
  SmimpError,
  toB64,
  wipe,
  type Address,
  type PhraseKeystoreKey,
  type SigningKey,
} from "@smimp/protocol";
import { createApi } from "../api.ts";
import type { Client } from "../client.ts";
import type { ClientDeps } from "../deps.ts";
import { listDevices, makeOwnDevice, ownDevice } from "../devices/documents.ts";
import type { ChangePlan } from "../keys/change.ts";
import { readChange } from "../keys/change-document.ts";
import { adopt } from "../keystore/contents.ts";
import type { KeystoreRoom } from "../keystore/keystore.ts";
import { keystoreStates, ONLY, readState } from "../keystore/state.ts";
import { createTransfer, type AsOwner } from "../keystore/transfer.ts";
import { createIdentityParts } from "../identity-parts.ts";
import { assemble } from "../open.ts";
import { createNotices } from "../notices.ts";
import { pinSelf, type OwnHistory } from "../pins.ts";
import { readAccount, writeAccount, type AccountDocument } from "../self.ts";
import { createSessions } from "../session.ts";
import type { Storage } from "../storage/storage.ts";
import { createMeter, type Meter } from "../traffic.ts";
import { findAfterTheft, findKeystore, type FoundKeystore } from "./find-keystore.ts";
import { findOwnAccount } from "./own-account.ts";

/** Times that the last step begins anew because another device changes keys at the same moment. */
const MAX_TRIES = 3;

const OLDER = "the newest keystore on your server can't be used: an older one was restored, and what was saved since may be missing";

/** What restoring an account needs. */
export interface RecoverOptions {
  /** Empty, or one in which a recovery of this address was interrupted. */
  readonly storage: Storage;
  /** 24 words. */
  readonly phrase: string;
  readonly address: Address;
  readonly deps: ClientDeps;
  /** What this device is called. */
  readonly deviceName?: string;
  /** Replaces the master key and leaves all other devices behind: for one that was lost or stolen. */
  readonly rotate?: boolean;
  /** After a thief has replaced the master key: takes the address back, with what the keystores from before hold. Includes `rotate`. */
  readonly takeBack?: boolean;
}

/** What the phrase spells, for one address. */
interface Secrets {
  readonly recovery: SigningKey;
  readonly keystore: PhraseKeystoreKey;
}

/**
 * Restores an account on an empty machine from the recovery phrase alone (protocol section 8): finds the server through the address,
 * opens the newest keystore that belongs to the history, draws a fresh K, and enters this device. With `rotate` the master key is
 * replaced too, signed by the recovery key, and all other devices are left behind; with `takeBack` as well, after a thief has replaced
 * it. Called again with the same storage after an interruption it goes on where it was. Throws `unauthenticated` for words that are not
 * (or no longer) those of the address, what `findKeystore` throws, and a transport's errors; TypeError for a storage that holds another account.
 */
export async function recoverAccount(options: RecoverOptions): Promise<Client> {
  const { storage, deps, address } = options;
  const before = await readAccount(storage);
  if (before !== null && (before.recovering !== true || before.address !== address))
    throw new TypeError("this storage holds an account already");
  const secret = parsePhrase(normalizePhrase(options.phrase));
  const secrets = { recovery: recoverySigningKey(secret, address), keystore: phraseKeystoreKey(secret) };
  wipe(secret);
  const meter = createMeter(deps.fetch);
  try {
    if (before === null) await restore(options, meter, secrets);
    // What was stored by an interrupted recovery is for whoever has the words, and for nobody else.
    else if (before.recovery_key !== secrets.recovery.publicKey)
      throw new SmimpError("unauthenticated", `these are not the words of ${address}`);
    await complete(options, meter, secrets);
  } finally {
    wipe(secrets.recovery.secretKey, secrets.keystore.seed);
  }
  return await assemble(storage, deps, meter);
}

/** Everything that the keystore holds, stored in one transaction: from here on nothing is fetched twice. */
async function restore(options: RecoverOptions, meter: Meter, secrets: Secrets): Promise<void> {
  const { storage, address, deps, takeBack = false, deviceName = "recovered" } = options;
  const own = await findOwnAccount(meter.fetch, address);
  const { chain } = own;
  const { recovery } = secrets;
  // The recovery key co-signed the record that set it, so no server can show a history that is not the phrase's.
  if (chain.head.document.recovery_key !== recovery.publicKey) {
    const former = chain.keys.has(recovery.publicKey);
    throw new SmimpError("unauthenticated", former ? "this phrase was replaced by another one" : `these are not the words of ${address}`);
  }
  const transfer = createTransfer(createApi(meter.fetch, deps.patience), {
    self: own,
    asOwner: recoverySessions(options, meter, own, recovery),
  });
  const search = { transfer, address, chain, phraseSeed: secrets.keystore.seed };
  const found = takeBack ? await findAfterTheft(search) : await findKeystore(search);
  const newest = found === null ? await transfer.get(null) : null;
  await storage.transact(async (writer) => {
    const state = found ?? { version: null, key: deps.random(32), etag: newest === null || newest === "same" ? null : newest.etag };
    writeAccount(writer, accountOf(options, own, secrets, found));
    keystoreStates.put(writer, ONLY, { version: state.version, key: toB64(state.key), etag: state.etag, dirty: true, pending: null });
    pinSelf(storage, writer, own);
    if (found !== null) await adopt(storage, writer, found.document, deps.clock());
    makeOwnDevice(writer, deviceName, deps.clock(), deps.random);
    if (found?.older === true)
      createNotices(storage, deps.clock, deps.random).post(writer, { code: "keystore_replaced", detail: OLDER, address });
  });
}

function accountOf(
  { address, deps }: RecoverOptions,
  own: OwnHistory,
  { recovery, keystore }: Secrets,
  found: FoundKeystore | null,
): AccountDocument {
  return {
    address,
    baseUrl: own.baseUrl,
    // Without any keystore there is no former key; a new one is set at once.
    master_seed: found?.masterSeed ?? toB64(deps.random(32)),
    recovery_key: recovery.publicKey,
    phrase_key: toB64(keystore.publicKey),
    opening: null,
    recovering: true,
  };
}

/** Sessions of the recovery key: good for the keystore, and there after a thief replaced the master key too (protocol section 5). */
function recoverySessions(
  { address, deps }: RecoverOptions,
  meter: Meter,
  { baseUrl }: Pick<OwnHistory, "baseUrl">,
  recovery: SigningKey,
): AsOwner {
  const sessions = createSessions(
    createApi(meter.fetch, deps.patience),
    { address, baseUrl, master: recovery, role: "recovery" },
    deps.clock,
  );
  return async (work) => await sessions.with(baseUrl, work);
}

/** Changes the keys; only then the account counts as restored. */
async function complete(options: RecoverOptions, meter: Meter, { recovery }: Secrets): Promise<void> {
  const { storage, deps, takeBack = false, rotate = false } = options;
  const account = await readAccount(storage);
  if (account === null) throw new TypeError("there is no account in this storage");
  const asOwner = takeBack ? { asOwner: recoverySessions(options, meter, account, recovery) } : {};
  const parts = createIdentityParts({ storage, account, deps, meter, ...asOwner });
  for (let tries = 1; ; tries++) {
    try {
      const hadBegun = (await readChange(storage)) !== null;
      await parts.keystore.alone(async (room) => {
        // What was begun before an interruption has been finished by now.
        if (hadBegun && (await readChange(storage)) === null) return;
        const plan = await planOf(storage, { recovery, takeBack, rotate });
        await parts.changes.change(takeBack ? pastThief(storage, room, parts.transfer) : room, plan);
      });
      break;
    } catch (error) {
      if (!isSmimpError(error, "conflict") || tries >= MAX_TRIES) throw error;
    }
  }
  await storage.transact(async (writer) => {
    const now = await readAccount(writer);
    if (now === null) throw new TypeError("there is no account in this storage");
    const { recovering: _recovering, ...rest } = now;
    writeAccount(writer, rest);
  });
  await parts.sessions.end();
}

interface Wanted {
  readonly recovery: SigningKey;
  readonly takeBack: boolean;
  readonly rotate: boolean;
}

async function planOf(storage: Storage, { recovery, takeBack, rotate }: Wanted): Promise<ChangePlan> {
  if (!takeBack && !rotate) return { newMaster: false };
  const own = await ownDevice(storage);
  // Whoever has one of them may be the thief; they are linked again by who holds them rightly.
  const without = (await listDevices(storage)).map(({ id }) => id).filter((id) => id !== own?.id);
  return { newMaster: true, recovery, without, keep: 1 };
}

/** A thief's versions can't be opened and need not be: the next one stands above them. */
function pastThief(storage: Storage, room: KeystoreRoom, transfer: ReturnType<typeof createTransfer>): KeystoreRoom {
  return {
    ...room,
    look: async () => {
      const copy = await transfer.get(null);
      await storage.transact(async (writer) => {
        const { unreadable: _unreadable, ...state } = await readState(writer);
        keystoreStates.put(writer, ONLY, { ...state, etag: copy === null || copy === "same" ? null : copy.etag, pending: null });
      });
    },
  };
}

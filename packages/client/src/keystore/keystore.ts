import {
  DAY,
  encodeKeystoreDocument,
  fromB64,
  hash,
  HOUR,
  isSmimpError,
  keystoreVersion,
  MINUTE,
  nextKeystoreKey,
  openKeystore,
  parseKeystoreDocument,
  sealKeystore,
  secondsBetween,
  SmimpError,
  toB64,
  toHex32,
  wipe,
  type Clock,
  type KeystoreDocument,
  type RandomBytes,
  type Timestamp,
} from "@smimp/protocol";
import { listDevices } from "../devices/documents.ts";
import type { NoticeCode } from "../model.ts";
import type { NoticeBoard } from "../notices.ts";
import { pause } from "../pause.ts";
import { readAccount, writeAccount, type AccountDocument, type LiveSelf, type Self } from "../self.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { createTurns } from "../turns.ts";
import { adopt, gather } from "./contents.ts";
import { isUnsaved, keystoreStates as states, ONLY, readState, type KeystoreState, type Pending } from "./state.ts";
import type { KeystoreTransfer, ServerCopy } from "./transfer.ts";

/** Versions that another device may have saved since this one looked. */
const MAX_STEPS = 10_000;
/** Times that a save starts over because other devices save too, and the longest wait in between, milliseconds. */
const MAX_TRIES = 20;
const LONGEST_PAUSE = 100;
/** How long a look is good for where no other device is known, seconds. */
const LOOK_AGAIN = 1 * HOUR;
/** How long a version that can't be opened is left standing, and one after the other of them: another device is changing the keys, seconds. */
const LEAVE_STANDING = 15 * MINUTE;
const LEAVE_CHANGING = 1 * HOUR;
/** How many of these have to be seen in a row, and how long after one the next counts as following it, seconds. */
const SEEN_CHANGING = 3;
const LOOKED_AFTER = 1 * DAY;

/** The copy of a person's keys on their server (protocol section 8). */
export interface Keystore {
  /** Saves what is there now and resolves once the server has it; nothing happens where nothing changed. */
  save(): Promise<void>;
  /** Takes over what other devices saved. One request, and none for an hour where there are no others, unless `force` is set. */
  pull(options?: { readonly force?: boolean }): Promise<void>;
  /** Runs `work` while nothing else reads or saves the keystore; a change of keys that was interrupted is finished first. */
  alone<Result>(work: (room: KeystoreRoom) => Promise<Result>): Promise<Result>;
}

/** What may be done while nobody else does. */
export interface KeystoreRoom {
  /** Asks the server for the newest version and takes it over. */
  look(): Promise<void>;
  /**
   * As `Keystore.save`. `replacing`: what this device can't open gives way at once, since nobody else can have saved it after the
   * record that this device has just appended.
   */
  save(options?: { readonly replacing?: boolean }): Promise<void>;
}

/** What the keystore works with. */
export interface KeystoreOptions {
  readonly storage: Storage;
  readonly transfer: KeystoreTransfer;
  readonly self: LiveSelf;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly notices: NoticeBoard;
  /** Finishes a change of keys that was interrupted. */
  readonly finishChange: (room: KeystoreRoom) => Promise<void>;
  /** Asks for a K that another device has handed over; true: the state holds it now. */
  readonly takeHandOver: () => Promise<boolean>;
  /** Hands K over to the owner's other devices. */
  readonly leaveHandOver: (content: { readonly key: Uint8Array; readonly version: number }) => Promise<void>;
}

/** Seals version 0, which travels with `initialize_account`; what became of it is asked at the first save. */
export async function beginKeystore(writer: StorageWriter, self: Self, random: RandomBytes): Promise<Uint8Array> {
  const key = random(32);
  const text = encodeKeystoreDocument(await gather(writer));
  const sealed = sealKeystore({ address: self.address, version: 0, key, phraseKey: self.phraseKey, text, random });
  const pending = { version: 0, key: toB64(key), hash: toHex32(hash(sealed)) };
  states.put(writer, ONLY, { version: null, key: toB64(key), etag: null, dirty: false, pending });
  return sealed;
}

/** K of a later version, by steps from a known one. Throws `decryption_failed` where that is too far away. */
export function stepTo(key: Uint8Array, steps: number): Uint8Array {
  if (steps < 0 || steps > MAX_STEPS) throw new SmimpError("decryption_failed", "no way leads from the known version to this one");
  let next = key;
  for (let step = 0; step < steps; step++) next = nextKeystoreKey(next);
  return next;
}

/** The server's copy, saved one version after the other. */
export function createKeystore(options: KeystoreOptions): Keystore {
  const { storage, transfer, self, clock, random, notices } = options;
  const turns = createTurns();
  let lookedAt: Timestamp | null = null;

  const write = async (change: (state: KeystoreState) => KeystoreState): Promise<void> =>
    await storage.transact(async (writer) => states.put(writer, ONLY, change(await readState(writer))));

  const tell = async (code: NoticeCode, detail: string): Promise<void> => {
    if ((await notices.list()).some((each) => each.code === code && each.detail === detail)) return;
    await storage.transact(async (writer) => void notices.post(writer, { code, detail, address: self.address }));
  };

  // From here on K_n is gone: who takes this device opens no older copy (protocol section 8).
  const acknowledge = async (pending: Pending, etag: string | null): Promise<void> =>
    await write((state) => {
      // Another K may have been put in place meanwhile.
      if (state.pending?.hash !== pending.hash) return state;
      const { unreadable: _unreadable, keep, ...rest } = state;
      // Whoever wants earlier versions erased since this one was sealed means this one as well.
      const stillDue = state.dirty && keep !== undefined ? { keep } : {};
      return { ...rest, ...stillDue, version: pending.version, key: pending.key, etag, pending: null };
    });

  /** Looks at the newest version: finds out what became of one whose answer was lost, and takes over what another device saved. */
  async function look(): Promise<void> {
    const state = await readState(storage);
    const { pending } = state;
    const copy = await transfer.get(pending === null ? state.etag : null);
    lookedAt = clock();
    if (copy === "same") return await seenAgain();
    if (copy !== null && pending !== null && copy.hash === pending.hash) return await acknowledge(pending, copy.etag);
    if (copy === null || copy.etag === state.etag) {
      if (copy === null && state.etag !== null) await tell("keystore_rolled_back", GONE);
      await seenAgain();
      const etag = copy?.etag ?? null;
      if (pending !== null || etag !== state.etag) await write((now) => ({ ...now, etag, dirty: true, pending: null }));
      return;
    }
    await takeOver(copy);
  }

  /** The version that this device knows stands there: whatever could not be opened is gone. */
  async function seenAgain(): Promise<void> {
    if ((await readState(storage)).unreadable !== undefined) await write(({ unreadable: _unreadable, ...state }) => state);
  }

  async function takeOver(copy: ServerCopy): Promise<void> {
    const state = await readState(storage);
    const version = versionOf(copy);
    const known = state.version ?? 0;
    // With these bytes it never acknowledged that version; one that was handed over has not been seen before.
    const older = version !== null && state.version !== null && version < known;
    if (older && state.moved === true) return await write(({ moved: _moved, ...now }) => ({ ...now, etag: copy.etag, dirty: true }));
    if (older || (version !== null && version === state.version && state.etag !== null)) {
      await tell("keystore_rolled_back", `your server shows version ${version} of your keystore, although it had ${known} already`);
      if (version < known) return await write((now) => ({ ...now, etag: copy.etag, dirty: true, pending: null }));
    }
    if (copy.hash === state.abandoned) return await write((now) => ({ ...now, etag: copy.etag, dirty: true, pending: null }));
    const opened = open(state, copy);
    if (opened !== null) return await takeIn(opened, copy.etag);
    if (await options.takeHandOver()) {
      const again = open(await readState(storage), copy);
      if (again !== null) return await takeIn(again, copy.etag);
    }
    await leaveStanding(copy, version);
  }

  function open({ version: known, key }: KeystoreState, copy: ServerCopy): Opened | null {
    try {
      const version = keystoreVersion(copy.bytes);
      const stepped = stepTo(fromB64(key), version - (known ?? 0));
      return { version, key: stepped, document: parseKeystoreDocument(openKeystore(self.address, copy.bytes, { key: stepped }).text) };
    } catch (error) {
      if (!isSmimpError(error)) throw error;
      return null;
    }
  }

  async function takeIn({ version, key, document }: Opened, etag: string | null): Promise<void> {
    const { account, forked } = await storage.transact(async (writer) => {
      const state = await readState(writer);
      const { unreadable: _unreadable, abandoned: _abandoned, moved: _moved, handedOver, ...rest } = state;
      const now = handedOver === true ? await adoptPhrase(writer, document) : null;
      const adopted = await adopt(storage, writer, document, clock());
      states.put(writer, ONLY, { ...rest, version, key: toB64(key), etag, dirty: adopted.differs, pending: null });
      return { account: now, forked: adopted.forked };
    });
    if (account !== null) self.change(account);
    for (const address of forked) {
      await tell("history_rewritten", `the server of ${address} shows your devices different histories: ask ${address} on another channel`);
    }
  }

  /** A version that this device can't open is another device's change of keys, or somebody planted it: then it goes after a while. */
  async function leaveStanding({ etag }: ServerCopy, version: number | null): Promise<void> {
    const now = clock();
    const { unreadable: before } = await readState(storage);
    // One that follows another belongs to it, unless nobody has looked for so long that there may have been anything in between.
    const follows = before !== undefined && Math.abs(secondsBetween(before.since, now)) <= LOOKED_AFTER;
    const isSame = before?.etag === etag;
    const row = follows ? { began: before.began, seen: before.seen + 1 } : { began: now, seen: 1 };
    const unreadable = isSame ? before : { etag, version, since: now, ...row };
    // What was on its way does not stand there: it is still to be saved.
    await write(({ pending, dirty, ...state }) => ({ ...state, unreadable, dirty: dirty || pending !== null, pending: null }));
    const changing = Math.abs(secondsBetween(unreadable.began, now)) < LEAVE_CHANGING || unreadable.seen < SEEN_CHANGING;
    if (changing && Math.abs(secondsBetween(unreadable.since, now)) < LEAVE_STANDING) return;
    await tell("keystore_replaced", `a keystore that nobody can open stood on your server since ${unreadable.began}: it was replaced`);
    await replace();
    // Perhaps a device saved it that was away for so long that a fresh K never reached it: it must not go on replacing this one's.
    await write((state) => ({ ...state, handOverDue: true }));
  }

  /** The next version goes in the place of the one that can't be opened. */
  const replace = async (): Promise<void> =>
    await write(({ unreadable, ...state }) => {
      if (unreadable === undefined) return state;
      const { etag, version } = unreadable;
      const known = state.version ?? 0;
      // Above the version that stands there, where its number makes sense.
      const steps = version !== null && version > known && version - known <= MAX_STEPS ? version - known : 0;
      const key = toB64(stepTo(fromB64(state.key), steps));
      return { ...state, version: known + steps, key, etag, dirty: true, pending: null };
    });

  /** Seals the next version and remembers that it may be on its way, in one transaction with what it holds. */
  async function prepare(): Promise<Prepared> {
    return await storage.transact(async (writer) => {
      const state = await readState(writer);
      const version = state.version === null ? 0 : state.version + 1;
      const key = state.version === null ? fromB64(state.key) : nextKeystoreKey(fromB64(state.key));
      const text = encodeKeystoreDocument(await gather(writer));
      const sealed = sealKeystore({ address: self.address, version, key, phraseKey: self.phraseKey, text, random });
      const pending = { version, key: toB64(key), hash: toHex32(hash(sealed)) };
      wipe(key, text);
      states.put(writer, ONLY, { ...state, dirty: false, pending });
      return { sealed, pending, etag: state.etag, keep: state.keep ?? null };
    });
  }

  async function save({ replacing = false }: { readonly replacing?: boolean } = {}): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const state = await readState(storage);
      if (state.unreadable !== undefined) await (replacing ? replace() : look());
      const now = await readState(storage);
      if (now.unreadable !== undefined && now.dirty && !replacing) break;
      if (now.pending !== null) await look();
      else if (!now.dirty) return await handOverIfDue();
      else await put(tries);
    }
    const { unreadable } = await readState(storage);
    if (!(await isUnsaved(storage))) return;
    if (unreadable !== undefined)
      throw new SmimpError("temporarily_unavailable", "another device is changing your keys", { retryAfter: 60 });
    throw new SmimpError("conflict", "other devices keep changing the keystore");
  }

  async function handOverIfDue(): Promise<void> {
    const { handOverDue, version, key } = await readState(storage);
    if (handOverDue !== true || version === null) return;
    await options.leaveHandOver({ key: fromB64(key), version });
    await write(({ handOverDue: _done, ...state }) => state);
  }

  async function put(tries: number): Promise<void> {
    const { sealed, pending, etag, keep } = await prepare();
    const stored = await transfer.put(sealed, etag, keep);
    if (stored !== false) return await acknowledge(pending, stored.etag);
    await look();
    // Devices that save at the same time shall not go on meeting.
    if (tries > 1) await pause(((random(1)[0] ?? 0) * LONGEST_PAUSE) / 255);
  }

  const room: KeystoreRoom = { look, save };
  const alone = async <Result>(work: (alone: KeystoreRoom) => Promise<Result>): Promise<Result> =>
    await turns(async () => {
      await options.finishChange(room);
      return await work(room);
    });
  return {
    alone,
    save: async () => await alone(async () => await save()),
    pull: async ({ force = false } = {}) => {
      const recent = lookedAt !== null && Math.abs(secondsBetween(lookedAt, clock())) < LOOK_AGAIN;
      const { expecting } = await readState(storage);
      const others = (await listDevices(storage)).length > 1 || (expecting !== undefined && expecting > clock());
      if (!force && recent && !others) return;
      await alone(look);
    },
  };
}

const GONE = "your server has lost your keystore: it gets a new copy";

interface Opened {
  readonly version: number;
  readonly key: Uint8Array;
  readonly document: KeystoreDocument;
}

interface Prepared {
  readonly sealed: Uint8Array;
  readonly pending: Pending;
  readonly etag: string | null;
  readonly keep: number | null;
}

/** The phrase's key as the device that handed K over has it: it may have changed the phrase. */
async function adoptPhrase(writer: StorageWriter, { settings }: KeystoreDocument): Promise<AccountDocument | null> {
  const account = await readAccount(writer);
  if (account === null || settings.phrase_key === undefined || settings.phrase_key === account.phrase_key) return null;
  const changed = { ...account, phrase_key: settings.phrase_key };
  writeAccount(writer, changed);
  return changed;
}

function versionOf({ bytes }: ServerCopy): number | null {
  try {
    return keystoreVersion(bytes);
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return null;
  }
}

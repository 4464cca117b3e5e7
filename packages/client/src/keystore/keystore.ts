import {
  encodeKeystoreDocument,
  fromB64,
  hash,
  isSmimpError,
  keystoreVersion,
  MAX_KEYSTORE_BYTES,
  nextKeystoreKey,
  openKeystore,
  parseKeystoreDocument,
  sealKeystore,
  SmimpError,
  toB64,
  toHex32,
  wipe,
  type Clock,
  type RandomBytes,
} from "@smimp/protocol";
import { etagOf, type Api } from "../api.ts";
import type { Self } from "../self.ts";
import type { Sessions } from "../session.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { createTurns } from "../turns.ts";
import { adopt, gather } from "./contents.ts";
import { keystoreStates as states, ONLY, type KeystoreState, type Pending } from "./state.ts";

/** Versions that another device may have saved since this one looked. */
const MAX_STEPS = 10_000;
/** Times that a save starts over because other devices save too. */
const MAX_TRIES = 5;
/** Seconds that uploading the keystore may take. */
const UPLOAD_SECONDS = 120;

/** The copy of a person's keys on their server (protocol section 8). */
export interface Keystore {
  /** Saves what is there now and resolves once the server has it; nothing happens where nothing changed. */
  save(): Promise<void>;
  /** Takes over what other devices saved. One request, and none for an hour where there are no others, unless `force` is set. */
  pull(options?: { readonly force?: boolean }): Promise<void>;
}

/** What the keystore works with. */
export interface KeystoreOptions {
  readonly storage: Storage;
  readonly api: Api;
  readonly sessions: Sessions;
  readonly self: Self;
  readonly clock: Clock;
  readonly random: RandomBytes;
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

/** The server's copy, saved one version after the other. */
export function createKeystore({ storage, api, sessions, self, clock, random }: KeystoreOptions): Keystore {
  const turns = createTurns();

  async function read(): Promise<KeystoreState> {
    const state = await states.get(storage, ONLY);
    if (state === null) throw new TypeError("there is no keystore in this storage");
    return state;
  }

  const write = async (change: (state: KeystoreState) => KeystoreState): Promise<KeystoreState> =>
    await storage.transact(async (writer) => {
      const before = await states.get(writer, ONLY);
      if (before === null) throw new TypeError("there is no keystore in this storage");
      const after = change(before);
      states.put(writer, ONLY, after);
      return after;
    });

  // From here on K_n is gone: who takes this device opens no older copy (protocol section 8).
  const acknowledge = async ({ version, key }: Pending, etag: string | null): Promise<void> =>
    void (await write((state) => ({ ...state, version, key, etag, pending: null })));

  /** Finds out what became of a version whose answer was lost, and takes over what another device saved. */
  async function settle(state: KeystoreState): Promise<void> {
    const { pending } = state;
    const answer = await sessions
      .with(self.baseUrl, async (token) => await api.readBytes(self.baseUrl, "getKeystore", { token, maxBytes: MAX_KEYSTORE_BYTES }))
      .catch((error: unknown) => {
        if (isSmimpError(error, "not_found")) return null;
        throw error;
      });
    const etag = answer === null ? null : etagOf(answer);
    if (pending !== null && answer !== null && toHex32(hash(answer.body)) === pending.hash) return await acknowledge(pending, etag);
    if (answer !== null && etag === state.etag && pending === null) return;
    if (answer === null || etag === state.etag) {
      await write((now) => ({ ...now, etag, dirty: true, pending: null }));
      return;
    }
    await takeOver(state, answer.body, etag);
  }

  async function takeOver(state: KeystoreState, sealed: Uint8Array, etag: string | null): Promise<void> {
    const version = keystoreVersion(sealed);
    const steps = version - (state.version ?? 0);
    if (steps > MAX_STEPS) throw new SmimpError("conflict", "the server holds a keystore that is none of the next ones");
    if (steps < 0) {
      // The server has gone back, as after a backup was put back. Its copy can't be opened any more, and needn't be: all that was in
      // it is here, and the next version takes its place.
      await write((now) => ({ ...now, etag, dirty: true, pending: null }));
      return;
    }
    let key = fromB64(state.key);
    for (let step = 0; step < steps; step++) key = nextKeystoreKey(key);
    const theirs = parseKeystoreDocument(openKeystore(self.address, sealed, { key }).text);
    await storage.transact(async (writer) => {
      await adopt(storage, writer, theirs, clock());
      states.put(writer, ONLY, { version, key: toB64(key), etag, dirty: true, pending: null });
    });
  }

  /** Seals the next version and remembers that it may be on its way, in one transaction with what it holds. */
  async function prepare(): Promise<{ readonly sealed: Uint8Array; readonly pending: Pending; readonly etag: string | null }> {
    return await storage.transact(async (writer) => {
      const state = await states.get(writer, ONLY);
      if (state === null) throw new TypeError("there is no keystore in this storage");
      const version = state.version === null ? 0 : state.version + 1;
      const key = state.version === null ? fromB64(state.key) : nextKeystoreKey(fromB64(state.key));
      const text = encodeKeystoreDocument(await gather(writer));
      const sealed = sealKeystore({ address: self.address, version, key, phraseKey: self.phraseKey, text, random });
      const pending = { version, key: toB64(key), hash: toHex32(hash(sealed)) };
      wipe(key, text);
      states.put(writer, ONLY, { ...state, dirty: false, pending });
      return { sealed, pending, etag: state.etag };
    });
  }

  async function put(): Promise<boolean> {
    const { sealed, pending, etag } = await prepare();
    const headers: Record<string, string> = etag === null ? { "if-none-match": "*" } : { "if-match": etag };
    const body = { bytes: new Uint8Array(sealed), length: sealed.length, seconds: UPLOAD_SECONDS, headers };
    try {
      const answer = await sessions.with(self.baseUrl, async (token) => await api.put(self.baseUrl, "putKeystore", { ...body, token }));
      await acknowledge(pending, etagOf(answer));
      return true;
    } catch (error) {
      if (isSmimpError(error, "precondition_failed")) return false;
      throw error;
    }
  }

  return {
    pull: async () => await turns(async () => await settle(await read())),
    save: async () =>
      await turns(async () => {
        for (let tries = 0; tries < MAX_TRIES; tries++) {
          const state = await read();
          if (state.pending !== null) await settle(state);
          else if (!state.dirty) return;
          else if (!(await put())) await settle(await read());
        }
        if ((await read()).dirty) throw new SmimpError("conflict", "other devices keep changing the keystore");
      }),
  };
}

import {
  addSeconds,
  CLIENT_KEYS,
  CLIENT_KEYS_LOW,
  DAY,
  HOUR,
  NON_EPHEMERAL_ROTATION,
  secondsBetween,
  type Clock,
  type Hex32,
  type RandomBytes,
  type Statement,
  type Timestamp,
} from "@smimp/protocol";
import type { Api } from "./api.ts";
import type { Keystore } from "./keystore/keystore.ts";
import { markDirty } from "./keystore/state.ts";
import { allKeys, makeKeys, markPublished, storeKeys, type MessageKeyDocument } from "./message-keys.ts";
import type { Self } from "./self.ts";
import type { Sessions } from "./session.ts";
import type { Storage } from "./storage/storage.ts";

/** How long a look at the server's keys is good for, seconds, unless messages came in the meantime. */
const LOOK_AGAIN = 1 * HOUR;
/** A key that was never published and has less life left than this is not published any more, seconds. */
const MIN_LIFE_LEFT = 60 * DAY;

/** Keeps enough message keys on the server (protocol section 4). */
export interface KeyUpkeep {
  /** Looks whether keys are due; asks the server where `keysWereUsed`, or where it hasn't been asked for an hour. */
  run(keysWereUsed: boolean): Promise<void>;
}

/** What upkeep works with. */
export interface UpkeepParts {
  readonly storage: Storage;
  readonly api: Api;
  readonly sessions: Sessions;
  readonly self: Self;
  readonly keystore: Keystore;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

interface Publishable {
  readonly keyId: Hex32;
  readonly statement: Statement;
}

/** Tops up single-use keys and rotates the non-ephemeral one. */
export function createKeyUpkeep(parts: UpkeepParts): KeyUpkeep {
  const { storage, api, sessions, self, keystore, clock } = parts;
  let lookedAt: Timestamp | null = null;

  async function topUp(): Promise<void> {
    const { count } = await sessions.with(self.baseUrl, async (token) => await api.call(self.baseUrl, "getEphemeralKeys", { token }));
    if (count < CLIENT_KEYS_LOW) await add(CLIENT_KEYS - count);
    // Only now: what failed half-way is done with the next sync.
    lookedAt = clock();
  }

  async function add(count: number): Promise<void> {
    const ready = await readyKeys("ephemeral", count);
    const body = { keys: ready.map(({ statement }) => statement) };
    await sessions.with(self.baseUrl, async (token) => await api.call(self.baseUrl, "addEphemeralKeys", { token, body }));
    await published(ready);
  }

  async function rotate(): Promise<void> {
    const [key] = await readyKeys("non_ephemeral", 1);
    if (key === undefined) return;
    await sessions.with(self.baseUrl, async (token) => await api.call(self.baseUrl, "putNonephemeralKey", { token, body: key.statement }));
    await published([key]);
  }

  async function isRotationDue(): Promise<boolean> {
    const current = [...(await allKeys(storage)).values()].filter(({ kind, statement }) => kind === "non_ephemeral" && statement === null);
    return current.every(({ created_at }) => secondsBetween(created_at, clock()) >= NON_EPHEMERAL_ROTATION);
  }

  /** So many keys that may be published: those left over from an interrupted time, then new ones; all of them saved in the keystore. */
  async function readyKeys(kind: MessageKeyDocument["kind"], count: number): Promise<readonly Publishable[]> {
    const ready = await storage.transact(async (writer) => {
      const left = [...(await allKeys(writer))].flatMap(([keyId, { kind: itsKind, statement, expires_at }]) =>
        itsKind === kind && statement !== null && expires_at > addSeconds(clock(), kind === "ephemeral" ? MIN_LIFE_LEFT : 0)
          ? [{ keyId, statement }]
          : [],
      );
      const made = makeKeys({ ...self, clock, random: parts.random }, kind, Math.max(0, count - left.length));
      storeKeys(writer, made);
      if (made.length > 0) await markDirty(writer);
      return [...left, ...made].slice(0, count);
    });
    // A key is published only after the keystore that holds its secret is saved (protocol section 4).
    await keystore.save();
    return ready;
  }

  const published = async (keys: readonly Publishable[]): Promise<void> =>
    await storage.transact(
      async (writer) =>
        await markPublished(
          writer,
          keys.map(({ keyId }) => keyId),
        ),
    );

  return {
    run: async (keysWereUsed) => {
      if (await isRotationDue()) await rotate();
      if (keysWereUsed || lookedAt === null || secondsBetween(lookedAt, clock()) >= LOOK_AGAIN) await topUp();
    },
  };
}

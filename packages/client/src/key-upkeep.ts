import {
  addSeconds,
  checkMessageKey,
  CLIENT_KEYS,
  CLIENT_KEYS_LOW,
  DAY,
  HOUR,
  isSmimpError,
  MAX_CLOCK_SKEW,
  NON_EPHEMERAL_ROTATION,
  parseTimestamp,
  secondsBetween,
  type Clock,
  type Hex32,
  type ProblemCode,
  type RandomBytes,
  type Statement,
  type Timestamp,
} from "@smimp/protocol";
import type { Api } from "./api.ts";
import type { Keystore } from "./keystore/keystore.ts";
import { markDirty } from "./keystore/state.ts";
import { allKeys, liveKeys, makeKeys, markPublished, storeKeys, type MessageKeyDocument } from "./message-keys.ts";
import type { LiveSelf } from "./self.ts";
import type { Sessions } from "./session.ts";
import type { Storage } from "./storage/storage.ts";

/** How long a look at the server's keys is good for, seconds, unless messages came in the meantime. */
const LOOK_AGAIN = 1 * HOUR;
/**
 * Single-use keys that were published and are not used up, at the most. A server that always says it has none left, whether drained
 * or lying, gets no more: senders are given the stand-in key then.
 */
const MAX_LIVE_KEYS = 2_000;
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
  readonly self: LiveSelf;
  readonly keystore: Keystore;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** What is wrong with a stand-in key that a new one takes the place of. */
const UNUSABLE: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  "not_found",
  "key_expired",
  "bad_signature",
  "bad_request",
  "bad_address",
]);
/** When a key was made that counts as none of the server's. */
const LONG_AGO = parseTimestamp("1970-01-01T00:00:00Z");

/** Whether a key came too late: the server knows another master key by now, or has made this key void. */
function isOvertaken(error: unknown): boolean {
  return isSmimpError(error, "conflict") || isSmimpError(error, "bad_signature");
}

interface Publishable {
  readonly keyId: Hex32;
  readonly statement: Statement;
}

/** Tops up single-use keys and rotates the non-ephemeral one. */
export function createKeyUpkeep(parts: UpkeepParts): KeyUpkeep {
  const { storage, api, sessions, self, keystore, clock } = parts;
  let lookedAt: Timestamp | null = null;

  const asOwner = async <Result>(work: (token: string) => Promise<Result>): Promise<Result> => await sessions.with(self.baseUrl, work);

  async function topUp(): Promise<void> {
    const held = await asOwner(async (token) => await api.call(self.baseUrl, "getEphemeralKeys", { token }));
    // Messages sealed to keys that nobody can open would be lost: those of a keystore that was restored from an older version.
    // No sender takes one that is dated ahead: made by a clock that was wrong, it would be handed out and refused for as long.
    if ((await hasUnknown(held.key_ids)) || (await hasDatedAhead(held.key_ids))) await publish("replaceEphemeralKeys", CLIENT_KEYS);
    else if (held.count < CLIENT_KEYS_LOW) await publish("addEphemeralKeys", CLIENT_KEYS - held.count);
    if (!(await isStandInUsable())) await rotate();
    // Only now: what failed half-way is done with the next sync.
    lookedAt = clock();
  }

  /** Whether the server gives out keys whose secrets no device has, as far as the keystore says. */
  async function hasUnknown(keyIds: readonly Hex32[]): Promise<boolean> {
    const isUnknown = async (): Promise<boolean> => {
      const known = await allKeys(storage);
      return keyIds.some((keyId) => (known.get(keyId)?.seed ?? null) === null);
    };
    if (!(await isUnknown())) return false;
    // Another device may have published them just now; it saved the keystore first.
    await keystore.pull({ force: true });
    return await isUnknown();
  }

  async function hasDatedAhead(keyIds: readonly Hex32[]): Promise<boolean> {
    const known = await allKeys(storage);
    return keyIds.some((keyId) => isAhead(known.get(keyId)?.created_at ?? LONG_AGO));
  }

  const isAhead = (createdAt: Timestamp): boolean => createdAt > addSeconds(clock(), MAX_CLOCK_SKEW);

  async function publish(how: "addEphemeralKeys" | "replaceEphemeralKeys", count: number): Promise<void> {
    const ready = await readyKeys("ephemeral", count);
    if (ready.length === 0 && how === "addEphemeralKeys") return;
    const body = { keys: ready.map(({ statement }) => statement) };
    try {
      await asOwner(async (token) => await api.call(self.baseUrl, how, { token, body }));
    } catch (error) {
      // Other devices were faster, or have replaced the master key: the next sync looks again.
      if (isSmimpError(error, "quota_exceeded") || isOvertaken(error)) return;
      throw error;
    }
    await published(ready.map(({ keyId }) => keyId));
  }

  async function rotate(): Promise<void> {
    const [key] = await readyKeys("non_ephemeral", 1);
    if (key === undefined) return;
    try {
      await asOwner(async (token) => await api.call(self.baseUrl, "putNonephemeralKey", { token, body: key.statement }));
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      // The server has made it void, after another device's came: it can never be published, and must not be tried for ever.
      await giveUp(key.keyId);
      return;
    }
    await published([key.keyId]);
  }

  async function isRotationDue(): Promise<boolean> {
    const current = await currentStandIns();
    return current.every(({ created_at }) => isAhead(created_at) || secondsBetween(created_at, clock()) >= NON_EPHEMERAL_ROTATION);
  }

  async function currentStandIns(): Promise<readonly MessageKeyDocument[]> {
    const { publicKey } = self.master;
    return [...(await allKeys(storage)).values()].filter(
      ({ kind, statement, seed, signed_by }) => kind === "non_ephemeral" && statement === null && seed !== null && signed_by === publicKey,
    );
  }

  /** Whether the key that the server gives out when no single-use key is left is one that can be opened. */
  async function isStandInUsable(): Promise<boolean> {
    try {
      const statement = await asOwner(async (token) => await api.call(self.baseUrl, "getNonephemeralKey", { token }));
      const owner = { address: self.address, publicKey: self.master.publicKey };
      const { keyId } = checkMessageKey({ statement, ...owner, now: clock(), kind: "non_ephemeral" });
      return !(await hasUnknown([keyId]));
    } catch (error) {
      if (isSmimpError(error) && UNUSABLE.has(error.code)) return false;
      throw error;
    }
  }

  /** So many keys that may be published: those left over from an interrupted time, then new ones; all of them saved in the keystore. */
  async function readyKeys(kind: MessageKeyDocument["kind"], count: number): Promise<readonly Publishable[]> {
    const { master } = self;
    const ready = await storage.transact(async (writer) => {
      const left = [...(await allKeys(writer))].flatMap(([keyId, { kind: itsKind, statement, created_at, expires_at, signed_by }]) =>
        itsKind === kind &&
        statement !== null &&
        !isAhead(created_at) &&
        signed_by === master.publicKey &&
        expires_at > addSeconds(clock(), kind === "ephemeral" ? MIN_LIFE_LEFT : 0)
          ? [{ keyId, statement }]
          : [],
      );
      const maker = { address: self.address, master, clock, random: parts.random };
      const room = kind === "ephemeral" ? Math.max(0, MAX_LIVE_KEYS - (await liveKeys(writer, master.publicKey, clock())).length) : 1;
      const made = makeKeys(maker, kind, Math.min(room, Math.max(0, count - left.length)));
      storeKeys(writer, made);
      if (made.length > 0) await markDirty(writer);
      return [...left, ...made].slice(0, count);
    });
    // A key is published only after the keystore that holds its secret is saved (protocol section 4).
    await keystore.save();
    return ready;
  }

  const published = async (keyIds: readonly Hex32[]): Promise<void> =>
    await storage.transact(async (writer) => await markPublished(writer, keyIds));

  const giveUp = async (keyId: Hex32): Promise<void> =>
    await storage.transact(async (writer) => {
      const found = (await allKeys(writer)).get(keyId);
      // A lost answer may have been a yes: the secret stays until it expires, but it counts as no key of the server's.
      if (found !== undefined) storeKeys(writer, [{ keyId, document: { ...found, statement: null, created_at: LONG_AGO } }]);
    });

  return {
    run: async (keysWereUsed) => {
      if (await isRotationDue()) await rotate();
      if (keysWereUsed || lookedAt === null || Math.abs(secondsBetween(lookedAt, clock())) >= LOOK_AGAIN) await topUp();
    },
  };
}

import {
  hash,
  keystoreVersion,
  parseAddress,
  parseBaseUrl,
  parseTimestamp,
  phraseKeystoreKey,
  randomBytes,
  signingKey,
  SmimpError,
  toB64,
  toHex,
  toHex32,
  type KeystorePin,
  type Timestamp,
} from "@smimp/protocol";
import { makeOwnDevice } from "../src/devices/documents.ts";
import { beginKeystore, createKeystore, type Keystore } from "../src/keystore/keystore.ts";
import { keystoreStates, markDirty, ONLY, readState } from "../src/keystore/state.ts";
import type { KeystoreTransfer, ServerCopy } from "../src/keystore/transfer.ts";
import { createNotices } from "../src/notices.ts";
import { createPeople } from "../src/people.ts";
import { selfOf, writeAccount, type AccountDocument } from "../src/self.ts";
import { createMemoryStorage } from "../src/storage/memory.ts";
import type { Storage, StorageWriter } from "../src/storage/storage.ts";

// Devices of one person that share a keystore over a line that is slow and may break.

/** Whose devices they are. */
export const address = parseAddress("alice#alpha.example");
const baseUrl = parseBaseUrl("https://smimp.alpha.example/");
/** What the recovery phrase opens. */
export const phrase = phraseKeystoreKey(randomBytes(32));
/** Their account, as each device stores it. */
export const account: AccountDocument = {
  address,
  baseUrl,
  master_seed: toB64(randomBytes(32)),
  recovery_key: signingKey(randomBytes(32)).publicKey,
  phrase_key: toB64(phrase.publicKey),
  opening: null,
};
/** When it begins. */
export const BEGIN = parseTimestamp("2026-11-23T00:00:00Z");

/** Numbers that are the same each time, so that a failure can be seen again. */
export function seeded(seed: number): (below: number) => number {
  let state = seed * 2 + 1;
  return (below) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    state = Math.imul(state ^ (state >>> 12), 0x297a2d39);
    state ^= state >>> 15;
    return (state >>> 0) % below;
  };
}

/** One server's keystore, the line to it, and the clock of all. */
export interface World {
  readonly pick: (below: number) => number;
  now: Timestamp;
  /** All versions that were ever stored, the newest last. */
  readonly stored: ServerCopy[];
  lossy: boolean;
  puts: number;
  /** How many versions the last one that was stored has left; null: as many as the server keeps. */
  kept?: number | null;
  /** Called while a version is on its way. */
  onPut?: () => Promise<void>;
}

/** A server's keystore with a line that is slow and, where `lossy` is set, breaks before or after its work. */
function lineTo(world: World): KeystoreTransfer {
  const { pick, stored } = world;
  const travel = async (): Promise<void> => {
    for (let turns = pick(4); turns > 0; turns--) await new Promise<void>((resolve) => void setImmediate(resolve));
    if (world.lossy && pick(8) === 0) throw new SmimpError("temporarily_unavailable", "the line is cut");
  };
  const newest = (): ServerCopy | null => stored.at(-1) ?? null;
  return {
    get: async (known) => {
      await travel();
      const copy = newest();
      await travel();
      return copy !== null && copy.etag === known ? "same" : copy;
    },
    getVersion: async (version) => {
      await travel();
      return stored.findLast(({ bytes }) => keystoreVersion(bytes) === version) ?? null;
    },
    versions: async () => await Promise.resolve(stored.map(({ bytes }) => keystoreVersion(bytes))),
    put: async (sealed, after, keep) => {
      await world.onPut?.();
      await travel();
      if ((newest()?.etag ?? null) !== after) return false;
      const copy = { bytes: sealed.slice(), etag: `"${toHex(hash(sealed))}"`, hash: toHex32(hash(sealed)) };
      stored.push(copy);
      world.puts++;
      world.kept = keep;
      await travel();
      return { etag: copy.etag };
    },
  };
}

/** One device of the owner's. */
export interface Device {
  readonly storage: Storage;
  readonly keystore: Keystore;
  readonly people: ReturnType<typeof createPeople>;
}

async function deviceOf(world: World, prepare: (storage: Storage, writer: StorageWriter) => Promise<void>): Promise<Device> {
  const storage = createMemoryStorage();
  await storage.transact(async (writer) => {
    writeAccount(writer, account);
    makeOwnDevice(writer, "device", world.now, randomBytes);
    await prepare(storage, writer);
  });
  const clock = (): Timestamp => world.now;
  const notices = createNotices(storage, clock, randomBytes);
  const nobody = async (): Promise<never> => await Promise.reject(new SmimpError("temporarily_unavailable", "there is no network here"));
  return {
    storage,
    people: createPeople({ storage, fetch: nobody, clock, notices, me: address }),
    keystore: createKeystore({
      storage,
      transfer: lineTo(world),
      self: selfOf(account),
      clock,
      random: randomBytes,
      notices,
      finishChange: async () => await Promise.resolve(),
      takeHandOver: async () => await Promise.resolve(false),
      leaveHandOver: async () => await Promise.resolve(),
    }),
  };
}

/** The first device has opened the account; the others were linked. */
export async function devicesOf(world: World, count: number): Promise<readonly Device[]> {
  const first = await deviceOf(world, async (_storage, writer) => {
    const sealed = await beginKeystore(writer, selfOf(account), randomBytes);
    world.stored.push({ bytes: sealed, etag: `"${toHex(hash(sealed))}"`, hash: toHex32(hash(sealed)) });
    await markDirty(writer);
  });
  await first.keystore.save();
  const state = await readState(first.storage);
  const others = Array.from(
    { length: count - 1 },
    async () =>
      await deviceOf(world, async (_storage, writer) => {
        keystoreStates.put(writer, ONLY, { ...state, dirty: true });
        await Promise.resolve();
      }),
  );
  return [first, ...(await Promise.all(others))];
}

/** A pin of somebody of that name, of a history that nobody else has. */
export const pinOf = (name: string): KeystorePin => {
  const link = toHex32(randomBytes(32));
  return {
    address: parseAddress(`${name}#beta.example`),
    first_link: link,
    link,
    sequence: 0,
    public_key: account.recovery_key,
    key_link: link,
  };
};

/** Syncs one after the other until nobody has anything to say; fails where that takes more than a few rounds. */
export async function settle(world: World, devices: readonly Device[]): Promise<void> {
  world.lossy = false;
  for (let round = 0; round < 4; round++) {
    const before = world.puts;
    for (const { keystore } of devices) {
      await keystore.pull({ force: true });
      await keystore.save();
    }
    if (world.puts === before) return;
  }
  throw new Error("the devices never agree");
}

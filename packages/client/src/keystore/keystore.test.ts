import {
  addSeconds,
  DAY,
  fromB64,
  hash,
  HOUR,
  keystoreVersion,
  nextKeystoreKey,
  openKeystore,
  parseAddress,
  parseBaseUrl,
  parseKeystoreDocument,
  parseTimestamp,
  phraseKeystoreKey,
  randomBytes,
  signingKey,
  SmimpError,
  toB64,
  toHex,
  toHex32,
  type Hex32,
  type KeystorePin,
  type Timestamp,
} from "@smimp/protocol";
import { describe, expect, test } from "vitest";
import { allArchiveKeys, archiveKeyOf, deleteArchiveKey } from "../archive-keys.ts";
import { deleteDevice, listDevices, makeOwnDevice, ownDevice } from "../devices/documents.ts";
import { allKeys, destroySecret, forgetExpired, makeKeys, markUsed, storeKeys } from "../message-keys.ts";
import { createNotices } from "../notices.ts";
import { createPeople } from "../people.ts";
import { adoptPin } from "../pins.ts";
import { selfOf, writeAccount, type AccountDocument } from "../self.ts";
import { createMemoryStorage } from "../storage/memory.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { gather } from "./contents.ts";
import { beginKeystore, createKeystore, type Keystore } from "./keystore.ts";
import { remember } from "./removed.ts";
import { isSame } from "./same.ts";
import { setSharedSetting, sharedSettings } from "./shared-settings.ts";
import { keepOnlyNext, keystoreStates, markDirty, ONLY, readState } from "./state.ts";
import type { KeystoreTransfer, ServerCopy } from "./transfer.ts";

// Devices of one person that change what they share at the same time, over lines that break: whatever the order, they come to the
// same result, and nothing that was destroyed comes back.

const address = parseAddress("alice#alpha.example");
const baseUrl = parseBaseUrl("https://smimp.alpha.example/");
const phrase = phraseKeystoreKey(randomBytes(32));
const account: AccountDocument = {
  address,
  baseUrl,
  master_seed: toB64(randomBytes(32)),
  recovery_key: signingKey(randomBytes(32)).publicKey,
  phrase_key: toB64(phrase.publicKey),
  opening: null,
};
const BEGIN = parseTimestamp("2026-11-23T00:00:00Z");

/** Numbers that are the same each time, so that a failure can be seen again. */
function seeded(seed: number): (below: number) => number {
  let state = seed * 2 + 1;
  return (below) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    state = Math.imul(state ^ (state >>> 12), 0x297a2d39);
    state ^= state >>> 15;
    return (state >>> 0) % below;
  };
}

interface World {
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

interface Device {
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
async function devicesOf(world: World, count: number): Promise<readonly Device[]> {
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

const unlessCut = async (work: Promise<void>): Promise<void> => {
  await work.catch((error: unknown) => {
    if (!(error instanceof SmimpError) || error.code !== "temporarily_unavailable") throw error;
  });
};

/** What devices do to what they share. Each is a transaction; what it did is noted in `history`. */
interface History {
  readonly made: Set<Hex32>;
  readonly destroyed: Set<Hex32>;
  readonly burned: Set<string>;
  readonly contacts: KeystorePin[];
}

const pinOf = (name: string): KeystorePin => {
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

async function act({ storage, people }: Device, world: World, history: History): Promise<void> {
  const { pick } = world;
  await storage.transact(async (writer) => {
    const keys = [...(await allKeys(writer))];
    const open = keys.filter(([, { seed }]) => seed !== null);
    switch (pick(8)) {
      case 0: {
        const made = makeKeys({ address, master: selfOf(account).master, clock: () => world.now, random: randomBytes }, "ephemeral", 2);
        storeKeys(writer, made);
        for (const { keyId } of made) history.made.add(keyId);
        break;
      }
      case 1: {
        const [keyId] = open[pick(Math.max(1, open.length))] ?? [];
        if (keyId === undefined) break;
        await markUsed(writer, keyId, toHex32(hash(fromB64(toB64(Buffer.from(keyId))))));
        break;
      }
      case 2: {
        const [keyId] = open[pick(Math.max(1, open.length))] ?? [];
        if (keyId !== undefined && (await destroySecret(writer, keyId))) history.destroyed.add(keyId);
        break;
      }
      case 3:
        await archiveKeyOf(writer, addSeconds(world.now, pick(3) * 31 * DAY), randomBytes);
        break;
      case 4: {
        const archive = await allArchiveKeys(writer);
        const oldest = archive.toSorted((a, b) => (a.month < b.month ? -1 : 1))[0];
        if (archive.length < 3 || oldest === undefined) break;
        await deleteArchiveKey(writer, oldest.id);
        await remember(storage, writer, { name: `archive-key:${oldest.id}`, until: null }, world.now);
        history.burned.add(oldest.id);
        break;
      }
      case 5: {
        const pin = pinOf(`bob${history.contacts.length}`);
        history.contacts.push(pin);
        await adoptPin(storage, writer, pin);
        break;
      }
      case 6:
        await setSharedSetting(writer, `setting${pick(3)}`, pick(1_000), world.now);
        break;
      default: {
        const others = (await listDevices(writer)).filter(({ name }) => name === "other");
        const [gone] = others;
        if (gone !== undefined && pick(2) === 0) {
          deleteDevice(writer, gone.id);
          await remember(storage, writer, { name: `device:${gone.id}`, until: null }, world.now);
        } else {
          const own = await ownDevice(writer);
          makeOwnDevice(writer, "other", world.now, randomBytes);
          // It stands in for a device that somebody links; this one stays who it is.
          if (own !== null) writer.put("own-device", "self", Buffer.from(JSON.stringify(own)));
        }
      }
    }
    await markDirty(writer);
  });
  const known = history.contacts[pick(Math.max(1, history.contacts.length))];
  if (known === undefined || (await people.document(known.address)) === null) return;
  await people.setVerified(known.address, pick(2) === 0 ? null : (known.key_link ?? null));
}

/** Syncs one after the other until nobody has anything to say; fails where that takes more than a few rounds. */
async function settle(world: World, devices: readonly Device[]): Promise<void> {
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

describe.each([2, 3])("%d devices that change what they share at once", (count) => {
  test.each(Array.from({ length: 12 }, (_, seed) => seed))(
    "agree in the end, and nothing that was destroyed comes back (%d)",
    async (seed) => {
      const world: World = { pick: seeded(seed * 10 + count), now: BEGIN, stored: [], lossy: false, puts: 0 };
      const devices = await devicesOf(world, count);
      await settle(world, devices);
      const history: History = { made: new Set(), destroyed: new Set(), burned: new Set(), contacts: [] };
      world.lossy = true;
      for (let round = 0; round < 12; round++) {
        await Promise.all(
          devices.map(async (device) => {
            for (let acts = world.pick(3); acts > 0; acts--) await act(device, world, history);
            if (world.pick(3) > 0) await unlessCut(device.keystore.save());
            if (world.pick(3) === 0) await unlessCut(device.keystore.pull({ force: true }));
          }),
        );
        world.now = addSeconds(world.now, world.pick(HOUR));
      }
      await settle(world, devices);

      const [first, ...others] = await Promise.all(devices.map(async ({ storage }) => await gather(storage)));
      if (first === undefined) throw new TypeError("there is a device");
      for (const other of others) expect(isSame(first, other)).toBe(true);
      const newest = world.stored.at(-1);
      if (newest === undefined) throw new TypeError("something was saved");
      const saved = parseKeystoreDocument(openKeystore(address, newest.bytes, { phraseSeed: phrase.seed }).text);
      expect(isSame(saved, first)).toBe(true);

      for (const { storage } of devices) {
        const keys = await allKeys(storage);
        for (const keyId of history.destroyed) expect(keys.get(keyId)?.seed ?? null).toBeNull();
        for (const keyId of history.made) if (!history.destroyed.has(keyId)) expect(keys.get(keyId)?.seed).toBeTypeOf("string");
        const archive = new Set((await allArchiveKeys(storage)).map(({ id }) => id));
        for (const id of history.burned) expect(archive.has(id)).toBe(false);
        expect(await sharedSettings(storage)).toEqual(first.settings.shared ?? {});
      }
    },
  );
});

describe("the keystore", () => {
  const worldOf = (): World => ({ pick: seeded(1), now: BEGIN, stored: [], lossy: false, puts: 0 });

  test("keeps no key of a version before the last one that the server has acknowledged", async () => {
    const world = worldOf();
    const [device] = await devicesOf(world, 1);
    if (device === undefined) throw new TypeError("there is a device");
    const seen: string[] = [];
    for (let version = 0; version < 5; version++) {
      seen.push((await readState(device.storage)).key);
      await device.storage.transact(async (writer) => await setSharedSetting(writer, "x", version, world.now));
      await device.keystore.save();
    }
    const now = await readState(device.storage);
    expect(seen).not.toContain(now.key);
    const held = JSON.stringify(await device.storage.list("keystore").then((all) => all.map(({ value }) => Buffer.from(value).toString())));
    for (const key of seen) expect(held).not.toContain(key);
    expect(toB64(nextKeystoreKey(fromB64(seen.at(-1) ?? "")))).toBe(now.key);
  });

  test("forgets tombstones of message keys when the keys would have expired, and takes neither over any more", async () => {
    const world = worldOf();
    const [first, second] = await devicesOf(world, 2);
    if (first === undefined || second === undefined) throw new TypeError("there are two devices");
    await settle(world, [first, second]);
    const made = makeKeys({ address, master: selfOf(account).master, clock: () => world.now, random: randomBytes }, "ephemeral", 5);
    await first.storage.transact(async (writer) => {
      storeKeys(writer, made);
      await markDirty(writer);
    });
    await settle(world, [first, second]);
    await first.storage.transact(async (writer) => {
      for (const { keyId } of made) await destroySecret(writer, keyId);
      await markDirty(writer);
    });
    await settle(world, [first, second]);
    expect((await gather(second.storage)).tombstones.filter((text) => text.startsWith("message-key:"))).toHaveLength(5);
    world.now = addSeconds(world.now, 91 * DAY);
    // The second device has not been on since: what it still remembers brings nothing back.
    await first.storage.transact(async (writer) => {
      if (await forgetExpired(writer, world.now, new Set())) await markDirty(writer);
    });
    await settle(world, [first, second]);
    await second.storage.transact(async (writer) => {
      if (await forgetExpired(writer, world.now, new Set())) await markDirty(writer);
    });
    await settle(world, [first, second]);
    for (const { storage } of [first, second]) {
      const { tombstones, message_keys } = await gather(storage);
      expect(tombstones.filter((text) => text.startsWith("message-key:"))).toEqual([]);
      expect(message_keys).toEqual([]);
    }
  });

  test("earlier versions are erased, as burning wants it, even if a version without a word of it is on its way just then", async () => {
    const world = worldOf();
    const [device] = await devicesOf(world, 1);
    if (device === undefined) throw new TypeError("there is a device");
    const { storage, keystore } = device;
    world.onPut = async () => {
      delete world.onPut;
      await storage.transact(keepOnlyNext);
    };
    await storage.transact(async (writer) => await setSharedSetting(writer, "x", 1, world.now));
    await keystore.save();
    expect(world.kept).toBe(1);
    await storage.transact(async (writer) => await setSharedSetting(writer, "x", 2, world.now));
    await keystore.save();
    expect(world.kept).toBe(null);
  });

  test("that the server rolled back is told of, and the next version stands above what it had acknowledged", async () => {
    const world = worldOf();
    const [device] = await devicesOf(world, 1);
    if (device === undefined) throw new TypeError("there is a device");
    const old = world.stored.slice();
    for (let version = 0; version < 3; version++) {
      await device.storage.transact(async (writer) => await setSharedSetting(writer, "x", version, world.now));
      await device.keystore.save();
    }
    const { version: before } = await readState(device.storage);
    world.stored.splice(0, world.stored.length, ...old);
    await device.keystore.pull({ force: true });
    await device.keystore.save();
    expect((await readState(device.storage)).version).toBe((before ?? 0) + 1);
    const newest = world.stored.at(-1);
    expect(newest === undefined ? null : keystoreVersion(newest.bytes)).toBe((before ?? 0) + 1);
    const notices = createNotices(device.storage, () => world.now, randomBytes);
    expect(await notices.list()).toMatchObject([{ code: "keystore_rolled_back" }]);
  });

  test("pins that can't belong to one history are told of, and each device stays with what it saw", async () => {
    const world = worldOf();
    const [first, second] = await devicesOf(world, 2);
    if (first === undefined || second === undefined) throw new TypeError("there are two devices");
    const pins = [pinOf("mallory"), pinOf("mallory")];
    for (const [index, device] of [first, second].entries()) {
      await device.storage.transact(async (writer) => {
        const pin = pins[index];
        if (pin !== undefined) await adoptPin(device.storage, writer, pin);
        await markDirty(writer);
      });
    }
    await settle(world, [first, second]).catch(() => undefined);
    const puts = world.puts;
    await settle(world, [first, second]);
    expect(world.puts - puts).toBeLessThanOrEqual(1);
    for (const [index, { storage, people }] of [first, second].entries()) {
      expect((await people.document(pinOf("mallory").address))?.pin.link).toBe(pins[index]?.link);
      if (index === 1) {
        const notices = await createNotices(storage, () => world.now, randomBytes).list();
        expect(notices.map(({ code }) => code)).toEqual(["history_rewritten"]);
      }
    }
  });
});

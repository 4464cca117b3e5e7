import { addSeconds, DAY, fromB64, keystoreVersion, nextKeystoreKey, randomBytes, toB64 } from "@smimp/protocol";
import { describe, expect, test } from "vitest";
import { account, address, BEGIN, devicesOf, pinOf, seeded, settle, type World } from "../../test/sharing-devices.ts";
import { destroySecret, forgetExpired, makeKeys, storeKeys } from "../message-keys.ts";
import { createNotices } from "../notices.ts";
import { adoptPin } from "../pins.ts";
import { selfOf } from "../self.ts";
import { gather } from "./contents.ts";
import { setSharedSetting } from "./shared-settings.ts";
import { keepOnlyNext, markDirty, readState } from "./state.ts";

// What a device saves, and what it makes of what the server has; agreement.test.ts has many devices change it at once.

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

import {
  addSeconds,
  DAY,
  fromB64,
  hash,
  HOUR,
  openKeystore,
  parseKeystoreDocument,
  randomBytes,
  SmimpError,
  toB64,
  toHex32,
  type Hex32,
  type KeystorePin,
} from "@smimp/protocol";
import { describe, expect, test } from "vitest";
import { account, address, BEGIN, devicesOf, phrase, pinOf, seeded, settle, type Device, type World } from "../../test/sharing-devices.ts";
import { allArchiveKeys, archiveKeyOf, deleteArchiveKey } from "../archive-keys.ts";
import { deleteDevice, listDevices, makeOwnDevice, ownDevice } from "../devices/documents.ts";
import { allKeys, destroySecret, makeKeys, markUsed, storeKeys } from "../message-keys.ts";
import { adoptPin } from "../pins.ts";
import { selfOf } from "../self.ts";
import { gather } from "./contents.ts";
import { remember } from "./removed.ts";
import { isSame } from "./same.ts";
import { setSharedSetting, sharedSettings } from "./shared-settings.ts";
import { markDirty } from "./state.ts";

// Devices of one person that change what they share at the same time, over lines that break: whatever the order, they come to the
// same result, and nothing that was destroyed comes back.

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

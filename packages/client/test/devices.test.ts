import { createMemoryStorage, linkDevice } from "@smimp/client";
import {
  fromB64,
  isSmimpError,
  keystoreVersion,
  MINUTE,
  nextKeystoreKey,
  openKeystore,
  randomBytes,
  toB64,
  xWingPublicKey,
  type ProblemCode,
} from "@smimp/protocol";
import { tamperingFetch, type FakeClock, type Network } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keyHolder } from "./key-holder.ts";
import { collection, depsOf, linked, restarted, subjectsOf, startDevices, type DevicesWorld, type TestDevice } from "./devices-people.ts";

let world: DevicesWorld;
let clock: FakeClock;
let network: Network;
let bob: TestDevice;

beforeAll(async () => {
  world = await startDevices();
  ({ clock, network, bob } = world);
});
afterAll(async () => await world.close());

const code = (expected: ProblemCode) => (error: unknown) => isSmimpError(error, expected);

describe("linking a device", () => {
  test("whose first listing is interrupted, at any request: what is deleted meanwhile goes there as well", async () => {
    const phone = await world.join();
    for (let nth = 1, ended = false; !ended; nth++) {
      const subject = `goes ${nth}`;
      await world.write(phone, subject);
      await phone.client.sync();
      const laptop = world.keep(await linked(network, phone, `laptop ${nth}`));
      laptop.counting.reset();
      laptop.counting.decide(() => (laptop.counting.requests() >= nth ? "fail" : "pass"));
      ended = await laptop.client.sync().then(
        () => true,
        (error: unknown) => (isSmimpError(error) ? false : Promise.reject(error)),
      );
      laptop.counting.decide(() => "pass");
      const found = (await phone.client.inbox.list()).find((message) => message.subject === subject);
      await phone.client.inbox.remove(found!.messageId);
      await laptop.client.sync();
      expect(await subjectsOf(laptop)).toEqual([]);
      const [other] = (await phone.client.devices.list()).filter(({ thisOne }) => !thisOne);
      if (other !== undefined) await phone.client.devices.remove(other.id);
    }
  });

  test("gives it the whole account: what came before, what comes, and who is known", async () => {
    const phone = await world.join();
    await world.write(phone, "before");
    await phone.client.sync();
    await phone.client.contacts.setVerified(bob.address, true);
    const laptop = world.keep(await linked(network, phone, "laptop"));
    await laptop.client.sync();
    expect(await subjectsOf(laptop)).toEqual(["before"]);
    const contact = await laptop.client.contacts.get(bob.address);
    expect(contact).toMatchObject({ verified: true });
    expect(contact?.safetyNumber).toBe((await phone.client.contacts.get(bob.address))?.safetyNumber);
    await world.write(phone, "after");
    for (const device of [laptop, phone]) {
      await device.client.sync();
      expect(await subjectsOf(device)).toEqual(["after", "before"]);
    }
    const entry = await laptop.client.send({ to: [bob.address], subject: "from the laptop", body: "", keepCopy: true });
    expect(entry.copies).toMatchObject([{ state: "sent" }, { state: "sent" }]);
    await phone.client.sync();
    expect(await subjectsOf(phone)).toContain("from the laptop");
    for (const device of [laptop, phone]) {
      const names = (await device.client.devices.list()).map(({ name, thisOne }) => [name, thisOne]);
      expect(names.toSorted()).toEqual([
        ["first device", device === phone],
        ["laptop", device === laptop],
      ]);
    }
  });

  test("a name that is given later shows on all devices", async () => {
    const phone = await world.join();
    const laptop = world.keep(await linked(network, phone, "laptop"));
    const first = (await phone.client.devices.list()).find(({ thisOne }) => thisOne);
    if (first === undefined) throw new TypeError("there is a device");
    await laptop.client.sync();
    await laptop.client.devices.rename(first.id, "phone");
    for (const device of [phone, laptop, phone]) await device.client.sync();
    expect((await phone.client.devices.list()).map(({ name }) => name).toSorted()).toEqual(["laptop", "phone"]);
    await expect(phone.client.devices.rename("0".repeat(32), "x")).rejects.toSatisfy(code("not_found"));
    await expect(phone.client.devices.rename(first.id, "")).rejects.toThrow(TypeError);
  });

  test("a wrong, a used and an expired code are refused, and waiting can be stopped", async () => {
    const phone = await world.join();
    const begin = async () =>
      await linkDevice({ storage: createMemoryStorage(), address: phone.address, deps: depsOf(network, network), name: "new" });
    const link = phone.client.devices.link;
    await expect(link("nonsense")).rejects.toSatisfy(code("bad_request"));
    await expect(link(`${"A".repeat(16)}${"A".repeat(26)}`)).rejects.toSatisfy(code("not_found"));

    const used = await begin();
    await link(used.linkCode);
    await expect(link(used.linkCode)).rejects.toSatisfy(code("conflict"));
    await (await used.finish()).close();

    const expired = await begin();
    clock.advance(11 * MINUTE);
    await expect(link(expired.linkCode)).rejects.toSatisfy(code("not_found"));
    await expect(expired.finish()).rejects.toSatisfy(code("not_found"));

    const cancelled = await begin();
    const finished = cancelled.finish();
    cancelled.cancel();
    await expect(finished).rejects.toThrow("cancelled");
  });

  test("a server that puts another key in the place of the new device's is caught", async () => {
    const phone = await world.join();
    const net = tamperingFetch(network.fetch);
    const { client } = await restarted(network, phone);
    const cheated = world.keep({ ...phone, client: await openWith(phone, net.fetch) });
    const linking = await linkDevice({
      storage: createMemoryStorage(),
      address: phone.address,
      deps: depsOf(network, network),
      name: "new",
    });
    const mallory = toB64(xWingPublicKey(randomBytes(32)));
    net.tamper((url, text) =>
      url.includes("device_links") ? JSON.stringify({ ...(JSON.parse(text) as object), public_key: mallory }) : text,
    );
    await expect(cheated.client.devices.link(linking.linkCode)).rejects.toSatisfy(code("commitment_mismatch"));
    linking.cancel();
    await client.close();
  });
});

async function openWith(device: TestDevice, fetch: Network["fetch"]) {
  return (await restarted({ ...network, fetch }, device)).client;
}

describe("changing keys", () => {
  test("a new master key is taken over by the other devices, and by everybody who writes", async () => {
    const phone = await world.join();
    const laptop = world.keep(await linked(network, phone, "laptop"));
    await world.write(phone, "one");
    const before = await phone.client.keys.status();
    clock.advance(MINUTE);
    await phone.client.keys.rotate();
    const after = await phone.client.keys.status();
    expect(after.publicKey).not.toBe(before.publicKey);
    expect(after).toMatchObject({ records: before.records + 1, changing: false, saved: true });
    await world.write(phone, "two");
    for (const device of [laptop, phone]) {
      await device.client.sync();
      expect(await subjectsOf(device)).toEqual(["two", "one"]);
      expect(await device.client.notices.list()).toEqual([]);
    }
    expect((await laptop.client.keys.status()).publicKey).toBe(after.publicKey);
    const entry = await laptop.client.send({ to: [bob.address], subject: "under the new key", body: "", keepCopy: false });
    expect(entry.copies).toMatchObject([{ state: "sent" }]);
    await bob.client.sync();
    expect(await subjectsOf(bob)).toContain("under the new key");
  });

  test("a message that waits in the outbox, sealed under the old key, goes out sealed anew, once", async () => {
    for (const fate of ["fail", "drop"] as const) {
      const phone = await world.join();
      await phone.client.send({ to: [bob.address], subject: "hello", body: "", keepCopy: false });
      phone.counting.decide(({ url }) => (url.includes("send_message") ? fate : "pass"));
      const subject = `waits ${fate}`;
      const { id, copies } = await phone.client.send({ to: [bob.address], subject, body: "", keepCopy: false });
      expect(copies).toMatchObject([{ state: "queued" }]);
      phone.counting.decide(() => "pass");
      await phone.client.keys.rotate();
      clock.advance(MINUTE);
      expect(await phone.client.outbox.flush({ id, force: true })).toMatchObject([{ copies: [{ state: "sent" }] }]);
      await bob.client.sync();
      expect((await subjectsOf(bob)).filter((each) => each === subject)).toHaveLength(1);
    }
  });

  test("a device that is removed reads nothing that comes from then on; the others go on by themselves", async () => {
    const phone = await world.join();
    const laptop = world.keep(await linked(network, phone, "laptop"));
    const stolen = world.keep(await linked(network, phone, "stolen"));
    await world.write(phone, "before");
    for (const device of [phone, laptop, stolen]) await device.client.sync();
    const { id } = (await phone.client.devices.list()).find(({ name }) => name === "stolen") ?? { id: "" };
    await phone.client.devices.remove(id);
    await world.write(phone, "secret");
    await phone.client.sync();
    await laptop.client.sync();
    for (const device of [phone, laptop]) {
      expect(await subjectsOf(device)).toEqual(["secret", "before"]);
      expect((await device.client.devices.list()).map(({ name }) => name).toSorted()).toEqual(["first device", "laptop"]);
    }
    await expect(stolen.client.sync()).rejects.toSatisfy(code("unauthenticated"));
    expect(await stolen.client.notices.list()).toMatchObject([{ code: "device_removed" }]);
    expect(await subjectsOf(stolen)).toEqual(["before"]);
    // Neither what it holds nor what it could ever derive opens the keystore, its new archive key, or a new message.
    const keysOf = async ({ storage }: TestDevice) => await collection<{ seed: string | null; signed_by: string }>(storage, "message-keys");
    const { publicKey } = await phone.client.keys.status();
    expect((await keysOf(phone)).some(({ signed_by }) => signed_by === publicKey)).toBe(true);
    expect((await keysOf(stolen)).some(({ signed_by }) => signed_by === publicKey)).toBe(false);
    const newest = (await (await keyHolder(network, phone)).keystore()) ?? new Uint8Array();
    const [state] = await collection<{ key: string; version: number }>(stolen.storage, "keystore");
    let key = fromB64(state?.key ?? "");
    for (let version = state?.version ?? 0; version <= keystoreVersion(newest) + 3; version++) {
      const opener = { key };
      expect(() => openKeystore(phone.address, newest, opener)).toThrow();
      key = nextKeystoreKey(key);
    }
    const archiveKeys = async ({ storage }: TestDevice) => await collection<{ id: string; closed?: boolean }>(storage, "archive-keys");
    const held = new Set((await archiveKeys(stolen)).map((each) => each.id));
    for (const each of await archiveKeys(phone)) expect([each.id, each.closed === true]).toEqual([each.id, held.has(each.id)]);
    await expect(phone.client.devices.remove(id)).rejects.toSatisfy(code("not_found"));
    const own = (await phone.client.devices.list()).find(({ thisOne }) => thisOne)?.id ?? "";
    await expect(phone.client.devices.remove(own)).rejects.toThrow(TypeError);
  });

  test("one device removes another while a third one rotates: both come to pass, or the rotation is done with it", async () => {
    const phone = await world.join();
    const laptop = world.keep(await linked(network, phone, "laptop"));
    const stolen = world.keep(await linked(network, phone, "stolen"));
    for (const device of [phone, laptop, stolen]) await device.client.sync();
    const { id } = (await phone.client.devices.list()).find(({ name }) => name === "stolen") ?? { id: "" };
    await Promise.all([phone.client.devices.remove(id), laptop.client.keys.rotate()]);
    await world.write(phone, "secret");
    for (const device of [phone, laptop, phone]) {
      await device.client.sync();
      expect(await subjectsOf(device)).toEqual(["secret"]);
      expect((await device.client.devices.list()).map(({ name }) => name).toSorted()).toEqual(["first device", "laptop"]);
      expect(await device.client.notices.list()).toEqual([]);
    }
    await expect(stolen.client.sync()).rejects.toSatisfy(code("unauthenticated"));
  });

  test("a device that was off through several changes catches up at once, and what it had not sent goes out", async () => {
    const phone = await world.join();
    const laptop = world.keep(await linked(network, phone, "laptop"));
    await laptop.client.sync();
    laptop.counting.decide(() => "fail");
    const { id } = await laptop.client.outbox.enqueue({ to: [bob.address], subject: "written offline", body: "", keepCopy: false });
    for (let change = 0; change < 3; change++) {
      clock.advance(MINUTE);
      await phone.client.keys.rotate();
      await world.write(phone, `meanwhile ${change}`);
      await phone.client.sync();
    }
    laptop.counting.decide(() => "pass");
    await laptop.client.sync();
    expect(await subjectsOf(laptop)).toEqual(["meanwhile 2", "meanwhile 1", "meanwhile 0"]);
    expect(await laptop.client.outbox.flush({ id, force: true })).toMatchObject([{ copies: [{ state: "sent" }] }]);
    expect(await laptop.client.notices.list()).toEqual([]);
  });

  test("a device that is watching when another one rotates goes on watching", async () => {
    const phone = await world.join();
    const laptop = world.keep(await linked(network, phone, "laptop"));
    const stop = new AbortController();
    const seen: string[] = [];
    const connected = Promise.withResolvers<void>();
    const heard = Promise.withResolvers<void>();
    const watching = (async () => {
      for await (const event of laptop.client.watch({ signal: stop.signal })) {
        if (event.type === "connection" && event.state === "connected") connected.resolve();
        if (event.type === "message") seen.push(event.message.subject);
        if (seen.includes("after")) heard.resolve();
      }
    })();
    await connected.promise;
    await phone.client.keys.rotate();
    await world.write(phone, "after");
    await heard.promise;
    stop.abort();
    await watching;
    expect(await laptop.client.notices.list()).toEqual([]);
  });

  test("two devices that rotate at once: one wins, the other adopts", async () => {
    const phone = await world.join();
    const laptop = world.keep(await linked(network, phone, "laptop"));
    await Promise.all([phone, laptop].map(async ({ client }) => await client.keys.rotate()));
    await world.write(phone, "after both");
    const keys = new Set<string>();
    for (const device of [phone, laptop, phone]) {
      await device.client.sync();
      keys.add((await device.client.keys.status()).publicKey);
      expect(await device.client.notices.list()).toEqual([]);
      expect(await subjectsOf(device)).toEqual(["after both"]);
    }
    expect(keys.size).toBe(1);
  });
});

describe("three devices at once", () => {
  test("open, archive, top up and verify: each message is there once on each, and no secret that was used is left", async () => {
    const phone = await world.join();
    const devices = [phone, world.keep(await linked(network, phone, "laptop")), world.keep(await linked(network, phone, "tablet"))];
    for (const device of devices) await device.client.sync();
    const subjects: string[] = [];
    for (let round = 0; round < 4; round++) {
      const writing = (async () => {
        for (let count = 0; count < 18; count++) {
          subjects.push(`${round}.${count}`);
          await world.write(phone, `${round}.${count}`);
        }
      })();
      const working = devices.map(async ({ client }, index) => {
        for (let count = 0; count < 3; count++) {
          await client.sync();
          await client.contacts.setVerified(bob.address, (index + count) % 2 === 0).catch((error: unknown) => {
            // Nobody has written yet.
            if (!isSmimpError(error, "not_found")) throw error;
          });
        }
      });
      await Promise.all([writing, ...working]);
    }
    for (const { client } of [...devices, ...devices]) await client.sync();
    const marks = new Set<boolean | undefined>();
    for (const device of devices) {
      const list = await subjectsOf(device);
      expect(list.toSorted()).toEqual(subjects.toSorted());
      expect(await device.client.notices.list()).toEqual([]);
      marks.add((await device.client.contacts.get(bob.address))?.verified);
      const keys = await collection<{ seed: string | null; used_by: string | null; statement: unknown }>(device.storage, "message-keys");
      expect(keys.filter(({ seed, used_by }) => used_by !== null && seed !== null)).toEqual([]);
      expect(keys.filter(({ seed, statement }) => seed !== null && statement === null).length).toBeGreaterThan(50);
    }
    expect(marks.size).toBe(1);
    // A device that was off all the time reads the same by what the others archived.
    const late = world.keep(await linked(network, phone, "late"));
    await late.client.sync();
    expect((await subjectsOf(late)).toSorted()).toEqual(subjects.toSorted());
  });
});

import type { Storage } from "@smimp/client";
import { DAY, HOUR, isSmimpError, keystoreVersion, parseTimestamp, type Hex32 } from "@smimp/protocol";
import type { FakeClock, Fate, Network } from "@smimp/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { linked, restarted, subjectsOf, startDevices, type DevicesWorld, type TestDevice } from "./devices-people.ts";
import { keyHolder } from "./key-holder.ts";

let world: DevicesWorld;
let clock: FakeClock;
let network: Network;
let bob: TestDevice;

beforeAll(async () => {
  world = await startDevices(parseTimestamp("2026-11-20T00:00:00Z"));
  ({ clock, network, bob } = world);
});
afterAll(async () => await world.close());

const write = async (to: TestDevice, subject: string): Promise<void> => await world.write(to, subject, { body: `Body of ${subject}.` });
/** Everything that a device keeps, as text. */
async function dump(storage: Storage): Promise<string> {
  const names = [
    "messages",
    "inbox",
    "inbox-index",
    "inbox-counts",
    "archive-keys",
    "message-keys",
    "to-archive",
    "refs",
    "keystore-foreign",
  ];
  const all = await Promise.all(names.map(async (name) => await storage.list(name)));
  return all
    .flat()
    .map(({ value }) => new TextDecoder().decode(value))
    .join("\n");
}

test("everything that was opened before a month is gone, on all devices and on the server; what is still needed is not", async () => {
  clock.set(parseTimestamp("2026-11-20T00:00:00Z"));
  const phone = await world.join();
  const laptop = world.keep(await linked(network, phone, "laptop"));
  await write(phone, "autumn leaves");
  await phone.client.sync();
  const folder = await phone.client.folders.create({ name: "Keepsakes" });
  await phone.client.lists.block.add("mallory#beta.example", "she knows why");
  const draft = await phone.client.drafts.save({ to: [bob.address], subject: "unfinished", body: "some day" });
  await phone.client.sync();
  await laptop.client.sync();
  clock.set(parseTimestamp("2027-01-05T00:00:00Z"));
  await write(phone, "winter");
  await phone.client.sync();
  await laptop.client.sync();
  expect((await phone.client.keys.status()).archiveMonths).toEqual(["2026-11", "2027-01"]);
  const held = await dump(laptop.storage);
  expect(held.includes("autumn leaves")).toBe(true);

  await expect(phone.client.keys.burnBefore("January")).rejects.toThrow(TypeError);
  expect(await phone.client.keys.burnBefore("2027-01")).toEqual({ messages: 1, stay: 0 });
  await laptop.client.sync();
  const late = world.keep(await linked(network, phone, "late"));
  for (const device of [phone, laptop, late]) {
    await device.client.sync();
    expect(await subjectsOf(device)).toEqual(["winter", "burned"]);
    const [, burned] = await device.client.inbox.list();
    expect(burned).toMatchObject({ state: "burned", subject: "", preview: "", recipients: [] });
    expect(await device.client.inbox.read(burned?.messageId ?? (bob.address as never))).toMatchObject({ state: "burned", body: "" });
    expect((await device.client.keys.status()).archiveMonths).toEqual(["2027-01"]);
    const text = await dump(device.storage);
    expect(text.includes("autumn leaves")).toBe(false);
    expect(text.includes("winter")).toBe(true);
    // Sealed anew, in time.
    expect(await device.client.folders.list()).toMatchObject([{ id: folder.id, name: "Keepsakes" }]);
    expect(await device.client.lists.block.list()).toMatchObject([{ entry: "mallory#beta.example", text: "she knows why" }]);
    expect(await device.client.drafts.list()).toMatchObject([{ subject: "unfinished" }]);
    expect(await device.client.notices.list()).toEqual([]);
  }
  expect(await phone.client.drafts.get(draft.id)).toMatchObject({ subject: "unfinished" });
  // Only one copy of the keystore was left by the burning; what was saved since stands above it.
  const holder = await keyHolder(network, phone);
  const newest = keystoreVersion((await holder.keystore()) ?? new Uint8Array(8));
  const older = await Promise.all(Array.from({ length: newest }, async (_, version) => await holder.keystore(version)));
  expect(older.filter((copy) => copy !== null).length).toBeLessThan(6);
  expect(await phone.client.keys.burnBefore("2027-01")).toEqual({ messages: 0, stay: 0 });
});

test("whose it was, whether it was read and where it stands outlasts the burning, on new devices too; what imported mail said does not", async () => {
  clock.set(parseTimestamp("2027-01-10T00:00:00Z"));
  const phone = await world.join();
  const folder = await phone.client.folders.create({ name: "Work" });
  const old = parseTimestamp("2019-05-05T12:00:00Z");
  const claim = { from: "Gran <gran@old.example>", to: ["alice@old.example"], cc: [], date: old, messageId: null };
  const importing = async (key: string, read: boolean): Promise<unknown> =>
    await phone.client.imports.add({ key, imported: claim, subject: "recipe", body: "Two eggs.", attachments: [], read });
  await importing("first", true);
  await write(phone, "hello");
  await phone.client.send({ to: [bob.address], subject: "sent words", body: "Mine." });
  await phone.client.sync();
  const [sent] = await phone.client.inbox.list({ view: "sent" });
  const [hello] = await phone.client.inbox.list({ view: "inbox" });
  if (hello === undefined) throw new TypeError("nothing arrived");
  await phone.client.inbox.setRead(hello.messageId, true);
  await phone.client.folders.move([hello.messageId], folder.id);

  clock.set(parseTimestamp("2027-02-10T00:00:00Z"));
  await importing("second", false);
  await phone.client.sync();
  // Dated 2019 like the first one, and archived a month later.
  expect(await phone.client.keys.burnBefore("2027-02")).toEqual({ messages: 3, stay: 1 });
  const stands = async (messageId: Hex32 | undefined): Promise<unknown> =>
    messageId === undefined ? null : await phone.client.inbox.get(messageId);
  const lost = { state: "burned", subject: "", preview: "", recipients: [] };
  expect(await stands(sent?.messageId)).toMatchObject({ ...lost, own: true, read: true, receivedAt: sent?.receivedAt, imported: null });
  expect(await stands(hello.messageId)).toMatchObject({ ...lost, own: false, read: true, from: bob.address, folder: folder.id });
  const imported = (await phone.client.inbox.list()).filter((each) => each.receivedAt === old);
  expect(imported.toSorted((one, other) => (one.state < other.state ? -1 : 1))).toMatchObject([
    { ...lost, own: false, read: true, imported: { from: "", to: [], cc: [], date: null, messageId: null } },
    { state: "open", imported: claim, read: false },
  ]);
  expect((await dump(phone.storage)).match(/sent words|hello/)).toBeNull();

  const late = world.keep(await linked(network, phone, "late"));
  await late.client.sync();
  expect((await late.client.inbox.list({ view: "sent" })).map(({ messageId }) => messageId)).toEqual([sent?.messageId]);
  expect((await late.client.inbox.list({ folder: folder.id })).map(({ state, read }) => [state, read])).toEqual([["burned", true]]);
  const inbox = await late.client.inbox.list({ view: "inbox" });
  expect(inbox.map(({ state, own, read, imported }) => [state, own, read, imported?.from])).toEqual([
    ["burned", false, true, ""],
    ["open", false, false, claim.from],
  ]);
  expect(await late.client.inbox.count({ view: "all" })).toEqual({ total: 4, unread: 1 });
});

test("what was sent before a month goes from the outbox too, on all devices; what is of this month or waits stays", async () => {
  clock.set(parseTimestamp("2026-11-28T00:00:00Z"));
  const phone = await world.join();
  const laptop = world.keep(await linked(network, phone, "laptop"));
  const send = async (device: TestDevice, subject: string, keepCopy: boolean): Promise<void> =>
    void (await device.client.send({ to: [bob.address], subject, body: `words of ${subject}`, keepCopy }));
  await send(phone, "from the phone", false);
  await send(laptop, "from the laptop", true);
  for (const device of [phone, laptop, phone]) await device.client.sync();
  await phone.client.outbox.enqueue({ to: [bob.address], subject: "waiting", body: "words that wait" });
  clock.set(parseTimestamp("2026-12-02T00:00:00Z"));
  await send(phone, "of this month", false);
  await phone.client.keys.burnBefore("2026-12");
  await laptop.client.sync();
  const outboxOf = async ({ client, storage }: TestDevice) => ({
    subjects: (await client.outbox.list()).map(({ subject }) => subject).toSorted(),
    text: (await storage.list("outbox")).map(({ value }) => new TextDecoder().decode(value)).join("\n"),
  });
  const [onPhone, onLaptop] = [await outboxOf(phone), await outboxOf(laptop)];
  expect(onPhone.subjects).toEqual(["of this month", "waiting"]);
  expect(onPhone.text).not.toContain("words of from");
  expect(onLaptop).toEqual({ subjects: [], text: "" });
});

const breakAt = (nth: number, fate: Fate): (() => Fate) => {
  let sent = 0;
  return () => (++sent < nth ? "pass" : sent === nth ? fate : "fail");
};

test("a burning that is interrupted at any request goes on with the next sync", { timeout: 120_000 }, async () => {
  let times = 0;
  for (let nth = 1, ended = true; ended; nth++) {
    clock.set(parseTimestamp("2027-02-20T00:00:00Z"));
    const phone = await world.join();
    await write(phone, "old letter");
    await phone.client.sync();
    await phone.client.folders.create({ name: "Keepsakes" });
    clock.advance(20 * DAY);
    await write(phone, "new");
    await phone.client.sync();
    const broken = await restarted(network, phone);
    broken.counting.decide(breakAt(nth, "drop"));
    await broken.client.keys.burnBefore("2027-03").catch((error: unknown) => {
      if (!isSmimpError(error, "temporarily_unavailable")) throw error;
    });
    ended = broken.counting.sent.length >= nth;
    if (ended) times++;
    clock.advance(HOUR);
    const again = await restarted(network, phone);
    await again.client.sync();
    // Where not even the beginning was written down, it is done now.
    await again.client.keys.burnBefore("2027-03");
    expect(await subjectsOf(again)).toEqual(["new", "burned"]);
    expect(await again.client.folders.list()).toMatchObject([{ name: "Keepsakes" }]);
    expect(await again.client.keys.status()).toMatchObject({ archiveMonths: ["2027-03"], saved: true });
    expect((await dump(again.storage)).includes("old letter")).toBe(false);
    await again.client.close();
  }
  expect(times).toBeGreaterThanOrEqual(5);
});

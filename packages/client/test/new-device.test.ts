import type { InboxSummary } from "@smimp/client";
import { DAY, isSmimpError, type Hex32 } from "@smimp/protocol";
import { fakeClock, newPerson, startNetwork, type CountingFetch, type FakeClock, type Network, type Person } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linked, type TestDevice } from "./devices-people.ts";

// What a device shows that has never synced, or not for very long.

let clock: FakeClock;
let network: Network;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  clock = fakeClock();
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], clock });
  alice = await newPerson(network, "alice#alpha.example", { name: "Alice" });
  bob = await newPerson(network, "bob#beta.example");
});
afterAll(async () => {
  for (const each of [alice, bob]) await each.client.close();
  await network.close();
});

/** A new device: it has the keys, and nothing of the mailbox. */
const newDevice = async (): Promise<TestDevice> => await linked(network, bob, "new");
const bodies = ({ counting }: { readonly counting: CountingFetch }): number =>
  counting.sent.filter(({ url }) => url.endsWith("/messages")).length;
const shown = (lines: readonly InboxSummary[]): unknown =>
  lines.map(({ messageId, subject, preview, from, read, folder, own, receivedAt, marks, imported }) => {
    const claims = imported === null ? null : imported.from;
    return { messageId, subject, preview, from, read, folder, own, receivedAt, marks, claims };
  });

describe("a new device", () => {
  test("shows a whole mailbox without fetching it, reads what is asked for, and fetches the rest in the background", async () => {
    const folder = await bob.client.folders.create({ name: "Kept" });
    for (let message = 0; message < 300; message++) {
      clock.advance(1);
      await bob.client.imports.add({
        key: `old ${message}`,
        imported: { from: `friend ${message}@example.org`, to: [], cc: [], date: clock(), messageId: null },
        subject: `Subject ${message}`,
        body: `Body ${message}`,
        attachments: [],
        read: message % 2 === 0,
        ...(message % 3 === 0 ? { folder: folder.id } : {}),
      });
    }
    await alice.client.send({ to: [bob.address], subject: "From Alice", body: "Hello Bob.", keepCopy: false });
    await bob.client.sync();
    await bob.client.send({ to: [alice.address], subject: "To Alice", body: "Hello Alice." });
    await bob.client.sync();
    await bob.client.sync();

    const device = await newDevice();
    // The first request for whole messages fails: what is listed is there nevertheless.
    device.counting.decide(({ url }) => (url.endsWith("/messages") ? "fail" : "pass"));
    await expect(device.client.sync()).rejects.toSatisfy((error) => isSmimpError(error, "temporarily_unavailable"));
    const listed = await device.client.inbox.list();
    expect(listed).toHaveLength(302);
    expect(shown(listed)).toEqual(shown(await bob.client.inbox.list()));
    expect(listed.every(({ fetched, state }) => !fetched && state === "open")).toBe(true);
    expect(await device.client.folders.list()).toMatchObject([{ name: "Kept", total: 100, unread: 50 }]);
    expect(await device.client.inbox.count({ view: "inbox" })).toEqual(await bob.client.inbox.count({ view: "inbox" }));

    // Reading needs the message; there is none to be had now.
    const wanted = listed.find(({ subject }) => subject === "From Alice");
    if (wanted === undefined) throw new TypeError("the message is not listed");
    await expect(device.client.inbox.read(wanted.messageId)).rejects.toSatisfy((error) => isSmimpError(error, "temporarily_unavailable"));
    device.counting.decide(() => "pass");
    expect(await device.client.inbox.read(wanted.messageId)).toMatchObject({ body: "Hello Bob.", fetched: true, from: alice.address });
    // The sender's server is not asked: another device has verified this message.
    expect(device.counting.sent.some(({ url }) => url.includes("alpha.example"))).toBe(false);

    await device.client.sync();
    const fetched = (await device.client.inbox.list()).filter((each) => each.fetched);
    expect(fetched.length).toBeGreaterThanOrEqual(200);
    expect(fetched.length).toBeLessThan(302);
    await device.client.sync();
    expect((await device.client.inbox.list()).every((each) => each.fetched)).toBe(true);
    expect(shown(await device.client.inbox.list())).toEqual(shown(await bob.client.inbox.list()));
    expect(bodies(device)).toBeLessThan(15);
    await device.client.close();
  });

  test("finds messages of applications, drafts and keys that wait, and what was noted about messages", async () => {
    await alice.client.applications.send(bob.address, "x-custom-news", Uint8Array.of(7));
    await alice.client.secretKeys.send(bob.address, { kind: "signing", name: "Key", algorithm: "ed25519", key: Uint8Array.of(1) });
    await bob.client.drafts.save({ to: [alice.address], subject: "Draft", body: "…" });
    await bob.client.sync();
    await bob.client.sync();
    const [line] = await bob.client.inbox.list({ view: "sent" });
    if (line === undefined) throw new TypeError("something was sent");
    await bob.client.inbox.star([line.messageId], true);
    await bob.client.sync();
    const device = await newDevice();
    for (let round = 0; round < 3; round++) await device.client.sync();
    expect(await device.client.applications.list("x-custom-news")).toMatchObject([{ bytes: Uint8Array.of(7) }]);
    expect(await device.client.secretKeys.pending()).toMatchObject([{ name: "Key" }]);
    expect(await device.client.drafts.list()).toMatchObject([{ subject: "Draft", synced: true }]);
    expect(await device.client.inbox.list({ view: "starred" })).toMatchObject([{ messageId: line.messageId }]);
    await device.client.close();
  });

  test("says so as soon as messages are listed, whoever watches", async () => {
    const device = await newDevice();
    const total = (await bob.client.inbox.list()).length;
    const stop = new AbortController();
    let listed = 0;
    for await (const event of device.client.watch({ signal: stop.signal })) {
      if (event.type !== "listed") continue;
      listed += event.messages;
      if (!event.more) stop.abort();
    }
    expect(listed).toBe(total);
    expect(await device.client.inbox.countThreads()).toMatchObject({ total });
    await device.client.close();
  });

  test("keeps what the device found out that saw a message first", async () => {
    // Bob had met Alice with her first message; the new device has her pinned already.
    const device = await newDevice();
    await device.client.sync();
    const first = (await device.client.inbox.list()).find(({ subject }) => subject === "From Alice");
    expect(first?.marks.firstContact).toBe(true);
    await device.client.inbox.read(first?.messageId as Hex32);
    expect((await device.client.inbox.list()).find(({ subject }) => subject === "From Alice")?.marks.firstContact).toBe(true);
    await device.client.close();
  });
});

describe("a device that was away for too long", () => {
  test("lets go of what was deleted meanwhile, and shows what was changed", async () => {
    const device = await newDevice();
    for (let round = 0; round < 3; round++) await device.client.sync();
    const [gone, changed] = await bob.client.inbox.list({ view: "inbox" });
    if (gone === undefined || changed === undefined) throw new TypeError("there are messages");
    await bob.client.inbox.remove(gone.messageId);
    await bob.client.inbox.label([changed.messageId], { add: ["while away"] });
    await bob.client.inbox.setRead(changed.messageId, !changed.read);
    // The server has forgotten what happened since: that is long ago.
    clock.advance(40 * DAY);
    const { database, close } = await serverDatabase();
    database.exec("UPDATE accounts SET changes_floor = state WHERE address = 'bob#beta.example'");
    database.exec("DELETE FROM destroyed_messages");
    close();
    await device.client.sync();
    const lines = await device.client.inbox.list();
    expect(lines.some(({ messageId }) => messageId === gone.messageId)).toBe(false);
    expect(lines.find(({ messageId }) => messageId === changed.messageId)).toMatchObject({ read: !changed.read, labels: ["while away"] });
    expect(lines).toHaveLength((await bob.client.inbox.list()).length);
    await device.client.close();
  });
});

async function serverDatabase() {
  const { DatabaseSync } = await import("node:sqlite");
  const { join } = await import("node:path");
  const database = new DatabaseSync(join(network.server("beta.example").config.dataDir, "smimp.sqlite"), { timeout: 5_000 });
  return { database, close: () => database.close() };
}

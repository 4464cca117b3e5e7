import type { Client, InboxSummary } from "@smimp/client";
import { isSmimpError, type Hex32 } from "@smimp/protocol";
import { fakeClock, newPerson, startNetwork, type FakeClock, type Network, type Person } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { joinWithTwoDevices } from "./people.ts";

// What an owner does with messages on one device shows on the other.

let clock: FakeClock;
let network: Network;
let alice: Person;
let bob: Awaited<ReturnType<typeof joinWithTwoDevices>>;
let phone: Client;

beforeAll(async () => {
  clock = fakeClock();
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], clock });
  alice = await newPerson(network, "alice#alpha.example", { name: "Alice" });
  bob = await joinWithTwoDevices(network, "bob#beta.example");
  phone = bob.second.client;
});
afterAll(async () => {
  for (const each of [alice.client, bob.client, phone]) await each.close();
  await network.close();
});

/** Alice writes; Bob's first device takes it in, then the second. */
async function receive(subject: string, body = "Hello."): Promise<InboxSummary> {
  clock.advance(1);
  await alice.client.send({ to: [bob.address], subject, body, keepCopy: false });
  const [line] = (await bob.client.sync()).messages;
  await phone.sync();
  if (line === undefined) throw new TypeError("nothing arrived");
  return line;
}
const onPhone = async (messageId: Hex32): Promise<InboxSummary | undefined> =>
  (await phone.inbox.list()).find((each) => each.messageId === messageId);

describe("what one device does, the other one shows", () => {
  test("reading, labels and stars; what another device noted meanwhile stays", async () => {
    const { messageId } = await receive("Noted");
    expect(await onPhone(messageId)).toMatchObject({ state: "open", subject: "Noted", read: false, marks: { firstContact: true } });
    await bob.client.inbox.setRead(messageId, true);
    await bob.client.inbox.label([messageId], { add: ["work", "later"] });
    // The phone has not synced: its change is made to what stands there by now.
    await phone.inbox.star([messageId], true);
    await phone.inbox.label([messageId], { add: ["phone"], remove: ["later"] });
    expect(await onPhone(messageId)).toMatchObject({ starred: true, labels: ["work", "phone"] });
    await Promise.all([bob.client.sync(), phone.sync()]);
    for (const client of [bob.client, phone]) {
      expect(await client.inbox.list({ label: "work" })).toMatchObject([
        { messageId, read: true, starred: true, labels: ["work", "phone"] },
      ]);
      expect(await client.inbox.list({ view: "starred" })).toMatchObject([{ messageId }]);
      expect(await client.inbox.list({ label: "later" })).toEqual([]);
      expect(await client.inbox.labels()).toMatchObject(expect.arrayContaining([{ label: "work", total: 1, unread: 0 }]));
    }
    await phone.inbox.star([messageId], false);
    await bob.client.sync();
    expect(await bob.client.inbox.list({ view: "starred" })).toEqual([]);
  });

  test("folders: made, named, filled, emptied and deleted", async () => {
    const { messageId } = await receive("Filed");
    const outer = await bob.client.folders.create({ name: "Projects" });
    const inner = await bob.client.folders.create({ name: "SMIMP", parent: outer.id, role: "archive" });
    await bob.client.folders.move([messageId], inner.id);
    await phone.sync();
    expect(await phone.folders.list()).toMatchObject([
      { id: outer.id, name: "Projects", parent: null, role: null, total: 0, unread: 0, messageType: "email" },
      { id: inner.id, name: "SMIMP", parent: outer.id, role: "archive", total: 1, unread: 1 },
    ]);
    expect(await phone.inbox.list({ folder: inner.id })).toMatchObject([{ messageId, folder: inner.id }]);
    expect((await phone.inbox.list({ view: "inbox" })).some((each) => each.messageId === messageId)).toBe(false);
    expect((await phone.inbox.list({ view: "all" })).some((each) => each.messageId === messageId)).toBe(true);
    await phone.folders.rename(inner.id, "The protocol");
    await phone.inbox.setRead(messageId, true);
    await bob.client.sync();
    expect(await bob.client.folders.list()).toMatchObject([
      { name: "Projects" },
      { name: "The protocol", role: "archive", total: 1, unread: 0 },
    ]);
    await expect(phone.folders.remove(inner.id)).rejects.toSatisfy((error) => isSmimpError(error, "conflict"));
    await phone.folders.move([messageId], null);
    await phone.folders.remove(inner.id);
    await phone.folders.setParent(outer.id, null);
    await bob.client.sync();
    expect(await bob.client.folders.list()).toMatchObject([{ id: outer.id }]);
    expect(await bob.client.inbox.list({ folder: null })).toMatchObject([{ messageId, folder: null }, {}]);
    await expect(phone.folders.move([messageId], inner.id)).rejects.toSatisfy((error) => isSmimpError(error, "not_found"));
  });

  test("names of folders and labels never leave the devices in clear", async () => {
    const bodies = bob.second.counting.sent.map(({ url, headers }) => `${url} ${JSON.stringify(headers)}`).join("\n");
    for (const secret of ["Projects", "protocol", "phone"]) expect(bodies).not.toContain(secret);
  });

  test("deleting, one or many", async () => {
    const lines = [await receive("Gone 1"), await receive("Gone 2"), await receive("Stays")];
    const [first, second, third] = lines.map(({ messageId }) => messageId);
    if (first === undefined || second === undefined || third === undefined) throw new TypeError("three messages were sent");
    await phone.inbox.removeMany([first, second]);
    await bob.client.sync();
    const left = (await bob.client.inbox.list()).map(({ messageId }) => messageId);
    expect(left).toContain(third);
    expect(left.filter((each) => each === first || each === second)).toEqual([]);
  });

  test("a device's own archives are no news to it, and hide no other device's change", async () => {
    await alice.client.send({ to: [bob.address], subject: "Echo", body: "", keepCopy: false });
    const [line] = (await bob.client.sync()).messages;
    if (line === undefined) throw new TypeError("nothing arrived");
    bob.counting.reset();
    await bob.client.sync();
    expect(bob.counting.sent.slice(-bob.counting.requests()).filter(({ url }) => url.endsWith("/messages"))).toEqual([]);

    await alice.client.send({ to: [bob.address], subject: "Echo 2", body: "", keepCopy: false });
    const [next] = (await bob.client.sync()).messages;
    if (next === undefined) throw new TypeError("nothing arrived");
    await phone.sync();
    await phone.inbox.setRead(next.messageId, true);
    await bob.client.sync();
    expect((await bob.client.inbox.list()).find(({ messageId }) => messageId === next.messageId)).toMatchObject({ read: true });
  });
});

describe("views and threads", () => {
  test("what was sent, what came in, and what is both", async () => {
    await bob.client.send({ to: [alice.address], subject: "Sent", body: "" });
    clock.advance(1);
    await bob.client.send({ to: [bob.address], subject: "To myself", body: "" });
    await bob.client.sync();
    const subjects = async (view: "inbox" | "sent" | "all"): Promise<readonly string[]> =>
      (await bob.client.inbox.list({ view })).map(({ subject }) => subject);
    expect(await subjects("sent")).toEqual(["To myself", "Sent"]);
    expect(await subjects("inbox")).toContain("To myself");
    expect(await subjects("inbox")).not.toContain("Sent");
    expect(await subjects("all")).toEqual(expect.arrayContaining(["Sent", "To myself", "Stays"]));
    const { total, unread } = await bob.client.inbox.count({ view: "inbox" });
    const inbox = await bob.client.inbox.list({ view: "inbox" });
    expect({ total, unread }).toEqual({ total: inbox.length, unread: inbox.filter(({ read }) => !read).length });
  });

  test("answers stand with what they answer, in both directions, with everybody who took part", async () => {
    clock.advance(1);
    const first = await alice.client.send({ to: [bob.address], subject: "Plan", body: "What about Monday?" });
    await alice.client.sync();
    const [line] = (await bob.client.sync()).messages;
    if (line?.ref === null || line === undefined) throw new TypeError("nothing arrived");
    clock.advance(1);
    await bob.client.send({ to: [alice.address], subject: "Re: Plan", body: "Fine.", replyTo: { ref: line.ref, threadId: line.threadId } });
    await Promise.all([alice.client.sync(), bob.client.sync()]);
    for (const { client } of [alice, bob]) {
      expect(await client.inbox.thread(first.ref)).toMatchObject([{ subject: "Plan" }, { subject: "Re: Plan" }]);
      const [thread] = await client.inbox.threads({ limit: 1 });
      expect(thread).toMatchObject({ threadId: first.ref, subject: "Plan", messages: 2, latest: { subject: "Re: Plan" } });
      expect(thread?.participants.toSorted()).toEqual([alice.address, bob.address]);
      if (thread === undefined) throw new TypeError("there is no thread");
      expect(await client.inbox.get(thread.latest.messageId)).toEqual(thread.latest);
      expect(await client.inbox.threadIn(first.ref, { view: "all" })).toEqual(await client.inbox.thread(first.ref));
      expect(await client.inbox.threadIn(first.ref, { view: "sent" })).toHaveLength(1);
      expect(await client.inbox.countThreads({ view: "all" })).toMatchObject({
        threads: (await client.inbox.threads({ limit: 100 })).length,
      });
    }
    const all = await bob.client.inbox.threads({ view: "all", limit: 100 });
    expect(new Set(all.map(({ threadId }) => threadId)).size).toBe(all.length);
    const paged = [...(await bob.client.inbox.threads({ limit: 2 }))];
    const after = paged.at(-1)?.latest.messageId;
    if (after === undefined) throw new TypeError("there is no page");
    paged.push(...(await bob.client.inbox.threads({ limit: 100, after })));
    expect(paged.map(({ threadId }) => threadId)).toEqual(all.map(({ threadId }) => threadId));
  });
});

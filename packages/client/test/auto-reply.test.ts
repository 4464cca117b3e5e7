import type { Client, InboxSummary } from "@smimp/client";
import { DAY, HOUR } from "@smimp/protocol";
import { fakeClock, newPerson, startNetwork, type FakeClock, type Network, type Person } from "@smimp/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { joinWithTwoDevices } from "./people.ts";

let clock: FakeClock;
let network: Network;
let alice: Person;
let bob: Awaited<ReturnType<typeof joinWithTwoDevices>>;
let count = 0;

beforeAll(async () => {
  clock = fakeClock();
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], clock });
});
beforeEach(async () => {
  alice = await newPerson(network, `alice${++count}#alpha.example`);
  bob = await joinWithTwoDevices(network, `bob${count}#beta.example`);
  await meet(alice, bob);
});
afterAll(async () => await network.close());

/** Each knows the other. */
async function meet(one: Person, other: Person): Promise<void> {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    await from.client.send({ to: [to.address], subject: "Nice to meet you", body: "", keepCopy: false });
    await to.client.sync();
  }
}
const write = async (from: Person, to: Person, more: object = {}): Promise<void> => {
  await from.client.send({ to: [to.address], subject: "Question", body: "When?", keepCopy: false, ...more });
};
/** Syncs and sends what is due. */
async function work(...clients: readonly Client[]): Promise<readonly InboxSummary[]> {
  const came: InboxSummary[] = [];
  for (const client of clients) {
    came.push(...(await client.sync()).messages);
    await client.outbox.flush();
  }
  return came;
}
const automatic = async (client: Client): Promise<number> => {
  const lines = await client.inbox.list();
  const read = await Promise.all(lines.map(async ({ messageId }) => await client.inbox.read(messageId)));
  return read.filter(({ autoReply }) => autoReply).length;
};

describe("automatic answers", () => {
  test("go to whoever is known and writes, once in so many days, in the thread of their message", async () => {
    expect(await bob.client.autoReply.get()).toBeNull();
    await bob.client.autoReply.set({ text: "I am at the sea." });
    expect(await bob.client.autoReply.get()).toEqual({ text: "I am at the sea.", everyDays: 7 });
    for (let message = 0; message < 3; message++) await write(alice, bob);
    await work(bob.client);
    const [line, ...others] = await work(alice.client);
    expect(others).toEqual([]);
    expect(line).toMatchObject({ subject: "Re: Question", preview: "I am at the sea." });
    await write(alice, bob);
    await work(bob.client);
    expect(await work(alice.client)).toEqual([]);
    clock.advance(8 * DAY);
    await write(alice, bob);
    await work(bob.client);
    expect(await work(alice.client)).toHaveLength(1);
    await bob.client.autoReply.set(null);
    clock.advance(8 * DAY);
    await write(alice, bob);
    await work(bob.client);
    expect(await work(alice.client)).toEqual([]);
  });

  test("of two people to each other end with the first", async () => {
    await alice.client.autoReply.set({ text: "Alice is away." });
    await bob.client.autoReply.set({ text: "Bob is away." });
    await write(alice, bob);
    for (let round = 0; round < 4; round++) await work(bob.client, alice.client);
    expect(await automatic(alice.client)).toBe(1);
    expect(await automatic(bob.client)).toBe(0);
  });

  test("are not given to what a program marked as its own: an email, a short message, and a draft on its way through another device", async () => {
    await alice.client.autoReply.set({ text: "Alice is away." });
    await write(bob, alice, { automatic: true });
    await bob.client.sendShort(alice.address, "Tick", [], { automatic: true });
    await bob.client.outbox.enqueueShort([alice.address], "Tock", [], { automatic: true });
    await bob.client.drafts.save({ to: [alice.address], subject: "Report", body: "All is well.", automatic: true });
    await work(bob.client, bob.second.client);
    const [draft] = await bob.second.client.drafts.list();
    if (draft === undefined) throw new TypeError("the draft has not come");
    expect((await bob.second.client.drafts.get(draft.id)).draft).toMatchObject({ automatic: true });
    await bob.second.client.drafts.send(draft.id);
    await work(alice.client, bob.client);
    expect(await automatic(alice.client)).toBe(4);
    expect(await automatic(bob.client)).toBe(3);
  });

  test("come from one of several devices, also when both look at the same moment", async () => {
    await bob.client.autoReply.set({ text: "Away." });
    await work(bob.client, bob.second.client);
    expect(await bob.second.client.autoReply.get()).toMatchObject({ text: "Away." });
    await write(alice, bob);
    await Promise.all([bob.client.sync(), bob.second.client.sync()]);
    await Promise.all([bob.client.outbox.flush(), bob.second.client.outbox.flush()]);
    await work(alice.client);
    expect(await automatic(alice.client)).toBe(1);
    // One after the other: the second one sees that the first one opened it.
    clock.advance(8 * DAY);
    await write(alice, bob);
    await work(bob.client);
    const before = bob.second.counting.sent.filter(({ url }) => url.includes("/send_message/")).length;
    await work(bob.second.client);
    expect(bob.second.counting.sent.filter(({ url }) => url.includes("/send_message/")).length).toBe(before);
    await work(alice.client);
    expect(await automatic(alice.client)).toBe(2);
  });

  test("go to nobody who was written to in secret, who is a stranger, kept out or oneself; and not before or after their time", async () => {
    const carol = await newPerson(network, `carol${count}#alpha.example`);
    await carol.client.autoReply.set({ text: "Away." });
    // A stranger.
    await write(alice, carol);
    await work(carol.client);
    expect(await automatic(alice.client)).toBe(0);
    // Known by now, but written to in secret.
    await alice.client.send({ to: [bob.address], bcc: [carol.address], subject: "Psst", body: "", keepCopy: false });
    // Oneself.
    await carol.client.send({ to: [carol.address], subject: "Note", body: "" });
    // Mail from elsewhere.
    const imported = { from: "bob@example.org", to: [], cc: [], date: null, messageId: null };
    await carol.client.imports.add({ key: "one", imported, subject: "Old", body: "", attachments: [], read: false });
    await work(carol.client);
    await work(carol.client, alice.client);
    expect(await automatic(alice.client)).toBe(0);
    expect(await automatic(carol.client)).toBe(0);

    await carol.client.autoReply.set({
      text: "Later.",
      from: new Date(Date.parse(clock()) + 1_000 * HOUR).toISOString().replace(/\.\d+Z/, "Z") as ReturnType<FakeClock>,
    });
    await write(alice, carol);
    await work(carol.client, alice.client);
    expect(await automatic(alice.client)).toBe(0);
    await carol.client.autoReply.set({ text: "Now." });
    await carol.client.lists.block.add(bob.address);
    await write(alice, carol, { answersTo: bob.address });
    await work(carol.client, alice.client);
    // The answer would have gone to somebody whom Carol doesn't know.
    expect(await automatic(alice.client)).toBe(1);
    expect(await automatic(bob.client)).toBe(0);
    await carol.client.close();
  });

  test("are part of nobody's correspondents: whom a program answers is not let in", async () => {
    const dora = await newPerson(network, `dora${count}#alpha.example`);
    await dora.client.autoReply.set({ text: "Away." });
    await write(alice, dora);
    await work(dora.client);
    await write(alice, dora);
    await work(dora.client);
    await work(dora.client);
    expect(await dora.client.lists.allow.list()).toEqual([]);
    await dora.client.close();
  });
});

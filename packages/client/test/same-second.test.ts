import { fakeClock, newPerson, startNetwork, type Network, type Person } from "@smimp/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { linked, subjectsOf } from "./devices-people.ts";

// Times are whole seconds (protocol section 1): what comes within one stands in the order in which the server took it in.

let network: Network;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  // It stands still: everything comes in one second.
  network = await startNetwork({ domains: ["alpha.example"], clock: fakeClock() });
  alice = await newPerson(network, "alice#alpha.example");
  bob = await newPerson(network, "bob#alpha.example");
});
afterAll(async () => {
  for (const each of [alice, bob]) await each.client.close();
  await network.close();
});

test("messages of one second stand in the order of their coming, on every device", async () => {
  const subjects = Array.from({ length: 12 }, (_, index) => `Number ${index}`);
  for (const subject of subjects) await alice.client.send({ to: [bob.address], subject, body: "Quick.", keepCopy: false });
  const { messages } = await bob.client.sync();
  expect(messages.map(({ subject }) => subject)).toEqual(subjects);
  expect(new Set(messages.map(({ receivedAt }) => receivedAt)).size).toBe(1);
  const newestFirst = subjects.toReversed();
  expect(await subjectsOf(bob)).toEqual(newestFirst);
  // Two syncs: all that is due is archived, so that a new device lists it without fetching it.
  await bob.client.sync();
  const device = await linked(network, bob, "new");
  await device.client.sync();
  expect(await subjectsOf(device)).toEqual(newestFirst);
  const listed = await device.client.inbox.list();
  for (const { messageId } of listed) await device.client.inbox.read(messageId);
  expect(await subjectsOf(device)).toEqual(newestFirst);
  await device.client.close();
});

test("what two people say to each other within a second is a conversation in its order", async () => {
  const said = ["one", "two", "three", "four", "five", "six"];
  for (const [index, text] of said.entries()) {
    const [from, to] = index % 2 === 0 ? [alice, bob] : [bob, alice];
    await from.client.sendShort(to.address, text);
    await from.client.sync();
    await to.client.sync();
  }
  for (const { client } of [alice, bob]) {
    const [first] = await client.inbox.list({ limit: 1 });
    const threadId = first?.threadId ?? null;
    if (threadId === null) throw new TypeError("it stands in no conversation");
    const texts = (await client.inbox.thread(threadId)).map(({ preview }) => preview);
    expect(texts).toEqual(said);
  }
});

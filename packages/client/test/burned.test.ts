import { createMemoryStorage, type Storage } from "@smimp/client";
import { DAY } from "@smimp/protocol";
import { fakeClock, newPerson, startNetwork, type FakeClock, type Network, type Person } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collection } from "./devices-people.ts";

// What is left of a month whose archive key was destroyed.

let clock: FakeClock;
let network: Network;
let alice: Person;
let bob: Person & { readonly storage: Storage };

beforeAll(async () => {
  clock = fakeClock();
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], clock });
  alice = await newPerson(network, "alice#alpha.example");
  const storage = createMemoryStorage();
  bob = { ...(await newPerson(network, "bob#beta.example", { storage })), storage };
});
afterAll(async () => {
  for (const { client } of [alice, bob]) await client.close();
  await network.close();
});

/** Destroys the keys of all months but this one. */
async function burn(): Promise<void> {
  const keys = await collection<{ readonly id: string; readonly month: string }>(bob.storage, "archive-keys");
  await bob.storage.transact(async (writer) => {
    for (const { id } of keys.filter(({ month }) => month < clock().slice(0, 7))) {
      writer.delete("archive-keys", id);
      writer.put("burned-keys", id, new TextEncoder().encode(JSON.stringify({ id })));
    }
    await Promise.resolve();
  });
}
const everything = async (): Promise<string> => {
  const texts: string[] = [];
  for (const name of ["inbox", "messages", "applications", "secret-pending", "inbox-counts"]) {
    for (const { value } of await bob.storage.list(name)) texts.push(new TextDecoder().decode(value));
  }
  return texts.join("\n");
};

describe("what was burned", () => {
  test("leaves nothing that tells what it said; folders and lists keep their names", async () => {
    const folder = await bob.client.folders.create({ name: "Letters" });
    await bob.client.lists.allow.add(alice.address, "a friend");
    await alice.client.send({ to: [bob.address], subject: "A hushed subject", body: "Hushed words.", keepCopy: false });
    await alice.client.applications.send(bob.address, "x-custom-secret", Uint8Array.of(1));
    await alice.client.secretKeys.send(bob.address, { kind: "symmetric", name: "Hushed key", algorithm: "a", key: Uint8Array.of(1) });
    await bob.client.sync();
    const [line] = await bob.client.inbox.list();
    if (line === undefined) throw new TypeError("nothing arrived");
    await bob.client.inbox.label([line.messageId], { add: ["hushed label"] });
    await bob.client.drafts.save({ to: [alice.address], subject: "Going on", body: "Still written on." });
    await bob.client.sync();
    await bob.client.sync();

    clock.advance(40 * DAY);
    await alice.client.send({ to: [bob.address], subject: "Later", body: "Kept.", keepCopy: false });
    await bob.client.sync();
    await burn();
    await bob.client.sync();
    await bob.client.sync();

    expect((await everything()).match(/.{20}hushed.{20}/gi)).toBeNull();
    expect(await bob.client.inbox.list()).toMatchObject([
      { subject: "Later", state: "open" },
      { messageId: line.messageId, state: "burned", reason: null, subject: "", preview: "", labels: [] },
    ]);
    expect(await bob.client.inbox.read(line.messageId)).toMatchObject({ body: "", state: "burned" });
    expect(await bob.client.applications.list("x-custom-secret")).toEqual([]);
    expect(await bob.client.secretKeys.pending()).toEqual([]);
    expect(await bob.client.inbox.labels()).toEqual([]);
    expect(await bob.client.folders.list()).toMatchObject([{ id: folder.id, name: "Letters" }]);
    expect(await bob.client.lists.allow.list()).toMatchObject([{ entry: alice.address, text: "a friend" }]);
    // What is still written on is sealed anew.
    expect(await bob.client.drafts.list()).toMatchObject([{ subject: "Going on", synced: true }]);
    expect(await bob.storage.list("burned-keys")).toEqual([]);
  });
});

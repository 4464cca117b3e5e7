import { isSmimpError, parseAddress } from "@smimp/protocol";
import { createIdentity, newPerson, rawJoin, startNetwork, type Network, type Person } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { joinWithTwoDevices } from "./people.ts";

let network: Network;
let alice: Person;
let bob: Awaited<ReturnType<typeof joinWithTwoDevices>>;

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example", "beta.example"] });
  alice = await newPerson(network, "alice#alpha.example");
  bob = await joinWithTwoDevices(network, "bob#beta.example");
});
afterAll(async () => {
  for (const each of [alice.client, bob.client, bob.second.client]) await each.close();
  await network.close();
});

const requestsTo = (person: Person, part: string): number => person.counting.sent.filter(({ url }) => url.includes(part)).length;

describe("lists", () => {
  test("say on every device what their entries are, which the server doesn't", async () => {
    const { allow, block } = bob.client.lists;
    expect(await allow.list()).toEqual([]);
    const added = await allow.add("Carol#Alpha.Example", "from the choir");
    await block.add("#spam.example");
    expect(await allow.list()).toMatchObject([{ hash: added.hash, entry: "carol#alpha.example", text: "from the choir" }]);
    await bob.second.client.sync();
    const there = bob.second.client.lists;
    expect(await there.allow.list()).toMatchObject([{ entry: "carol#alpha.example", text: "from the choir" }]);
    expect(await there.block.list()).toMatchObject([{ entry: "#spam.example", text: "" }]);
    await there.allow.add("carol#alpha.example", "conductor");
    expect(await allow.list()).toMatchObject([{ hash: added.hash, text: "conductor" }]);
    await allow.remove("carol#alpha.example");
    const [spam] = await there.block.list();
    await there.block.remove(spam?.hash ?? "");
    expect([...(await there.allow.list()), ...(await block.list())]).toEqual([]);
    await expect(allow.add("nobody")).rejects.toSatisfy((error) => isSmimpError(error, "bad_address"));
    await allow.remove("never#there.example");
  });

  test("let in whom their owner writes to, after the message and not before", async () => {
    const before = requestsTo(alice, "/allowlist");
    await alice.client.send({ to: [bob.address, parseAddress("nobody#beta.example")], subject: "Hi", body: "", keepCopy: false });
    expect(requestsTo(alice, "/allowlist")).toBe(before);
    await alice.client.sync();
    expect(await alice.client.lists.allow.list()).toMatchObject([{ entry: bob.address, text: "" }]);
    const after = requestsTo(alice, "/allowlist");
    await alice.client.send({ to: [bob.address], subject: "Again", body: "", keepCopy: false });
    await alice.client.sync();
    expect(requestsTo(alice, "/allowlist")).toBe(after);
  });

  test("that hold somebody by name keep them out, though their owner writes to them", async () => {
    await bob.client.lists.block.add(alice.address, "too loud");
    await bob.client.send({ to: [alice.address], subject: "Please stop", body: "", keepCopy: false });
    await bob.client.sync();
    expect(await bob.client.lists.allow.list()).toEqual([]);
    const refused = await alice.client.send({ to: [bob.address], subject: "But", body: "", keepCopy: false });
    expect(refused.copies).toMatchObject([{ state: "failed", reason: "not_accepted" }]);
    await bob.client.lists.block.remove(alice.address);
    const taken = await alice.client.send({ to: [bob.address], subject: "Thanks", body: "", keepCopy: false });
    expect(taken.copies).toMatchObject([{ state: "sent" }]);
  });

  test("follow the owner's last word, whatever they wrote before", async () => {
    await bob.client.send({ to: [alice.address], subject: "Hello", body: "", keepCopy: false });
    await bob.client.sync();
    expect((await bob.client.lists.allow.list()).map(({ entry }) => entry)).toEqual([alice.address]);
    await bob.client.lists.block.add(alice.address);
    expect(await bob.client.lists.allow.list()).toEqual([]);
    const refused = await alice.client.send({ to: [bob.address], subject: "But", body: "", keepCopy: false });
    expect(refused.copies).toMatchObject([{ state: "failed", reason: "not_accepted" }]);
    await bob.client.lists.allow.add(alice.address);
    expect(await bob.client.lists.block.list()).toEqual([]);
    await bob.client.lists.allow.remove(alice.address);
  });

  test("end the waiting of messages whose senders are kept out from now on", async () => {
    const dora = await newPerson(network, "dora#beta.example");
    const stranger = await newPerson(network, "stranger#alpha.example");
    await rawJoin(network, createIdentity("other#alpha.example", network.server("alpha.example").baseUrl, network.clock()), 1);
    await stranger.client.send({ to: [dora.address], subject: "Offer", body: "", keepCopy: false });
    dora.counting.decide(({ url }) => (url.includes("/get_user/stranger") ? "fail" : "pass"));
    expect((await dora.client.sync()).messages).toMatchObject([{ state: "unconfirmed" }]);
    await dora.client.lists.block.add("#alpha.example");
    expect(await dora.client.inbox.list()).toEqual([]);
    dora.counting.decide(() => "pass");
    expect((await dora.client.sync()).messages).toEqual([]);
    for (const { client } of [dora, stranger]) await client.close();
  });
});

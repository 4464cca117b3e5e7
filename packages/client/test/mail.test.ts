import { newPerson, startNetwork, type Network, type Person } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let network: Network;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example", "beta.example"] });
  alice = await newPerson(network, "alice#alpha.example", { name: "Alice" });
  bob = await newPerson(network, "bob#beta.example");
});
afterAll(async () => {
  await alice.client.close();
  await bob.client.close();
  await network.close();
});

describe("mail between two domains", () => {
  test("a first message is delivered, opened and archived", async () => {
    const entry = await alice.client.send({ to: [bob.address], subject: "Hello", body: "First *light*.", keepCopy: false });
    expect(entry.copies).toMatchObject([{ to: bob.address, state: "sent", own: false, reason: null }]);
    const { messages, notices } = await bob.client.sync();
    expect(notices).toEqual([]);
    expect(messages).toMatchObject([{ from: alice.address, state: "open", subject: "Hello", read: false, own: false }]);
    const [line] = messages;
    const message = await bob.client.inbox.read(line!.messageId);
    expect(message).toMatchObject({ ref: entry.ref, to: [bob.address], body: "First *light*.", threadId: entry.ref, inReplyTo: null });
    expect(message.marks).toEqual({ firstContact: true, revokedKey: false, formerKey: false, notAuthenticated: false });
    expect((await bob.client.sync()).messages).toEqual([]);
  });
});

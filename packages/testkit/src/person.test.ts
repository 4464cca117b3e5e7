import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeClock } from "./clock.ts";
import { startNetwork, type Network } from "./network.ts";
import { newPerson } from "./person.ts";

const clock = fakeClock();
let network: Network;
beforeEach(async () => {
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], clock });
});
afterEach(async () => await network.close());

describe("newPerson", () => {
  it("joins, and everything that leaves is counted", async () => {
    const alice = await newPerson(network, "alice#alpha.example", { recordBodies: true });
    expect(alice.phrase.split(" ")).toHaveLength(24);
    expect(alice.counting.sent.some((each) => each.url.endsWith("initialize_account"))).toBe(true);
    const joined = alice.counting.sent.find((each) => each.url.endsWith("initialize_account"));
    expect(Buffer.concat(joined?.body ?? []).toString()).toContain("alice#alpha.example");
    expect(alice.counting.bytes()).toBeGreaterThan(0);
    alice.counting.reset();
    expect([alice.counting.requests(), alice.counting.bytes()]).toEqual([0, 0]);
    await alice.client.close();
  });
});

describe("countingFetch", () => {
  it("fails requests before they leave, and drops answers after the server did its work", async () => {
    const alice = await newPerson(network, "alice#alpha.example");
    const bob = await newPerson(network, "bob#beta.example");
    const letter = { to: [bob.address], subject: "Hello", body: "Hello", keepCopy: false };
    alice.counting.decide(() => "fail");
    const cut = await alice.client.send(letter);
    expect(cut.copies.map((each) => each.state)).toEqual(["queued"]);

    // A domain that failed is left in peace for a while.
    clock.advance(600);
    // The message arrives, its answer doesn't: sent again later, it must be there once.
    alice.counting.decide(({ url }) => (url.includes("send_message") ? "drop" : "pass"));
    const [dropped] = await alice.client.outbox.flush({ force: true });
    expect(dropped?.copies.map((each) => each.state)).toEqual(["queued"]);
    expect(alice.counting.sent.some((each) => each.url.includes("send_message"))).toBe(true);
    alice.counting.decide(() => "pass");
    const [sent] = await alice.client.outbox.flush({ force: true });
    expect(sent?.copies.map((each) => each.state)).toEqual(["sent"]);
    expect((await bob.client.sync()).messages).toHaveLength(1);
    await Promise.all([alice.client.close(), bob.client.close()]);
  });
});

import { newPerson, startNetwork, type Network } from "@smimp/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let network: Network;

beforeAll(async () => {
  const config = (domain: string) =>
    domain === "alpha.example" ? { quotas: { accountBytes: 1_000_000 } } : { quotas: { accountBytes: -1 } };
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], config });
});
afterAll(async () => await network.close());

test("an account knows how much room it takes, and how much there is, if that has a limit", async () => {
  await using alice = (await newPerson(network, "alice#alpha.example")).client;
  await using bob = (await newPerson(network, "bob#beta.example")).client;
  const before = await alice.account.quota();
  expect(before.total).toBe(1_000_000);
  await bob.send({ to: [alice.address], subject: "Room", body: "x".repeat(20_000), keepCopy: false });
  expect((await alice.account.quota()).used).toBeGreaterThan(before.used + 20_000);
  expect((await bob.account.quota()).total).toBeNull();
});

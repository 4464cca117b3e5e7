import { isSmimpError } from "@smimp/protocol";
import { startNetwork, type Network } from "@smimp/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { joinWithTwoDevices } from "./people.ts";

let network: Network;

beforeAll(async () => {
  network = await startNetwork({ domains: ["beta.example"] });
});
afterAll(async () => await network.close());

test("a signature is shared by all devices, until it is taken away", async () => {
  const { client: desk, second } = await joinWithTwoDevices(network, "bob#beta.example");
  const phone = second.client;
  expect(await desk.signature.get()).toBeNull();
  await desk.signature.set("**Bob**, Beta Ltd");
  await desk.sync();
  await phone.sync();
  expect(await phone.signature.get()).toBe("**Bob**, Beta Ltd");
  await phone.signature.set(null);
  await phone.sync();
  await desk.sync();
  expect(await desk.signature.get()).toBeNull();
  await expect(desk.signature.set("x".repeat(16_385))).rejects.toSatisfy((error) => isSmimpError(error, "bad_request"));
  await desk.close();
  await phone.close();
});

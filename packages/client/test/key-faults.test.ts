import { addSeconds, DAY, HOUR, randomBytes, signMessageKey, signSession } from "@smimp/protocol";
import { rawCaller, type FakeClock, type Network } from "@smimp/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collection, linked, restarted, subjectsOf, startDevices, type DevicesWorld, type TestDevice } from "./devices-people.ts";
import { keyHolder } from "./key-holder.ts";

// Keys on the server that are not what the devices believe, and people who can't be asked about.

let world: DevicesWorld;
let clock: FakeClock;
let network: Network;
let bob: TestDevice;

beforeAll(async () => {
  world = await startDevices();
  ({ clock, network, bob } = world);
});
afterAll(async () => await world.close());

/** The owner's calls, past every client. */
async function ownerCalls(device: TestDevice) {
  const { master } = await keyHolder(network, device);
  const { address } = device;
  const { baseUrl } = network.server("alpha.example");
  const call = rawCaller(network.fetch, baseUrl);
  const challenge = await call("getSessionChallenge", { params: { address } });
  const body = signSession({ server: baseUrl, address, token: challenge.answer.token, role: "master", issuedAt: clock(), key: master });
  const { answer } = await call("createSession", { params: { address }, body });
  const newKey = (kind: "ephemeral" | "non_ephemeral") =>
    signMessageKey({ address, seed: randomBytes(32), kind, createdAt: clock(), expiresAt: addSeconds(clock(), 20 * DAY), master });
  return { call, token: answer.authentication_token, newKey };
}
const standIns = async ({ storage }: TestDevice) =>
  (await collection<{ kind: string; statement: unknown; seed: unknown }>(storage, "message-keys")).filter(
    ({ kind }) => kind === "non_ephemeral",
  );

test("a stand-in key that the server has made void is given up, and holds up no sync", async () => {
  const phone = await world.join();
  const laptop = world.keep(await linked(network, phone, "laptop"));
  await laptop.client.sync();
  clock.advance(8 * DAY);
  // Its answer is lost, so the phone believes that the key is not published; the laptop's own takes its place.
  const { counting, client } = await restarted(network, phone);
  counting.decide(({ method, url }) => (method === "PUT" && url.endsWith("nonephemeral_key") ? "drop" : "pass"));
  await expect(client.sync()).rejects.toThrow();
  clock.advance(8 * DAY);
  await laptop.client.sync();
  clock.advance(8 * DAY);
  const again = world.keep(await restarted(network, phone));
  for (let times = 0; times < 3; times++) {
    await again.client.sync();
    clock.advance(HOUR);
  }
  expect((await standIns(again)).filter(({ statement }) => statement !== null)).toEqual([]);
  await world.write(again, "still here");
  await again.client.sync();
  expect(await subjectsOf(again)).toEqual(["still here"]);
});

test("keys on the server that no device can open with are replaced", async () => {
  const phone = await world.join();
  await phone.client.sync();
  const { call, token, newKey } = await ownerCalls(phone);
  const foreign = Array.from({ length: 20 }, () => newKey("ephemeral"));
  expect((await call("addEphemeralKeys", { token, body: { keys: foreign } })).code).toBeNull();
  expect((await call("putNonephemeralKey", { token, body: newKey("non_ephemeral") })).code).toBeNull();
  clock.advance(2 * HOUR);
  await phone.client.sync();
  for (let times = 0; times < 8; times++) await world.write(phone, `readable ${times}`);
  await phone.client.sync();
  expect((await subjectsOf(phone)).every((subject) => subject.startsWith("readable"))).toBe(true);
  expect(await subjectsOf(phone)).toHaveLength(8);
});

test("contacts are listed without any server, and a new device knows their safety numbers", async () => {
  const phone = await world.join();
  await world.write(phone, "hello");
  await phone.client.sync();
  await phone.client.contacts.setVerified(bob.address, true);
  await phone.client.sync();
  const laptop = world.keep(await linked(network, phone, "laptop"));
  const mine = await phone.client.contacts.list();
  expect(mine).toMatchObject([{ address: bob.address, verified: true }]);
  // When somebody was met is each device's own.
  const theirs = mine.map((each) => ({ ...each, metAt: null }));
  laptop.counting.decide(() => "fail");
  expect(await laptop.client.contacts.list()).toEqual(theirs);
  expect(await laptop.client.contacts.get(bob.address)).toEqual(theirs[0]);
  // Taking the mark away needs nobody either.
  await laptop.client.contacts.setVerified(bob.address, false);
  expect(await laptop.client.contacts.list()).toMatchObject([{ verified: false }]);
  laptop.counting.decide(() => "pass");
  clock.advance(1);
  await laptop.client.sync();
  await phone.client.sync();
  expect(await phone.client.contacts.list()).toMatchObject([{ verified: false }]);
});

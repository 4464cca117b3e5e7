import { isSmimpError, MINUTE, randomBytes, type ProblemCode } from "@smimp/protocol";
import { fakeClock, newPerson, rawCaller, startNetwork, type FakeClock, type Network, type Person } from "@smimp/testkit";
import { createMemoryStorage } from "@smimp/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { linked, restarted, type TestDevice } from "./devices-people.ts";

let clock: FakeClock;
let network: Network;
let alice: Person & TestDevice;
let bob: Person;

beforeAll(async () => {
  clock = fakeClock();
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], clock });
  const storage = createMemoryStorage();
  alice = { ...(await newPerson(network, "alice#alpha.example", { storage, name: "Alice" })), storage };
  bob = await newPerson(network, "bob#beta.example");
});
afterAll(async () => {
  await Promise.all([alice, bob].map(async ({ client }) => await client.close()));
  await network.close();
});

const code = (expected: ProblemCode) => (error: unknown) => isSmimpError(error, expected);
const PICTURE = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, ...randomBytes(500)]);
const shownTo = async (person: Person) => {
  await person.client.contacts.resolve(alice.address);
  return await person.client.profile.of(alice.address);
};

test("a profile is what its owner made of it last, and others see it", async () => {
  const { profile } = alice.client;
  expect(await profile.get()).toEqual({ name: "Alice", website: null, profiles: [], avatar: null });
  await profile.set({ website: "https://alice.example/", profiles: ["https://social.example/alice"] });
  await profile.set({ name: "Alice A." });
  // What is as it was costs no record.
  await profile.set({ name: "Alice A." });
  const all = { name: "Alice A.", website: "https://alice.example/", profiles: ["https://social.example/alice"], avatar: null };
  expect(await profile.get()).toEqual(all);
  expect(await shownTo(bob)).toEqual(all);
  await profile.set({ website: null });
  expect(await shownTo(bob)).toEqual({ ...all, website: null });
  expect((await alice.client.keys.status()).records).toBe(4);
  await expect(profile.set({ website: "http://alice.example/" })).rejects.toSatisfy(code("bad_request"));
  await expect(profile.set({ name: "x".repeat(20_000) })).rejects.toSatisfy((error) => isSmimpError(error));
});

test("an avatar is stored and named, and goes with everything else when personal data is deleted", async () => {
  const { profile } = alice.client;
  await expect(profile.setAvatar(randomBytes(100), "image/png")).rejects.toSatisfy(code("bad_request"));
  await expect(profile.setAvatar(new Uint8Array(2 * 1024 * 1024), "image/png")).rejects.toSatisfy(code("too_large"));
  await profile.setAvatar(PICTURE, "image/png");
  expect((await shownTo(bob))?.avatar).toMatchObject({ mediaType: "image/png" });
  const call = rawCaller(network.fetch, network.server("alpha.example").baseUrl);
  const params = { address: alice.address };
  expect((await call("getUserAvatar", { params })).bytes).toEqual(Buffer.from(PICTURE));
  await profile.deletePersonalData();
  expect(await shownTo(bob)).toBeNull();
  expect((await call("getUserAvatar", { params })).code).toBe("not_found");
  expect((await call("getHistory", { params })).answer.profile).toBeNull();
  await profile.deletePersonalData();
  expect(await profile.get()).toEqual({ name: null, website: null, profiles: [], avatar: null });
});

test("two devices that change it at once lose neither's change, and a lost answer changes it once", async () => {
  clock.advance(MINUTE);
  const laptop = await linked(network, alice, "laptop");
  await Promise.all([alice.client.profile.set({ name: "Alice" }), laptop.client.profile.set({ website: "https://alice.example/" })]);
  expect(await shownTo(bob)).toMatchObject({ name: "Alice", website: "https://alice.example/" });
  const { records } = await alice.client.keys.status();
  const cut = await restarted(network, alice);
  cut.counting.decide(({ url }) => (url.endsWith("update_profile") ? "drop" : "pass"));
  await expect(cut.client.profile.set({ name: "Alice B." })).rejects.toSatisfy(code("temporarily_unavailable"));
  const again = await restarted(network, alice);
  await again.client.profile.set({ name: "Alice B." });
  await again.client.contacts.resolve(alice.address);
  expect((await again.client.keys.status()).records).toBeLessThanOrEqual(records + 2);
  expect(await shownTo(bob)).toMatchObject({ name: "Alice B." });
  await laptop.client.close();
});

test("a profile outlives a change of keys", async () => {
  clock.advance(MINUTE);
  const before = await alice.client.profile.get();
  await alice.client.keys.rotate();
  expect(await alice.client.profile.get()).toEqual(before);
  expect(await shownTo(bob)).toEqual(before);
});

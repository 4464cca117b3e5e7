import { createMemoryStorage, openClient, type Client } from "@smimp/client";
import type { Fetch } from "@smimp/identity";
import { isSmimpError, MINUTE, parseAddress, randomBytes, utf8, type ProblemCode } from "@smimp/protocol";
import { fakeClock, newPerson, startNetwork, type FakeClock, type Network, type Person } from "@smimp/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { joinRestartable, type Restartable } from "./people.ts";

let clock: FakeClock;
let network: Network;
let alice: Restartable;
let bob: Person;

beforeAll(async () => {
  clock = fakeClock();
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], clock });
  alice = await joinRestartable(network, "alice#alpha.example");
  bob = await newPerson(network, "bob#beta.example", { storage: createMemoryStorage(), name: "Bob" });
});
afterAll(async () => {
  await Promise.all([alice, bob].map(async ({ client }) => await client.close()));
  await network.close();
});

const code = (expected: ProblemCode) => (error: unknown) => isSmimpError(error, expected);
const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, ...randomBytes(500)]);
const toBob = () => ({ to: [bob.address], subject: "Hello", body: "For Bob.", keepCopy: false });

/** Alice's program, with whatever her fetch makes of answers. */
async function aliceWith(fetch: Fetch): Promise<Client> {
  return await openClient({ storage: alice.storage, deps: { fetch, clock, random: randomBytes } });
}

/** Answers for addresses that end so are these; everything else passes. */
function insteadOf(end: string, bytes: () => Uint8Array): Fetch {
  return async (url, init) => {
    if (!decodeURIComponent(url).endsWith(end)) return await network.fetch(url, init);
    const body = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(bytes());
    };
    return { status: 200, headers: { get: () => null }, body: body() };
  };
}

test("a history says record by record what changed, on whose word, and needs no server once it was fetched", async () => {
  const { contacts } = alice.client;
  expect(await contacts.names([bob.address])).toEqual([null]);
  await contacts.resolve(bob.address);
  const metAt = clock();
  clock.advance(MINUTE);
  await bob.client.profile.set({ website: "https://bob.example/" });
  await bob.client.keys.rotate();
  const newPhrase = await bob.client.keys.changePhrase({ oldPhrase: bob.phrase, keepPhrase: async () => await Promise.resolve() });
  expect(newPhrase.split(" ")).toHaveLength(24);
  await contacts.resolve(bob.address);

  const { client, counting } = await alice.restart();
  counting.decide(() => "fail");
  const { records, baseUrl } = await client.contacts.history(bob.address);
  expect(baseUrl).toBe(bob.client.baseUrl);
  expect(records.map(({ sequence, signedBy, changes }) => ({ sequence, signedBy, changes }))).toEqual([
    { sequence: 0, signedBy: "master", changes: ["opened"] },
    { sequence: 1, signedBy: "master", changes: ["profile"] },
    { sequence: 2, signedBy: "master", changes: ["key"] },
    { sequence: 3, signedBy: "recovery", changes: ["key", "recovery_key"] },
  ]);
  expect(await client.contacts.names([bob.address, parseAddress("nobody#beta.example")])).toEqual(["Bob", null]);
  expect(await client.contacts.get(bob.address)).toMatchObject({ metAt, name: "Bob", disputed: false, verifiedAt: null, loweredAt: null });
  expect((await client.contacts.history(alice.address)).records).toHaveLength(1);
});

test("a compared safety number counts no more after a key change, and that is told until somebody says otherwise", async () => {
  const { contacts } = alice.client;
  await contacts.resolve(bob.address);
  const verifiedAt = clock();
  await contacts.setVerified(bob.address, true);
  expect(await contacts.get(bob.address)).toMatchObject({ verified: true, verifiedAt, loweredAt: null });
  clock.advance(MINUTE);
  await bob.client.keys.rotate();
  await contacts.resolve(bob.address);
  const loweredAt = clock();
  expect(await contacts.get(bob.address)).toMatchObject({ verified: false, verifiedAt: null, loweredAt });
  await contacts.setVerified(bob.address, true);
  expect(await contacts.get(bob.address)).toMatchObject({ verified: true, loweredAt: null });
});

test("whose server once showed another history is sent nothing, until it shows again the one that was seen before", async () => {
  const { records, profile } = await historyOf(bob);
  const rewritten = JSON.stringify({ records: records.slice(0, 1), profile: null });
  // The rest of what the server says is the truth: that alone doesn't make it good again.
  const lied = await aliceWith(insteadOf(`get_user/${bob.address}/history`, () => utf8(rewritten)));
  await expect(lied.contacts.resolve(bob.address)).rejects.toSatisfy(code("history_rewritten"));
  expect(await lied.contacts.get(bob.address)).toMatchObject({ disputed: true });
  expect((await lied.send(toBob())).copies).toMatchObject([{ state: "failed", reason: "history_rewritten", messageId: null }]);
  const whole = JSON.stringify({ records, profile });
  const honest = await aliceWith(insteadOf(`get_user/${bob.address}/history`, () => utf8(whole)));
  expect((await honest.send(toBob())).copies).toMatchObject([{ state: "sent" }]);
  expect(await honest.contacts.get(bob.address)).toMatchObject({ disputed: false });
});

test("an avatar is the one that the profile names, and is kept", async () => {
  const { contacts, profile } = alice.client;
  expect(await profile.avatarOf(bob.address)).toBeNull();
  await bob.client.profile.setAvatar(PNG, "image/png");
  await contacts.resolve(bob.address);
  expect(await profile.avatarOf(bob.address, { fetch: false })).toBeNull();
  // Another image, and none.
  for (const bytes of [Uint8Array.from(PNG.toReversed()), utf8("<svg/>")]) {
    const lied = await aliceWith(insteadOf(`user_avatar/${bob.address}`, () => bytes));
    expect(await lied.profile.avatarOf(bob.address)).toBeNull();
  }
  expect(await profile.avatarOf(bob.address)).toMatchObject({ mediaType: "image/png", bytes: PNG });
  const { client, counting } = await alice.restart();
  counting.decide(() => "fail");
  expect(await client.profile.avatarOf(bob.address)).toMatchObject({ mediaType: "image/png", bytes: PNG });
  expect(await bob.client.profile.avatarOf(bob.address)).toMatchObject({ mediaType: "image/png", bytes: PNG });
});

async function historyOf(person: Person): Promise<{ readonly records: readonly unknown[]; readonly profile: string | null }> {
  const url = `${person.client.baseUrl}1.0/get_user/${encodeURIComponent(person.address)}/history`;
  const response = await network.fetch(url, { redirect: "manual" });
  const parts: Uint8Array[] = [];
  for await (const part of response.body ?? []) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString("utf8")) as { readonly records: readonly unknown[]; readonly profile: string | null };
}

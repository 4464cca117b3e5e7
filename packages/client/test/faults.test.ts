import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createMemoryStorage, openClient, type Client, type Storage } from "@smimp/client";
import type { Fetch } from "@smimp/identity";
import { DAY, domainOf, HOUR, isSmimpError, MINUTE, parseAddress, randomBytes } from "@smimp/protocol";
import {
  askKey,
  countingFetch,
  createIdentity,
  deliverRaw,
  fakeClock,
  joinRaw,
  newPerson,
  rawCaller,
  rawSession,
  sealRaw,
  startNetwork,
  tamperingFetch,
  type Network,
  type Person,
  type TamperingFetch,
  type TestIdentity,
} from "@smimp/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { pieces } from "./people.ts";

// What goes wrong half-way: nothing is lost, nothing stays that should be gone, nobody is silenced.

let network: Network;
let net: TamperingFetch;
const clients: Client[] = [];

beforeAll(async () => {
  const workPolicy = {
    count: 1,
    strangerBits: 0,
    establishedBits: 0,
    firstContactsPerSender: 1_000,
    firstContactsPerDomain: 1_000,
    firstContactsPerPrefix: 1_000,
    messagesPerCorrespondent: 1_000,
    strangerInflow: 1_000,
  };
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], config: { workPolicy } });
  net = tamperingFetch(network.fetch);
});
afterEach(async () => {
  net.tamper(null);
  await Promise.all(clients.splice(0).map(async (client) => await client.close()));
});
afterAll(async () => await network.close());

/** Somebody whose server can be made to lie, and whose storage can be looked into. */
async function person(address: string, storage: Storage = createMemoryStorage()): Promise<Person & { readonly storage: Storage }> {
  const joined = await newPerson({ ...network, fetch: net.fetch }, address, { storage });
  clients.push(joined.client);
  return { ...joined, storage };
}

/** Another program on the same storage. */
async function restart({ storage }: { readonly storage: Storage }, fetch: Fetch): Promise<Client> {
  return await openClient({ storage, deps: { fetch, clock: network.clock, random: randomBytes } });
}

const emailText = (subject: string, ref = "ab".repeat(32)): string =>
  JSON.stringify({ ref, to: [], cc: [], subject, date_sent: network.clock(), body: subject, attachments: [] });

const stored = async <Document>(storage: Storage, collection: string): Promise<readonly Document[]> =>
  (await storage.list(collection)).map(({ value }) => JSON.parse(new TextDecoder().decode(value)) as Document);

interface StoredKey {
  readonly seed: string | null;
  readonly used_by: string | null;
}

describe("single-use secrets", () => {
  test("go with their message, also where it is deleted before it was archived", async () => {
    const alice = await person("alice1#alpha.example");
    const bob = await person("bob1#beta.example");
    await alice.client.send({ to: [bob.address], subject: "Burn", body: "after reading", keepCopy: false });
    bob.counting.decide(({ url }) => (url.includes("/message_archive/") ? "fail" : "pass"));
    const { messages } = await bob.client.sync();
    const [line] = messages;
    if (line === undefined) throw new TypeError("nothing arrived");
    await bob.client.inbox.remove(line.messageId);
    bob.counting.decide(() => "pass");
    await bob.client.sync();
    const used = (await stored<StoredKey>(bob.storage, "message-keys")).filter(({ used_by }) => used_by === line.messageId);
    expect(used).toMatchObject([{ seed: null }]);
    expect(await bob.storage.list("to-archive")).toEqual([]);
  });

  test("are kept until the keystore that holds the archive key is saved, however often that fails", async () => {
    const alice = await person("alice2#alpha.example");
    const bob = await person("bob2#beta.example");
    await alice.client.send({ to: [bob.address], subject: "Kept", body: "safe", keepCopy: false });
    bob.counting.decide(({ url, method }) => (method === "PUT" && url.endsWith("/keystore") ? "fail" : "pass"));
    for (let round = 0; round < 2; round++) {
      await expect(bob.client.sync()).rejects.toSatisfy((error) => isSmimpError(error, "temporarily_unavailable"));
    }
    expect(bob.counting.sent.filter(({ url }) => url.includes("/message_archive/"))).toEqual([]);
    const seeds = await stored<StoredKey>(bob.storage, "message-keys");
    expect(seeds.every(({ seed }) => seed !== null)).toBe(true);
    bob.counting.decide(() => "pass");
    await bob.client.sync();
    expect((await stored<StoredKey>(bob.storage, "message-keys")).filter(({ seed }) => seed === null)).toHaveLength(1);
    expect(await bob.client.inbox.list()).toMatchObject([{ subject: "Kept", state: "open" }]);
  });
});

describe("a message that waits for its sender's history", () => {
  test("stands in the list once, though it was sealed anew", async () => {
    const bob = await person("bob3#beta.example");
    const alice = await joinRaw(network, "alice3#alpha.example", 5);
    for (let copy = 0; copy < 2; copy++) await deliverRaw(network, alice, bob.client.address, { text: emailText("Twice") });
    bob.counting.decide(({ url }) => (url.includes("/get_user/") ? "fail" : "pass"));
    expect((await bob.client.sync()).messages).toMatchObject([{ state: "unconfirmed" }, { state: "unconfirmed" }]);
    bob.counting.decide(() => "pass");
    // The domain that could not be reached is left alone for some seconds: another program doesn't know of it.
    const again = await restart(bob, network.fetch);
    await again.sync();
    expect(await again.inbox.list()).toMatchObject([{ state: "open", subject: "Twice" }]);
  });

  test("is tried again at once, and then with longer and longer waits", async () => {
    const clock = fakeClock();
    const storage = createMemoryStorage();
    const joined = await newPerson({ ...network, clock }, "bob9#beta.example", { storage });
    clients.push(joined.client);
    const alice = await joinRaw(network, "alice9#alpha.example", 5);
    await deliverRaw(network, alice, joined.client.address, { text: emailText("Later") });
    const asked: string[] = [];
    const sync = async (): Promise<readonly string[]> => {
      const counting = countingFetch(network.fetch);
      counting.decide(({ url }) => (url.includes("/get_user/") ? "fail" : "pass"));
      const again = await openClient({ storage, deps: { fetch: counting.fetch, clock, random: randomBytes } });
      await again.sync();
      asked.push(String(counting.sent.filter(({ url }) => url.includes("/get_user/")).length));
      return (await again.inbox.list()).map(({ state }) => state);
    };
    for (let count = 0; count < 3; count++) expect(await sync()).toEqual(["unconfirmed"]);
    clock.advance(2 * MINUTE);
    await sync();
    expect(asked).toEqual(["1", "1", "0", "1"]);
  });
});

describe("a server that shows the sender another history of the owner's", () => {
  test("can't keep the owner from hearing of it by not answering", async () => {
    const bob = await person("bob4#beta.example");
    const alice = await joinRaw(network, "alice4#alpha.example", 5);
    const honest = await deliverRaw(network, alice, bob.client.address, { text: emailText("honest") });
    const invented = createIdentity(bob.address, bob.client.baseUrl, network.clock());
    const key = { ...(await keyFor(alice, bob.client)), link: invented.chain.head.link };
    const misled = sealRaw(alice, bob.address, key, network.clock(), { text: emailText("misled", "cd".repeat(32)) });
    // What an operator who lies can do: change the server's own database.
    const database = new DatabaseSync(join(network.server("beta.example").config.dataDir, "smimp.sqlite"), { timeout: 5_000 });
    database
      .prepare("UPDATE messages SET message_id = ?, data = ?, signature = ? WHERE message_id = ?")
      .run(misled.messageId, misled.statement.data, misled.statement.signature, honest.messageId);
    database.close();
    bob.counting.decide(({ url }) => (url.includes("/get_user/bob4") ? "fail" : "pass"));
    const { notices } = await bob.client.sync();
    expect(notices).toMatchObject([{ code: "history_withheld", address: bob.address }]);
    expect(await bob.client.inbox.list()).toMatchObject([{ messageId: misled.messageId, state: "unconfirmed", subject: "" }]);
    bob.counting.decide(() => "pass");
    // The domain that could not be reached is left alone for some seconds: another program doesn't know of it.
    const again = await restart(bob, net.fetch);
    expect((await again.sync()).notices).toMatchObject([{ code: "own_history_mismatch" }]);
    expect(await again.inbox.list()).toMatchObject([{ state: "invalid", reason: "own_history_mismatch", subject: "" }]);
  });
});

async function keyFor(from: TestIdentity, to: Client): Promise<Awaited<ReturnType<typeof askKey>>> {
  const { baseUrl } = network.server(domainOf(to.address));
  return await askKey(rawCaller(network.fetch, baseUrl), await rawSession(network, baseUrl, from), to.address);
}

describe("a server that answers more than it was asked for", () => {
  test("fills nobody's notices", async () => {
    const bob = await person("bob5#beta.example");
    const alice = await joinRaw(network, "alice5#alpha.example", 5);
    await deliverRaw(network, alice, bob.client.address, { text: emailText("One") });
    const junk = (line: string): string => {
      const { envelope, ...rest } = JSON.parse(line) as { envelope: { data: string; signature: string } };
      return `${JSON.stringify({ ...rest, envelope: { ...envelope, data: "{}" } })}\n`;
    };
    net.tamper((url, text) => (url.endsWith("/messages") ? `${text}${junk(text).repeat(50)}` : text));
    await expect(bob.client.sync()).rejects.toSatisfy((error) => isSmimpError(error, "temporarily_unavailable"));
    expect(await bob.client.notices.list()).toEqual([]);
    net.tamper(null);
    await bob.client.sync();
    expect(await bob.client.inbox.list()).toMatchObject([{ state: "open", subject: "One" }]);
  });
});

describe("contents of attachments", () => {
  test("are destroyed once all copies are sent, or a week after one failed for good", async () => {
    const clock = fakeClock();
    const storage = createMemoryStorage();
    const { client } = await newPerson({ ...network, clock }, "alice6#alpha.example", { storage });
    clients.push(client);
    const attachments = [{ name: "a.bin", mediaType: "application/octet-stream", size: 100_000, open: () => pieces(100_000) }];
    const draft = { subject: "Lost", body: "", attachments, keepCopy: false };
    await client.send({ ...draft, to: [client.address] });
    expect(await storage.list("outbox-content")).toEqual([]);
    expect(await storage.list("outbox-under-way")).toEqual([]);
    const { copies } = await client.send({ ...draft, to: [client.address, parseAddress("nobody#beta.example")] });
    expect(copies).toMatchObject([{ state: "sent" }, { state: "failed", reason: "unknown_user" }]);
    expect((await storage.list("outbox-content")).length).toBeGreaterThan(0);
    clock.advance(8 * DAY);
    await client.outbox.flush();
    expect(await storage.list("outbox-content")).toEqual([]);
  });
});

describe("a top-up of keys that fails half-way", () => {
  test("is done with the next sync, not an hour later", async () => {
    const bob = await person("bob7#beta.example");
    const uploads = (): number =>
      bob.counting.sent.filter(({ method, url }) => method === "POST" && url.endsWith("/ephemeral_keys")).length;
    net.tamper((url, text) => (url.endsWith("/ephemeral_keys") ? JSON.stringify({ count: 0, key_ids: [] }) : text));
    bob.counting.decide(({ method, url }) => (method === "POST" && url.endsWith("/ephemeral_keys") ? "fail" : "pass"));
    await expect(bob.client.sync()).rejects.toSatisfy((error) => isSmimpError(error, "temporarily_unavailable"));
    bob.counting.decide(() => "pass");
    await bob.client.sync();
    expect(uploads()).toBe(2);
  });
});

describe("a machine whose clock is wrong", () => {
  test("sends what it queued once the clock is right", async () => {
    const clock = fakeClock();
    const bob = await person("bob8#beta.example");
    const alice = await newPerson({ ...network, clock }, "alice8#alpha.example");
    clients.push(alice.client);
    clock.advance(-HOUR);
    const entry = await alice.client.send({ to: [bob.address], subject: "Late", body: "", keepCopy: false });
    expect(entry.copies).toMatchObject([{ state: "queued", reason: "unauthenticated" }]);
    clock.advance(HOUR);
    expect((await alice.client.outbox.flush({ force: true })).map(({ copies }) => copies)).toMatchObject([[{ state: "sent" }]]);
  });
});

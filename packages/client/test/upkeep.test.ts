import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAccount, openClient } from "@smimp/client";
import { openSqliteStorage } from "@smimp/client/sqlite";
import {
  addSeconds,
  CLIENT_KEYS,
  DAY,
  HOUR,
  isSmimpError,
  MIN_PASSPHRASE_MEMORY,
  openKeystore,
  parseAddress,
  parseKeystoreDocument,
  parsePhrase,
  phraseKeystoreKey,
  randomBytes,
} from "@smimp/protocol";
import { fakeClock, newPerson, startNetwork, tamperingFetch, type FakeClock, type Network, type Person } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { joinRestartable, type Restartable } from "./people.ts";

let clock: FakeClock;
let network: Network;
let alice: Person;
let bob: Restartable;

beforeAll(async () => {
  clock = fakeClock();
  const quotas = { keysPerRequester: 1_000, keysForFirstContacts: 1_000 };
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], clock, config: { quotas } });
  alice = await newPerson(network, "alice#alpha.example");
  bob = await joinRestartable(network, "bob#beta.example");
});
afterAll(async () => {
  await alice.client.close();
  await bob.client.close();
  await network.close();
});

interface StoredKey {
  readonly kind: string;
  readonly seed: string | null;
  readonly used_by: string | null;
  readonly statement: unknown;
}
const keysOf = async (): Promise<readonly StoredKey[]> =>
  (await bob.storage.list("message-keys")).map(({ value }) => JSON.parse(new TextDecoder().decode(value)) as StoredKey);
const write = async (subject: string): Promise<void> => {
  const entry = await alice.client.send({ to: [bob.address], subject, body: "", keepCopy: false });
  expect(entry.copies).toMatchObject([{ state: "sent" }]);
};
const requestsOf = (person: Person, part: string): number => person.counting.sent.filter(({ url }) => url.includes(part)).length;

describe("upkeep", () => {
  test("keys are topped up to 100 below 50, and published only after the keystore that holds them", async () => {
    for (let count = 0; count < CLIENT_KEYS / 2 + 1; count++) await write(`top up ${count}`);
    const { messages } = await bob.client.sync();
    expect(messages).toHaveLength(CLIENT_KEYS / 2 + 1);
    const keys = await keysOf();
    const open = keys.filter(({ kind, seed }) => kind === "ephemeral" && seed !== null);
    expect(open).toHaveLength(CLIENT_KEYS);
    expect(open.every(({ statement }) => statement === null)).toBe(true);
    expect(keys.filter(({ used_by, seed }) => used_by !== null && seed !== null)).toEqual([]);
    const urls = bob.counting.sent.map(({ method, url }) => `${method} ${url}`);
    const published = urls.findIndex((each) => each.startsWith("POST") && each.endsWith("/ephemeral_keys"));
    expect(urls[published - 1]).toMatch(/^PUT .*\/keystore$/);
  });

  test("a key upload whose answer is lost is done again with the same keys", async () => {
    for (let count = 0; count < CLIENT_KEYS / 2 + 1; count++) await write(`again ${count}`);
    const first = await bob.restart();
    first.counting.decide(({ method, url }) => (method === "POST" && url.endsWith("/ephemeral_keys") ? "drop" : "pass"));
    await expect(first.client.sync()).rejects.toSatisfy((error) => isSmimpError(error, "temporarily_unavailable"));
    const before = (await keysOf()).length;
    const second = await bob.restart();
    await second.client.sync();
    await write("after the lost answer");
    expect((await second.client.sync()).messages).toMatchObject([{ state: "open" }]);
    expect((await keysOf()).length).toBe(before);
  });

  test("a session that the server has forgotten is begun again, once", async () => {
    await write("before");
    clock.advance(2 * HOUR);
    const before = requestsOf(alice, "create_session");
    await write("after");
    expect(requestsOf(alice, "create_session")).toBe(before + 2);
    const { messages } = await bob.client.sync();
    expect(messages.filter(({ state }) => state === "open")).toHaveLength(2);
  });

  test("the non-ephemeral key is replaced weekly; the old secret stays until it has expired and a sync has seen it", async () => {
    const standing = async (): Promise<number> =>
      (await keysOf()).filter(({ kind, seed }) => kind === "non_ephemeral" && seed !== null).length;
    expect(await standing()).toBe(1);
    clock.advance(6 * DAY);
    await bob.client.sync();
    expect(await standing()).toBe(1);
    clock.advance(2 * DAY);
    await bob.client.sync();
    expect(await standing()).toBe(2);
    clock.advance(40 * DAY);
    await bob.client.sync();
    expect(await standing()).toBe(1);
    await write("to the new key");
    expect((await bob.client.sync()).messages).toMatchObject([{ state: "open" }]);
  });

  test("the phrase opens the keystore on the server, and what is in it opens what arrives", async () => {
    await bob.client.sync();
    const puts = bob.counting.sent.filter(({ method, url }) => method === "PUT" && url.endsWith("/keystore"));
    expect(puts.length).toBeGreaterThan(1);
    const recording = await newPerson(network, "erin#beta.example", { recordBodies: true });
    await alice.client.send({ to: [recording.address], subject: "Keep", body: "", keepCopy: false });
    await recording.client.sync();
    const last = recording.counting.sent.findLast(({ method, url }) => method === "PUT" && url.endsWith("/keystore"));
    const secret = parsePhrase(recording.phrase);
    const body: unknown = last?.body;
    const bytes = body instanceof Uint8Array ? body : Buffer.concat(body as readonly Uint8Array[]);
    const opened = openKeystore(recording.address, bytes, { phraseSeed: phraseKeystoreKey(secret).seed });
    expect(opened.version).toBeGreaterThan(0);
    const document = parseKeystoreDocument(opened.text);
    expect(document.pins.map(({ address }) => address).sort()).toEqual([alice.address, recording.address]);
    expect(document.archive_keys).toHaveLength(1);
    expect(document.tombstones).toHaveLength(1);
    expect(document.message_keys.length).toBeGreaterThanOrEqual(CLIENT_KEYS);
    await recording.client.close();
  });

  test("keys that many new master keys have made void count as none: they are topped up, and told, as the server holds them", async () => {
    const net = tamperingFetch(network.fetch);
    const dora = await joinRestartable({ ...network, fetch: net.fetch }, "dora#beta.example");
    let held = 0;
    net.tamper((url, text) => {
      if (url.endsWith("/ephemeral_keys") && text.includes("key_ids")) held = (JSON.parse(text) as { readonly count: number }).count;
      return text;
    });
    // Each brings 100 keys and makes those before void: together more than a device ever has published at once.
    for (let change = 0; change < 20; change++) await dora.client.keys.rotate();
    expect((await dora.client.keys.status()).singleUseKeys).toBe(CLIENT_KEYS);
    // Whoever has just met the key before waits for the new one.
    clock.advance(DAY);
    for (let count = 0; count < CLIENT_KEYS / 2 + 1; count++) {
      const { copies } = await alice.client.send({ to: [dora.address], subject: `drain ${count}`, body: "", keepCopy: false });
      expect(copies).toMatchObject([{ state: "sent" }]);
    }
    expect((await dora.client.sync()).messages).toHaveLength(CLIENT_KEYS / 2 + 1);
    expect((await dora.client.keys.status()).singleUseKeys).toBe(CLIENT_KEYS);
    // Another program asks what the server has.
    await (await dora.restart()).client.sync();
    expect(held).toBe(CLIENT_KEYS);
    await dora.client.close();
  });

  test("a message that leaves right after the master key was replaced waits for servers that don't know it yet", async () => {
    const carol = await newPerson(network, "carol#alpha.example");
    await carol.client.send({ to: [bob.address], subject: "under the old key", body: "", keepCopy: false });
    await carol.client.keys.rotate();
    // Bob's server has looked at her history a moment ago.
    const { id, copies } = await carol.client.send({ to: [bob.address], subject: "under the new key", body: "", keepCopy: false });
    expect(copies).toMatchObject([{ state: "queued", reason: "temporarily_unavailable" }]);
    clock.advance(HOUR);
    expect((await carol.client.outbox.flush({ id }))[0]?.copies).toMatchObject([{ state: "sent" }]);
    expect(await carol.client.notices.list()).toEqual([]);
    await carol.client.close();
  });

  test("an account on a disk is there again after a restart, with its mail, pins and outbox", async () => {
    const folder = await mkdtemp(join(tmpdir(), "smimp-client-"));
    try {
      const address = parseAddress("frank#beta.example");
      const file = join(folder, "mail.db");
      const open = { file, passphrase: "a long passphrase", cost: { memory: MIN_PASSPHRASE_MEMORY } };
      const deps = { fetch: network.fetch, clock, random: randomBytes };
      const invite = await network.invite("beta.example", address);
      const { client } = await createAccount({ storage: await openSqliteStorage(open), invite, address, deps });
      await alice.client.send({ to: [address], subject: "On disk", body: "Kept.", keepCopy: false });
      await client.sync();
      const queued = await client.outbox.enqueue({ to: [alice.address], subject: "Later", body: "Queued.", keepCopy: false });
      await client.close();

      const again = await openClient({ storage: await openSqliteStorage(open), deps });
      const [line] = await again.inbox.list();
      expect(line).toMatchObject({ subject: "On disk" });
      expect(await again.inbox.read(line?.messageId ?? queued.ref)).toMatchObject({ body: "Kept.", from: alice.address });
      expect(await again.contacts.list()).toMatchObject([{ address: alice.address }]);
      expect(await again.outbox.flush()).toMatchObject([{ id: queued.id, copies: [{ state: "sent" }] }]);
      await again.close();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("an expired secret stays while a message is left that could not be fetched, and not for ever", async () => {
    const standing = async (): Promise<readonly (string | null)[]> =>
      (await keysOf()).filter(({ kind }) => kind === "non_ephemeral").map(({ seed }) => seed);
    const [before] = await standing();
    // The server names it and never delivers it.
    const messageId = "ab".repeat(32);
    clock.advance(33 * DAY);
    const retry = JSON.stringify({ messageId, attempts: 1, nextAttemptAt: addSeconds(clock(), HOUR) });
    await bob.storage.transact(async (writer) => await Promise.resolve(writer.put("to-retry", messageId, new TextEncoder().encode(retry))));
    await bob.client.sync();
    expect(await standing()).toContain(before);
    clock.advance(8 * DAY);
    await bob.client.sync();
    expect(await standing()).not.toContain(before);
    await bob.storage.transact(async (writer) => await Promise.resolve(writer.delete("to-retry", messageId)));
  });
});

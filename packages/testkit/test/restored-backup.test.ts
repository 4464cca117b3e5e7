import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fromB64, keyIdOf, openKeystore, parseKeystoreDocument, parsePhrase, phraseKeystoreKey, type Hex32 } from "@smimp/protocol";
import { openAdmin } from "@smimp/server";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { askKey, joinRaw, rawCaller, rawSession, type NetworkServer, type Person, type TestIdentity } from "../src/index.ts";
import { keyIdOfSeed, startBackups, subjects, type BackupWorld } from "./backup-world.ts";

// An old copy of a server's data is put back. What came after it may be lost; no key comes back, nobody gets anything twice, and
// everybody carries on. A client's own data are in restored-storage.test.ts.

let world: BackupWorld;
beforeAll(async () => {
  world = await startBackups();
});
beforeEach(async () => await world.begin());
afterEach(async () => await world.end());
afterAll(async () => await world.close());

/** Stops a server, does something with its folder, and starts it again. */
async function whileStopped(server: NetworkServer, work: (dataDir: string) => Promise<void> | void): Promise<void> {
  if (server.process === null) throw new TypeError("the server must be a process");
  await server.process.kill();
  await work(server.config.dataDir);
  await server.process.restart();
}

const backUp = async (server: NetworkServer): Promise<void> =>
  await whileStopped(server, (dataDir) => {
    rmSync(join(world.folder, server.domain), { recursive: true, force: true });
    cpSync(dataDir, join(world.folder, server.domain), { recursive: true });
  });

const putBack = async (server: NetworkServer): Promise<void> =>
  await whileStopped(server, async (dataDir) => {
    rmSync(dataDir, { recursive: true });
    cpSync(join(world.folder, server.domain), dataDir, { recursive: true });
    const admin = await openAdmin(server.config);
    try {
      expect((await admin.restored()).faults).toEqual([]);
    } finally {
      await admin.close();
    }
  });

/** Names of single-use keys that a stranger is given. */
async function drain(stranger: TestIdentity, count: number): Promise<readonly Hex32[]> {
  const { baseUrl } = world.beta;
  const call = rawCaller(world.network.fetch, baseUrl);
  const token = await rawSession(world.network, baseUrl, stranger);
  const keys: Hex32[] = [];
  for (let asked = 0; asked < count; asked++) {
    const { message_key: statement } = await askKey(call, token, world.bob.address);
    const { public_key: publicKey, kind } = JSON.parse(statement.data) as { public_key: string; kind: string };
    if (kind === "ephemeral") keys.push(keyIdOf(fromB64(publicKey)));
  }
  return keys;
}

describe("the server's data from earlier are put back", () => {
  test("no single-use key comes back: those that were issued since, and those that might have been, are void; clients refill", async () => {
    const stranger = await joinRaw(world.network, `eve${world.count}#alpha.example`);
    const before = await drain(stranger, 5);
    await backUp(world.beta);
    const since = await drain(stranger, 10);
    expect(since).toHaveLength(10);
    await putBack(world.beta);
    // Until bob's client has refilled there are none.
    expect(await drain(stranger, 3)).toEqual([]);
    await world.bob.client.sync();
    const after = await drain(stranger, 20);
    expect(after).toHaveLength(20);
    expect(after.filter((key) => before.includes(key) || since.includes(key))).toEqual([]);
  });

  test("clients carry on: they sync, are written to, and save their keystore over the older one", async () => {
    await world.write("before");
    await world.bob.client.sync();
    await backUp(world.beta);
    // Several versions of the keystore that the copy knows nothing of.
    for (const subject of ["since 1", "since 2", "since 3"]) {
      await world.write(subject);
      await world.bob.client.sync();
    }
    await putBack(world.beta);
    await world.bob.client.sync();
    await world.write("after");
    await world.bob.client.sync();
    expect(await subjects(world.bob.client)).toContain("after");
    expect((await world.bob.client.inbox.list()).every(({ state }) => state === "open")).toBe(true);
    // The phrase opens what the server has now, and it holds a secret for each key that is given out.
    const storedKeystore = await keystoreOf(world.bob);
    const stranger = await joinRaw(world.network, `eve${world.count}#alpha.example`);
    const [key] = await drain(stranger, 1);
    expect(storedKeystore).toContain(key);
  });

  test("what a person has read already is theirs: messages that the server lost stay with them", async () => {
    await backUp(world.beta);
    await world.write("read since", { attachments: [] });
    await world.bob.client.sync();
    const [line] = await world.bob.client.inbox.list();
    await putBack(world.beta);
    await world.bob.client.sync();
    expect(await subjects(world.bob.client)).toEqual(["read since"]);
    expect(await world.bob.client.inbox.read(line?.messageId ?? ("" as Hex32))).toMatchObject({ body: "read since", state: "open" });
    // A mark and a deletion work as on any other.
    await world.bob.client.inbox.setRead(line?.messageId ?? ("" as Hex32), true);
    await world.bob.client.sync();
    await world.bob.client.inbox.remove(line?.messageId ?? ("" as Hex32));
    expect(await subjects(world.bob.client)).toEqual([]);
  });

  test("what was acknowledged and not yet fetched is lost, and nothing comes twice or hangs", async () => {
    await world.write("kept");
    await backUp(world.beta);
    await world.write("lost");
    await putBack(world.beta);
    await world.write("sent again by hand");
    await world.bob.client.sync();
    expect(await subjects(world.bob.client)).toEqual(["kept", "sent again by hand"]);
    expect((await world.alice.client.outbox.list()).flatMap(({ copies }) => copies.map(({ state }) => state))).toEqual([
      "sent",
      "sent",
      "sent",
    ]);
    expect((await world.alice.client.notices.list()).map(({ code }) => code)).toEqual([]);
    expect(await world.bob.client.notices.list()).toEqual([]);
  });

  test("a message on its way goes out again, once, though its ticket and key are void", async () => {
    await world.write("first contact");
    await backUp(world.beta);
    world.alice.counting.decide(({ url }) => (url.includes("/send_message/") ? "drop" : "pass"));
    const { id } = await world.alice.client.send(world.draft("on its way"));
    world.alice.counting.decide(() => "pass");
    await world.bob.client.sync();
    expect(await subjects(world.bob.client)).toEqual(["first contact", "on its way"]);
    await putBack(world.beta);
    await world.bob.client.sync();
    const [entry] = await world.alice.client.outbox.flush({ id, force: true });
    expect(entry?.copies).toMatchObject([{ state: "sent" }]);
    await world.bob.client.sync();
    expect(await subjects(world.bob.client)).toEqual(["first contact", "on its way"]);
  });

  test("what was deleted since does not come back to the one who deleted it", async () => {
    await world.write("deleted since");
    await world.bob.client.sync();
    await backUp(world.beta);
    const [line] = await world.bob.client.inbox.list();
    await world.bob.client.inbox.remove(line?.messageId ?? ("" as Hex32));
    await putBack(world.beta);
    await world.bob.client.sync();
    expect(await subjects(world.bob.client)).toEqual([]);
  });

  test("an upload that was under way is begun anew", async () => {
    await world.write("first contact");
    await backUp(world.beta);
    world.alice.counting.decide(({ url }) => (url.includes("/send_message/") ? "fail" : "pass"));
    const attachment = { name: "a.bin", mediaType: "application/octet-stream", size: 200_000, open: () => bytes(200_000) };
    const { id } = await world.alice.client.send(world.draft("with attachment", { attachments: [attachment] }));
    world.alice.counting.decide(() => "pass");
    await putBack(world.beta);
    await world.bob.client.sync();
    const [entry] = await world.alice.client.outbox.flush({ id, force: true });
    expect(entry?.copies).toMatchObject([{ state: "sent" }]);
    await world.bob.client.sync();
    const line = (await world.bob.client.inbox.list()).find(({ subject }) => subject === "with attachment");
    let size = 0;
    for await (const piece of world.bob.client.inbox.attachment(line?.messageId ?? ("" as Hex32), 0)) size += piece.length;
    expect(size).toBe(200_000);
  });
});

/** Ids of the secrets in the newest keystore, opened with nothing but the phrase. */
async function keystoreOf(person: Person): Promise<readonly Hex32[]> {
  const { baseUrl } = person.client;
  const token = person.counting.sent.findLast(({ url, headers }) => url.startsWith(baseUrl) && "smimp-authentication" in headers);
  const answer = await rawCaller(world.network.fetch, baseUrl)("getKeystore", { token: token?.headers["smimp-authentication"] ?? "" });
  const phraseSeed = phraseKeystoreKey(parsePhrase(person.phrase)).seed;
  const { text } = openKeystore(person.address, answer.bytes, { phraseSeed });
  return parseKeystoreDocument(text).message_keys.map(({ seed }) => keyIdOfSeed(seed));
}

async function* bytes(length: number): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new Uint8Array(length).fill(7));
}

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openClient, type Client, type Draft } from "@smimp/client";
import { openSqliteStorage } from "@smimp/client/sqlite";
import {
  fromB64,
  fromUtf8,
  keyIdOf,
  keystoreVersion,
  MIN_PASSPHRASE_MEMORY,
  openKeystore,
  parseKeystoreDocument,
  parsePhrase,
  phraseKeystoreKey,
  randomBytes,
  xWingPublicKey,
  type Address,
  type Hex32,
} from "@smimp/protocol";
import { openAdmin } from "@smimp/server";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  askKey,
  countingFetch,
  createIdentity,
  newPerson,
  rawCaller,
  rawJoin,
  rawSession,
  realClock,
  startNetwork,
  type Network,
  type NetworkServer,
  type Person,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// An old copy of the data is put back: the server's, and a client's own. What came after it may be lost; no key comes back, nobody
// gets anything twice, and everybody carries on.

let folder: string;
let network: Network;
let alice: Person;
let bob: Person;
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "smimp-backup-"));
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], config: generous, processes: true });
  alice = await newPerson(network, "alice#alpha.example");
});
beforeEach(async () => {
  bob = await newPerson(network, `bob${++count}#beta.example`);
});
afterEach(async () => {
  for (const { id } of await alice.client.outbox.list()) await alice.client.outbox.remove(id);
  await bob.client.close();
});
afterAll(async () => {
  await alice.client.close();
  await network.close();
  rmSync(folder, { recursive: true, force: true });
});

const beta = (): NetworkServer => network.server("beta.example");

/** Stops a server, does something with its folder, and starts it again. */
async function whileStopped(server: NetworkServer, work: (dataDir: string) => Promise<void> | void): Promise<void> {
  if (server.process === null) throw new TypeError("the server must be a process");
  await server.process.kill();
  await work(server.config.dataDir);
  await server.process.restart();
}

const backUp = async (server: NetworkServer): Promise<void> =>
  await whileStopped(server, (dataDir) => {
    rmSync(join(folder, server.domain), { recursive: true, force: true });
    cpSync(dataDir, join(folder, server.domain), { recursive: true });
  });

const putBack = async (server: NetworkServer): Promise<void> =>
  await whileStopped(server, async (dataDir) => {
    rmSync(dataDir, { recursive: true });
    cpSync(join(folder, server.domain), dataDir, { recursive: true });
    const admin = await openAdmin(server.config);
    try {
      expect((await admin.restored()).faults).toEqual([]);
    } finally {
      await admin.close();
    }
  });

const draft = (subject: string, more: Partial<Draft> = {}): Draft => ({
  to: [bob.address],
  subject,
  body: subject,
  keepCopy: false,
  ...more,
});
const write = async (subject: string, more: Partial<Draft> = {}): Promise<void> => {
  const { copies } = await alice.client.send(draft(subject, more));
  expect(copies.map(({ state, reason }) => [state, reason])).toEqual([["sent", null]]);
};
const subjects = async (client: Client): Promise<readonly string[]> => (await client.inbox.list()).map(({ subject }) => subject).sort();
/** Names of single-use keys that a stranger is given. */
async function drain(stranger: TestIdentity, count: number): Promise<readonly Hex32[]> {
  const { baseUrl } = beta();
  const call = rawCaller(network.fetch, baseUrl);
  const token = await rawSession(network, baseUrl, stranger);
  const keys: Hex32[] = [];
  for (let asked = 0; asked < count; asked++) {
    const { message_key: statement } = await askKey(call, token, bob.address);
    const { public_key: publicKey, kind } = JSON.parse(statement.data) as { public_key: string; kind: string };
    if (kind === "ephemeral") keys.push(keyIdOf(fromB64(publicKey)));
  }
  return keys;
}

describe("the server's data from earlier are put back", () => {
  test("no single-use key comes back: those that were issued since, and those that might have been, are void; clients refill", async () => {
    const stranger = createIdentity(`eve${count}#alpha.example`, network.server("alpha.example").baseUrl, realClock());
    await rawJoin(network, stranger);
    const before = await drain(stranger, 5);
    await backUp(beta());
    const since = await drain(stranger, 10);
    expect(since).toHaveLength(10);
    await putBack(beta());
    // Until bob's client has refilled there are none.
    expect(await drain(stranger, 3)).toEqual([]);
    await bob.client.sync();
    const after = await drain(stranger, 20);
    expect(after).toHaveLength(20);
    expect(after.filter((key) => before.includes(key) || since.includes(key))).toEqual([]);
  });

  test("clients carry on: they sync, are written to, and save their keystore over the older one", async () => {
    await write("before");
    await bob.client.sync();
    await backUp(beta());
    // Several versions of the keystore that the copy knows nothing of.
    for (const subject of ["since 1", "since 2", "since 3"]) {
      await write(subject);
      await bob.client.sync();
    }
    await putBack(beta());
    await bob.client.sync();
    await write("after");
    await bob.client.sync();
    expect(await subjects(bob.client)).toContain("after");
    expect((await bob.client.inbox.list()).every(({ state }) => state === "open")).toBe(true);
    // The phrase opens what the server has now, and it holds a secret for each key that is given out.
    const storedKeystore = await keystoreOf(bob);
    const stranger = createIdentity(`eve${count}#alpha.example`, network.server("alpha.example").baseUrl, realClock());
    await rawJoin(network, stranger);
    const [key] = await drain(stranger, 1);
    expect(storedKeystore).toContain(key);
  });

  test("what a person has read already is theirs: messages that the server lost stay with them", async () => {
    await backUp(beta());
    await write("read since", { attachments: [] });
    await bob.client.sync();
    const [line] = await bob.client.inbox.list();
    await putBack(beta());
    await bob.client.sync();
    expect(await subjects(bob.client)).toEqual(["read since"]);
    expect(await bob.client.inbox.read(line?.messageId ?? ("" as Hex32))).toMatchObject({ body: "read since", state: "open" });
    // A mark and a deletion work as on any other.
    await bob.client.inbox.setRead(line?.messageId ?? ("" as Hex32), true);
    await bob.client.sync();
    await bob.client.inbox.remove(line?.messageId ?? ("" as Hex32));
    expect(await subjects(bob.client)).toEqual([]);
  });

  test("what was acknowledged and not yet fetched is lost, and nothing comes twice or hangs", async () => {
    await write("kept");
    await backUp(beta());
    await write("lost");
    await putBack(beta());
    await write("sent again by hand");
    await bob.client.sync();
    expect(await subjects(bob.client)).toEqual(["kept", "sent again by hand"]);
    expect((await alice.client.outbox.list()).flatMap(({ copies }) => copies.map(({ state }) => state))).toEqual(["sent", "sent", "sent"]);
    expect((await alice.client.notices.list()).map(({ code }) => code)).toEqual([]);
    expect(await bob.client.notices.list()).toEqual([]);
  });

  test("a message on its way goes out again, once, though its ticket and key are void", async () => {
    await write("first contact");
    await backUp(beta());
    alice.counting.decide(({ url }) => (url.includes("/send_message/") ? "drop" : "pass"));
    const { id } = await alice.client.send(draft("on its way"));
    alice.counting.decide(() => "pass");
    await bob.client.sync();
    expect(await subjects(bob.client)).toEqual(["first contact", "on its way"]);
    await putBack(beta());
    await bob.client.sync();
    const [entry] = await alice.client.outbox.flush({ id, force: true });
    expect(entry?.copies).toMatchObject([{ state: "sent" }]);
    await bob.client.sync();
    expect(await subjects(bob.client)).toEqual(["first contact", "on its way"]);
  });

  test("what was deleted since does not come back to the one who deleted it", async () => {
    await write("deleted since");
    await bob.client.sync();
    await backUp(beta());
    const [line] = await bob.client.inbox.list();
    await bob.client.inbox.remove(line?.messageId ?? ("" as Hex32));
    await putBack(beta());
    await bob.client.sync();
    expect(await subjects(bob.client)).toEqual([]);
  });

  test("an upload that was under way is begun anew", async () => {
    await write("first contact");
    await backUp(beta());
    alice.counting.decide(({ url }) => (url.includes("/send_message/") ? "fail" : "pass"));
    const attachment = { name: "a.bin", mediaType: "application/octet-stream", size: 200_000, open: () => bytes(200_000) };
    const { id } = await alice.client.send(draft("with attachment", { attachments: [attachment] }));
    alice.counting.decide(() => "pass");
    await putBack(beta());
    await bob.client.sync();
    const [entry] = await alice.client.outbox.flush({ id, force: true });
    expect(entry?.copies).toMatchObject([{ state: "sent" }]);
    await bob.client.sync();
    const line = (await bob.client.inbox.list()).find(({ subject }) => subject === "with attachment");
    let size = 0;
    for await (const piece of bob.client.inbox.attachment(line?.messageId ?? ("" as Hex32), 0)) size += piece.length;
    expect(size).toBe(200_000);
  });
});

describe("a client's storage from earlier is put back", () => {
  const passphrase = "a long passphrase";

  interface OnDisk {
    readonly file: string;
    open(): Promise<Client>;
  }

  async function onDisk(address: string): Promise<{ readonly person: Person; readonly disk: OnDisk }> {
    const file = join(folder, `${address.slice(0, address.indexOf("#"))}.db`);
    const cost = { memory: MIN_PASSPHRASE_MEMORY };
    const person = await newPerson(network, address, { storage: await openSqliteStorage({ file, passphrase, cost }) });
    const open = async (): Promise<Client> => {
      const storage = await openSqliteStorage({ file, passphrase });
      return await openClient({ storage, deps: { fetch: countingFetch(network.fetch).fetch, clock: realClock, random: randomBytes } });
    };
    return { person, disk: { file, open } };
  }

  const documentsIn = async <Document>(file: string, collection: string): Promise<ReadonlyMap<string, Document>> => {
    const storage = await openSqliteStorage({ file, passphrase });
    try {
      const entries = await storage.list(collection);
      return new Map(entries.map(({ key, value }) => [key, JSON.parse(fromUtf8(value)) as Document]));
    } finally {
      await storage.close();
    }
  };

  /** Single-use keys in a storage: those whose secret is there, those whose secret is not, and those that a message has used. */
  async function secretsIn(file: string) {
    const keys = await documentsIn<{ seed: string | null; kind: string; used_by: Hex32 | null }>(file, "message-keys");
    const those = (wanted: (key: { seed: string | null; used_by: Hex32 | null }) => boolean): ReadonlySet<Hex32> =>
      new Set([...keys].flatMap(([keyId, key]) => (key.kind === "ephemeral" && wanted(key) ? [keyId as Hex32] : [])));
    return {
      whole: those(({ seed }) => seed !== null),
      destroyed: those(({ seed }) => seed === null),
      used: those(({ used_by: user }) => user !== null),
    };
  }

  /** Ids of the secrets in the newest keystore on the server, opened with the K that a storage holds. */
  async function keystoreWithK(address: Address, file: string): Promise<readonly Hex32[]> {
    const state = (await documentsIn<{ version: number; key: string }>(file, "keystore")).get("state");
    const database = new DatabaseSync(join(beta().config.dataDir, "smimp.sqlite"), { readOnly: true });
    try {
      const row = database.prepare("SELECT bytes FROM keystores WHERE address = ? ORDER BY position DESC LIMIT 1").get(address);
      const bytes = row?.["bytes"] as Uint8Array;
      // The storage was closed after it was saved: it knows no other version than the newest.
      expect(keystoreVersion(bytes)).toBe(state?.version);
      const { text } = openKeystore(address, bytes, { key: fromB64(state?.key ?? "") });
      return parseKeystoreDocument(text).message_keys.map(({ seed }) => keyIdOf(publicKeyOf(seed)));
    } finally {
      database.close();
    }
  }

  test("what came since is fetched again, secrets that were destroyed are forgotten again, and everything goes on", async () => {
    const { person, disk } = await onDisk(`carol${count}#beta.example`);
    const toCarol = { to: [person.address] };
    await write("before", toCarol);
    await person.client.sync();
    await person.client.close();
    cpSync(disk.file, `${disk.file}.old`);

    const secretsBefore = await secretsIn(disk.file);
    const since = await disk.open();
    for (const subject of ["since 1", "since 2"]) {
      await write(subject, toCarol);
      await since.sync();
    }
    // Both may have come in the same second: which stands first says nothing.
    const newest = (await since.inbox.list()).find(({ subject }) => subject === "since 2");
    await since.inbox.setRead(newest?.messageId ?? ("" as Hex32), true);
    await since.close();
    const secretsSince = await secretsIn(disk.file);
    // Those that have opened what came since.
    const destroyed = [...secretsBefore.whole].filter((keyId) => secretsSince.destroyed.has(keyId));
    expect(destroyed).toHaveLength(2);
    expect((await keystoreWithK(person.address, disk.file)).filter((keyId) => destroyed.includes(keyId))).toEqual([]);
    cpSync(`${disk.file}.old`, disk.file);
    const secretsBack = await secretsIn(disk.file);
    expect(destroyed.filter((keyId) => secretsBack.whole.has(keyId))).toEqual(destroyed);

    // What the keystore says is enough, before a single message is looked at.
    const before = await disk.open();
    await before.keys.save();
    await before.close();
    const secretsSaved = await secretsIn(disk.file);
    expect(destroyed.filter((keyId) => secretsSaved.whole.has(keyId))).toEqual([]);

    const again = await disk.open();
    await again.sync();
    await write("after", toCarol);
    await again.sync();
    const lines = await again.inbox.list();
    expect(lines.map(({ subject, state }) => [subject, state]).sort()).toEqual([
      ["after", "open"],
      ["before", "open"],
      ["since 1", "open"],
      ["since 2", "open"],
    ]);
    expect(lines.find(({ subject }) => subject === "since 2")?.read).toBe(true);
    expect(await again.notices.list()).toEqual([]);
    await again.close();

    // Forgotten again, here and in what the server holds; and so is that of what came after.
    const secretsNow = await secretsIn(disk.file);
    expect(destroyed.filter((keyId) => secretsNow.whole.has(keyId))).toEqual([]);
    const used = [...secretsNow.destroyed].filter((keyId) => secretsNow.used.has(keyId));
    expect(used).toEqual([...secretsNow.used]);
    expect(used.length).toBeGreaterThan(destroyed.length);
    const kept = await keystoreWithK(person.address, disk.file);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.filter((keyId) => secretsNow.destroyed.has(keyId) || destroyed.includes(keyId))).toEqual([]);
  });

  test("what was sent since is sent again under its old ref: nobody sees it twice", async () => {
    const { person, disk } = await onDisk(`carol${count}#beta.example`);
    const { id } = await person.client.outbox.enqueue({ to: [bob.address], subject: "once", body: "once", keepCopy: false });
    await person.client.close();
    cpSync(disk.file, `${disk.file}.old`);
    const since = await disk.open();
    expect((await since.outbox.flush({ id, force: true }))[0]?.copies).toMatchObject([{ state: "sent" }]);
    await since.close();
    await bob.client.sync();
    cpSync(`${disk.file}.old`, disk.file);

    const again = await disk.open();
    expect((await again.outbox.flush({ id, force: true }))[0]?.copies).toMatchObject([{ state: "sent" }]);
    await again.close();
    await bob.client.sync();
    expect(await subjects(bob.client)).toEqual(["once"]);
  });

  test("keys that were published since are not given out again", async () => {
    const { person, disk } = await onDisk(`carol${count}#beta.example`);
    const { client } = person;
    await client.sync();
    await client.close();
    cpSync(disk.file, `${disk.file}.old`);
    // So many messages that keys are topped up, more than once.
    const since = await disk.open();
    for (let index = 0; index < 60; index++) await write(`since ${index}`, { to: [person.address] });
    await since.sync();
    await since.close();
    cpSync(`${disk.file}.old`, disk.file);
    const again = await disk.open();
    await again.sync();
    for (let index = 0; index < 60; index++) await write(`after ${index}`, { to: [person.address] });
    await again.sync();
    const lines = await again.inbox.list({ limit: 500 });
    expect(lines).toHaveLength(120);
    expect(lines.filter(({ state }) => state !== "open")).toEqual([]);
    expect(await again.notices.list()).toEqual([]);
    await again.close();
  });
});

/** Ids of the secrets in the newest keystore, opened with nothing but the phrase. */
async function keystoreOf(person: Person): Promise<readonly Hex32[]> {
  const { baseUrl } = person.client;
  const token = person.counting.sent.findLast(({ url, headers }) => url.startsWith(baseUrl) && "smimp-authentication" in headers);
  const answer = await rawCaller(network.fetch, baseUrl)("getKeystore", { token: token?.headers["smimp-authentication"] ?? "" });
  const phraseSeed = phraseKeystoreKey(parsePhrase(person.phrase)).seed;
  const { text } = openKeystore(person.address, answer.bytes, { phraseSeed });
  return parseKeystoreDocument(text).message_keys.map(({ seed }) => keyIdOf(publicKeyOf(seed)));
}

const publicKeyOf = (seed: string): Uint8Array => xWingPublicKey(fromB64(seed));

async function* bytes(length: number): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new Uint8Array(length).fill(7));
}

import { cpSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openClient, type Client } from "@smimp/client";
import { openSqliteStorage } from "@smimp/client/sqlite";
import {
  fromB64,
  fromUtf8,
  keystoreVersion,
  MIN_PASSPHRASE_MEMORY,
  openKeystore,
  parseKeystoreDocument,
  randomBytes,
  type Address,
  type Hex32,
} from "@smimp/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { countingFetch, newPerson, realClock, type Person } from "../src/index.ts";
import { keyIdOfSeed, startBackups, subjects, type BackupWorld } from "./backup-world.ts";

// An old copy of a client's storage is put back. What was destroyed is destroyed again, nobody gets anything twice, and everybody
// carries on. A server's data are in restored-backup.test.ts.

let world: BackupWorld;
beforeAll(async () => {
  world = await startBackups();
});
beforeEach(async () => await world.begin());
afterEach(async () => await world.end());
afterAll(async () => await world.close());

describe("a client's storage from earlier is put back", () => {
  const passphrase = "a long passphrase";

  interface OnDisk {
    readonly file: string;
    open(): Promise<Client>;
  }

  async function onDisk(address: string): Promise<{ readonly person: Person; readonly disk: OnDisk }> {
    const file = join(world.folder, `${address.slice(0, address.indexOf("#"))}.db`);
    const cost = { memory: MIN_PASSPHRASE_MEMORY };
    const person = await newPerson(world.network, address, { storage: await openSqliteStorage({ file, passphrase, cost }) });
    const open = async (): Promise<Client> => {
      const storage = await openSqliteStorage({ file, passphrase });
      return await openClient({
        storage,
        deps: { fetch: countingFetch(world.network.fetch).fetch, clock: realClock, random: randomBytes },
      });
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
    const database = new DatabaseSync(join(world.beta.config.dataDir, "smimp.sqlite"), { readOnly: true });
    try {
      const row = database.prepare("SELECT bytes FROM keystores WHERE address = ? ORDER BY position DESC LIMIT 1").get(address);
      const bytes = row?.["bytes"] as Uint8Array;
      // The storage was closed after it was saved: it knows no other version than the newest.
      expect(keystoreVersion(bytes)).toBe(state?.version);
      const { text } = openKeystore(address, bytes, { key: fromB64(state?.key ?? "") });
      return parseKeystoreDocument(text).message_keys.map(({ seed }) => keyIdOfSeed(seed));
    } finally {
      database.close();
    }
  }

  test("what came since is fetched again, secrets that were destroyed are forgotten again, and everything goes on", async () => {
    const { person, disk } = await onDisk(`carol${world.count}#beta.example`);
    const toCarol = { to: [person.address] };
    await world.write("before", toCarol);
    await person.client.sync();
    await person.client.close();
    cpSync(disk.file, `${disk.file}.old`);

    const secretsBefore = await secretsIn(disk.file);
    const since = await disk.open();
    for (const subject of ["since 1", "since 2"]) {
      await world.write(subject, toCarol);
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
    await world.write("after", toCarol);
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
    const { person, disk } = await onDisk(`carol${world.count}#beta.example`);
    const { id } = await person.client.outbox.enqueue({ to: [world.bob.address], subject: "once", body: "once", keepCopy: false });
    await person.client.close();
    cpSync(disk.file, `${disk.file}.old`);
    const since = await disk.open();
    expect((await since.outbox.flush({ id, force: true }))[0]?.copies).toMatchObject([{ state: "sent" }]);
    await since.close();
    await world.bob.client.sync();
    cpSync(`${disk.file}.old`, disk.file);

    const again = await disk.open();
    expect((await again.outbox.flush({ id, force: true }))[0]?.copies).toMatchObject([{ state: "sent" }]);
    await again.close();
    await world.bob.client.sync();
    expect(await subjects(world.bob.client)).toEqual(["once"]);
  });

  test("keys that were published since are not given out again", async () => {
    const { person, disk } = await onDisk(`carol${world.count}#beta.example`);
    const { client } = person;
    await client.sync();
    await client.close();
    cpSync(disk.file, `${disk.file}.old`);
    // So many messages that keys are topped up, more than once.
    const since = await disk.open();
    for (let index = 0; index < 60; index++) await world.write(`since ${index}`, { to: [person.address] });
    await since.sync();
    await since.close();
    cpSync(`${disk.file}.old`, disk.file);
    const again = await disk.open();
    await again.sync();
    for (let index = 0; index < 60; index++) await world.write(`after ${index}`, { to: [person.address] });
    await again.sync();
    const lines = await again.inbox.list({ limit: 500 });
    expect(lines).toHaveLength(120);
    expect(lines.filter(({ state }) => state !== "open")).toEqual([]);
    expect(await again.notices.list()).toEqual([]);
    await again.close();
  });
});

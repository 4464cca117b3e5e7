import { addSeconds, DAY, hash, toHex32, type Timestamp } from "@smimp/protocol";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { conformance } from "./conformance.ts";
import { addAccount, ALICE, BOB, idOf, messageKeyOf, messageOf, NOW, pieces, STRANGER } from "./conformance/fixtures.ts";
import { OWNED_TABLES } from "./departures.ts";
import { DATABASE_FILE, openStore } from "./sqlite.ts";

const LATER: Timestamp = addSeconds(NOW, 30 * DAY);
let dataDir: string;

beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), "smimp-store-")), "data");
});
afterEach(async () => {
  await rm(join(dataDir, ".."), { recursive: true, force: true });
});

describe("the conformance suite", () => {
  const cases = conformance(async () => ({ store: await openStore({ dataDir }), discard: () => Promise.resolve() }));
  it.each(cases)("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe("a SQLite store", () => {
  it("takes away with an account every row that is an account's own", async () => {
    await (await openStore({ dataDir })).close();
    const database = new DatabaseSync(join(dataDir, DATABASE_FILE));
    const rows = database
      .prepare(
        `SELECT m.name FROM sqlite_schema m WHERE m.type = 'table' AND EXISTS
          (SELECT 1 FROM pragma_table_info(m.name) WHERE name IN ('address', 'recipient', 'owner') AND pk > 0)`,
      )
      .all();
    database.close();
    // The account itself goes last; chain, keys' names and tombstone stay; a remote pin belongs to nobody here.
    const others = ["accounts", "records", "address_tombstones", "remote_histories"];
    const keyed = rows.map(({ name }) => String(name)).filter((name) => !others.includes(name));
    expect(keyed.filter((name) => !OWNED_TABLES.includes(name))).toEqual([]);
  });

  it("is for its owner only, durable and reopened with everything in it", async () => {
    const store = await openStore({ dataDir });
    await addAccount(store, ALICE);
    await store.transact((writer) => writer.messages.add(messageOf("one")));
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, DATABASE_FILE))).mode & 0o777).toBe(0o600);
    await store.close();
    expect(await readdir(dataDir)).not.toContain(`${DATABASE_FILE}-wal`);
    const again = await openStore({ dataDir });
    expect((await again.read((reader) => reader.messages.find(ALICE, messageOf("one").messageId)))?.size).toBeGreaterThan(0);
    expect(await again.checkIntegrity()).toEqual([]);
    await again.close();
  });

  it("is migrated once by processes that start together", async () => {
    const stores = await Promise.all([openStore({ dataDir }), openStore({ dataDir }), openStore({ dataDir })]);
    await addAccount(stores[0], ALICE);
    expect(await stores[2].read((reader) => reader.accounts.isTaken(ALICE))).toBe(true);
    await Promise.all(stores.map((store) => store.close()));
  });

  it("refuses a database that a newer release has migrated, and leaves it alone", async () => {
    await (await openStore({ dataDir })).close();
    const database = new DatabaseSync(join(dataDir, DATABASE_FILE));
    database.prepare("INSERT INTO kysely_migration (name, timestamp) VALUES (?, ?)").run("9999-later", "2030-01-01T00:00:00.000Z");
    database.close();
    await expect(openStore({ dataDir })).rejects.toThrow("newer");
  });

  it("refuses a file that is no database", async () => {
    await (await openStore({ dataDir })).close();
    await writeFile(join(dataDir, DATABASE_FILE), "not a database".repeat(1_000));
    await expect(openStore({ dataDir })).rejects.toThrow("not a database");
  });

  it("lets two connections write, each issued key once", async () => {
    const stores = [await openStore({ dataDir }), await openStore({ dataDir })] as const;
    await addAccount(stores[0], ALICE);
    const keys = Array.from({ length: 50 }, (_, index) => messageKeyOf(`${index}`, LATER));
    await stores[0].transact((writer) => writer.messageKeys.add(ALICE, keys, NOW));
    for (let round = 0; round < 5; round++) {
      for (const store of stores) await store.transact((writer) => writer.messageKeys.issue(ALICE, NOW));
    }
    expect(await stores[1].read((reader) => reader.messageKeys.heldIds(ALICE, NOW))).toHaveLength(40);
    await Promise.all(stores.map((store) => store.close()));
  });

  it("ties up nothing when a function never ends", async () => {
    const store = await openStore({ dataDir, transactionSeconds: 0.05 });
    const stuck = store.transact(async (writer) => {
      await writer.invites.create({ codeHash: idOf("stuck"), address: null, createdAt: NOW, expiresAt: LATER });
      await new Promise(() => undefined);
    });
    const other = addAccount(store, BOB);
    await expect(stuck).rejects.toMatchObject({ code: "temporarily_unavailable" });
    await other;
    expect(await store.read((reader) => reader.invites.list())).toEqual([]);
    await store.close();
  });

  it("reads through a connection that can't write", async () => {
    const store = await openStore({ dataDir });
    const attempt = store.read((reader) =>
      (reader.accounts as unknown as { setDisabled(...args: unknown[]): Promise<boolean> }).setDisabled(ALICE, NOW),
    );
    await expect(attempt).rejects.toThrow("readonly");
    await store.close();
  });

  it("recovers the blob folder of an earlier run, and touches no upload of this one, or of one that started since", async () => {
    const bytes = new Uint8Array(5_000).fill(3);
    const expected = { hash: toHex32(hash(bytes)), maxBytes: bytes.length };
    const earlier = await openStore({ dataDir });
    await addAccount(earlier, ALICE);
    const lost = await earlier.blobs.receive(pieces(bytes), expected);
    const held = await earlier.blobs.receive(pieces(bytes), expected);
    const row = {
      ticket: idOf("t"),
      sender: STRANGER,
      recipient: ALICE,
      hash: expected.hash,
      size: held.size,
      file: held.file,
      uploadedAt: NOW,
    };
    await earlier.transact((writer) => writer.blobs.addUpload(row));
    await earlier.close();
    await writeFile(join(dataDir, "blobs", "incoming", `${"00".repeat(32)}.0011223344556677.0`), "unfinished");
    const store = await openStore({ dataDir });
    const fresh = await store.blobs.receive(pieces(bytes), expected);
    // One that starts later, as a server does that takes over, while this one looks through the folder.
    const runs = await store.blobRuns();
    const later = await openStore({ dataDir });
    const theirs = await later.blobs.receive(pieces(bytes), expected);
    expect(await store.recoverBlobs(runs)).toBe(2);
    expect(await readdir(join(dataDir, "blobs", "incoming"))).toEqual([]);
    const left = await readdir(join(dataDir, "blobs", expected.hash.slice(0, 2)));
    expect(left.toSorted()).toEqual([held.file, fresh.file, theirs.file].toSorted());
    expect(left).not.toContain(lost.file);
    await Promise.all([store.close(), later.close()]);
  });

  it("keeps every acknowledged message and issues no key twice when its process is killed", async () => {
    const store = await openStore({ dataDir });
    await addAccount(store, ALICE);
    const keys = Array.from({ length: 4_000 }, (_, index) => messageKeyOf(`${index}`, LATER));
    await store.transact((writer) => writer.messageKeys.add(ALICE, keys, NOW));
    await store.close();
    const acknowledged: { name: string; keyId?: string }[] = [];
    for (const lines of [40, 90, 170]) acknowledged.push(...(await runAndKill(dataDir, lines)));
    const again = await openStore({ dataDir });
    const page = await again.read((reader) =>
      reader.messages.findMany(
        ALICE,
        acknowledged.map(({ name }) => messageOf(name).messageId),
      ),
    );
    expect(page).toHaveLength(acknowledged.length);
    const issued = acknowledged.map(({ keyId }) => keyId);
    expect(new Set(issued).size).toBe(issued.length);
    const held = new Set<string | undefined>(await again.read((reader) => reader.messageKeys.heldIds(ALICE, NOW)));
    expect(issued.filter((keyId) => held.has(keyId))).toEqual([]);
    // One key a message, acknowledged or not: they stand and fall together.
    expect(await again.read((reader) => reader.messages.state(ALICE))).toBe(keys.length - held.size);
    expect(await again.checkIntegrity()).toEqual([]);
    await again.close();
  });
});

/** Starts a process that writes, kills it in the middle once it has acknowledged so many, and resolves with all it acknowledged. */
async function runAndKill(directory: string, lines: number): Promise<{ name: string; keyId?: string }[]> {
  const script = fileURLToPath(new URL("./conformance/crash-writer.ts", import.meta.url));
  const child = spawn(process.execPath, [script, directory, `run ${lines}`], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (text: string) => {
    output += text;
    if (output.split("\n").length > lines) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.once("close", resolve));
  // The kill may cut the last line; what was not written whole was not acknowledged.
  const whole = output.slice(0, output.lastIndexOf("\n")).split("\n");
  expect(whole.length).toBeGreaterThanOrEqual(lines);
  return whole.map((line) => JSON.parse(line) as { name: string; keyId?: string });
}

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { StorageFailedError } from "@smimp/client/sqlite";
import { hash, isSmimpError, parseAddress, randomBytes, toHex32, type Hex32 } from "@smimp/protocol";
import { openAdmin } from "@smimp/server";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  askKey,
  createIdentity,
  newPerson,
  rawCaller,
  rawJoin,
  rawSession,
  realClock,
  sealRaw,
  startNetwork,
  type Network,
  type NetworkServer,
  type Person,
  type RawCaller,
  type ServerProcess,
  type TestIdentity,
} from "../src/index.ts";
import { startDiskClient, type DiskClient, type DiskClientPlace } from "./disk-client.ts";
import { failingDisks } from "./failing-disks.ts";
import { generous } from "./generous.ts";

// Disks that are full, or that fail at writing or syncing: nothing is acknowledged that isn't on the disk, what can't be done says
// so, what is there can be read, and all goes on when the disk is well again.

describe.each(failingDisks())("a server on $fault", (disk) => {
  let network: Network;
  let server: NetworkServer;
  let running: ServerProcess;
  let call: RawCaller;
  let alice: Person;
  let bob: TestIdentity;
  let eve: TestIdentity;

  beforeAll(async () => {
    // Handed on to the server's process, and to the one after its restart.
    Object.assign(process.env, disk.env);
    network = await startNetwork({ domains: ["alpha.example"], config: generous, processes: true, dataDir: disk.folder });
    server = network.server("alpha.example");
    if (server.process === null) throw new TypeError("the server must be a process");
    running = server.process;
    call = rawCaller(network.fetch, server.baseUrl);
    alice = await newPerson(network, "alice#alpha.example");
    bob = createIdentity("bob#alpha.example", server.baseUrl, realClock());
    eve = createIdentity("eve#alpha.example", server.baseUrl, realClock());
    await rawJoin(network, bob, 50);
    await rawJoin(network, eve, 50);
  });
  afterEach(() => disk.heal(running.pid()));
  afterAll(async () => {
    await alice.client.close();
    await network.close();
    for (const name of Object.keys(disk.env)) delete process.env[name];
    disk.close();
  });

  const ready = async (): Promise<number> => (await network.fetch(`${server.baseUrl}ready`, { redirect: "manual" })).status;
  const alive = async (): Promise<number> => (await network.fetch(`${server.baseUrl}health`, { redirect: "manual" })).status;
  const folderOf = async (token: string): Promise<readonly Hex32[]> => {
    const { answer, code } = await call("getFolder", { token, params: { message_type: "email" }, query: { limit: "500" } });
    expect(code).toBeNull();
    return answer.messages.map(({ message_id }) => message_id);
  };
  const faultsOf = async (): Promise<readonly string[]> => {
    const admin = await openAdmin(server.config);
    try {
      return await admin.check();
    } finally {
      await admin.close();
    }
  };

  test("acknowledges nothing that isn't stored, says so, reads on, and goes on when it is well again", async () => {
    const token = await rawSession(network, server.baseUrl, bob);
    const owner = await rawSession(network, server.baseUrl, eve);
    const acknowledged: Hex32[] = [];
    const envelopes = [];
    for (let count = 0; count < 4; count++) {
      envelopes.push(sealRaw(bob, eve.address, await askKey(call, token, eve.address), realClock()));
    }
    const [first, ...others] = envelopes;
    if (first === undefined) throw new TypeError("there are envelopes");
    const sent = await call("sendMessage", { token, params: { address: eve.address }, body: first.statement });
    expect(sent.code).toBeNull();
    acknowledged.push(sent.answer.message_id);
    expect(await ready()).toBe(200);

    disk.fail(running.pid());
    for (const { statement } of others) {
      const refused = await call("sendMessage", { token, params: { address: eve.address }, body: statement });
      expect([refused.status, refused.code]).toEqual([503, "temporarily_unavailable"]);
    }
    expect((await call("getMessageKey", { token, body: { address: eve.address, message_type: "email" } as never })).status).toBe(503);
    expect((await call("getSessionChallenge", { params: { address: bob.address } })).status).toBe(503);
    expect([await alive(), await ready()]).toEqual([200, 503]);
    // What is there can be read.
    expect(await folderOf(owner)).toEqual(acknowledged);
    expect((await call("getHistory", { params: { address: bob.address } })).status).toBe(200);
    const [stored = ""] = acknowledged;
    expect((await call("getMessage", { token: owner, params: { id: stored, update_read: "false" } })).status).toBe(200);

    disk.heal(running.pid());
    expect(await ready()).toBe(200);
    for (const { statement } of others) {
      const again = await call("sendMessage", { token, params: { address: eve.address }, body: statement });
      expect(again.code).toBeNull();
      acknowledged.push(again.answer.message_id);
    }
    await running.kill();
    await running.restart();
    const after = await rawSession(network, server.baseUrl, eve);
    expect((await folderOf(after)).toSorted()).toEqual(acknowledged.toSorted());
    expect(await faultsOf()).toEqual([]);
  });

  test("takes no attachment that isn't stored, and leaves nothing of it behind", async () => {
    const token = await rawSession(network, server.baseUrl, bob);
    const content = randomBytes(300_000);
    const name = toHex32(hash(content));
    const { ticket } = await askKey(call, token, eve.address);
    const put = async () => await call("putBlob", { token, params: { hash: name }, query: { ticket }, body: new Uint8Array(content) });
    disk.fail(running.pid());
    const refused = await put();
    expect([refused.status, refused.code]).toEqual([503, "temporarily_unavailable"]);
    disk.heal(running.pid());
    expect(readdirSync(join(server.config.dataDir, "blobs", "incoming"))).toEqual([]);
    expect((await put()).status).toBe(201);
    expect(await faultsOf()).toEqual([]);
  });

  test("loses nothing of what people's programs do meanwhile", async () => {
    const { client } = alice;
    await client.sync();
    disk.fail(running.pid());
    const entry = await client.send({ to: [alice.address], subject: "while it failed", body: "kept in the outbox", keepCopy: false });
    expect(entry.copies).toMatchObject([{ state: "queued", reason: "temporarily_unavailable" }]);
    // It has nothing to ask for that the server would have to store.
    await client.sync().catch((error: unknown) => expect(isSmimpError(error, "temporarily_unavailable")).toBe(true));
    disk.heal(running.pid());
    const [sent] = await client.outbox.flush({ id: entry.id, force: true });
    expect(sent?.copies).toMatchObject([{ state: "sent" }]);
    await client.sync();
    expect((await client.inbox.list()).map(({ subject }) => subject)).toEqual(["while it failed"]);
  });
});

describe.each(failingDisks())("a client on $fault", (disk) => {
  const file = join(disk.folder, "mail.db");
  let network: Network;
  let alice: Person;
  let bob: DiskClient;
  const address = parseAddress("bob#alpha.example");
  const place = (): DiskClientPlace => ({ file, network: network.developmentNetwork(), address, invite: null });

  beforeAll(async () => {
    network = await startNetwork({ domains: ["alpha.example"], config: generous });
    alice = await newPerson(network, "alice#alpha.example");
    bob = startDiskClient(disk.env);
    await bob.open({ ...place(), invite: await network.invite("alpha.example", address) });
    await write("before");
    await bob.sync();
  });
  afterEach(() => disk.heal(bob.pid));
  afterAll(async () => {
    await alice.client.close();
    await bob.end();
    await network.close();
    disk.close();
  });

  const write = async (subject: string): Promise<void> => {
    const { copies } = await alice.client.send({ to: [address], subject, body: `body of ${subject}`, keepCopy: false });
    expect(copies).toMatchObject([{ state: "sent" }]);
  };
  const subjects = async (): Promise<readonly string[]> => (await bob.list()).map(({ subject }) => subject).toSorted();
  /** What work ends with while the disk fails for bob's process. */
  async function whileFailing<Result>(work: () => Promise<Result>): Promise<Result> {
    disk.fail(bob.pid);
    try {
      return await work();
    } finally {
      disk.heal(bob.pid);
    }
  }
  const faultOf = async (work: Promise<unknown>): Promise<string | null> =>
    await work.then(
      () => null,
      (error: Error) => error.name,
    );

  test("queues nothing that isn't stored, and shows what it has", async () => {
    const outcome = await whileFailing(async () => ({
      fault: await faultOf(bob.enqueue(alice.address, "never queued", "x".repeat(10_000))),
      lines: await bob.list(),
      queued: await bob.queued(),
    }));
    expect(outcome).toMatchObject({ fault: StorageFailedError.name, lines: [{ subject: "before" }], queued: [] });
    expect(await bob.read(outcome.lines[0]?.messageId ?? "")).toBe("body of before");
  });

  test("sends again what it could not note as sent: it arrives once", async () => {
    const id = await bob.enqueue(alice.address, "once", "x");
    expect(await whileFailing(async () => await faultOf(bob.flush(id)))).toBe(StorageFailedError.name);
    expect(await bob.flush(id)).toEqual(["sent"]);
    await alice.client.sync();
    expect((await alice.client.inbox.list()).filter(({ subject }) => subject === "once")).toHaveLength(1);
  });

  test("takes in later what it could not store, with no secret destroyed too soon", async () => {
    for (const subject of ["while 1", "while 2"]) await write(subject);
    expect(await whileFailing(async () => await faultOf(bob.sync()))).toBe(StorageFailedError.name);
    await bob.sync();
    expect((await bob.list()).map(({ state }) => state)).toEqual(["open", "open", "open"]);
    expect(await subjects()).toEqual(["before", "while 1", "while 2"]);
  });

  test("can be closed while it fails, opened again, and has everything", async () => {
    await whileFailing(async () => await bob.close());
    await bob.open(place());
    expect(await subjects()).toEqual(["before", "while 1", "while 2"]);
    await write("after");
    await bob.sync();
    expect(await subjects()).toEqual(["after", "before", "while 1", "while 2"]);
  });
});

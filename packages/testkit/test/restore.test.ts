import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hash, randomBytes, toHex32 } from "@smimp/protocol";
import { openAdmin, startServer, type RunningServer } from "@smimp/server";
import {
  askKey,
  createAuthority,
  createIdentity,
  fakeClock,
  rawCaller,
  rawJoin,
  rawSession,
  sealRaw,
  startNetwork,
  type Network,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol section 4: a backup that is put back gives no single-use key out again, and nobody takes an old state for a new one.

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "smimp-restore-"))));
afterAll(async () => await rm(folder, { recursive: true, force: true }));

it("a restored backup voids keys, tickets, sessions and invites; clients look anew and carry on", async () => {
  const clock = fakeClock();
  const authority = createAuthority();
  const network: Network = await startNetwork({
    domains: ["alpha.example"],
    clock,
    authority,
    config: generous,
    dataDir: join(folder, "first"),
  });
  const { config, baseUrl } = network.server("alpha.example");
  const call = rawCaller(network.fetch, baseUrl);
  const [alice, bob] = ["alice", "bob"].map((name) => createIdentity(`${name}#alpha.example`, baseUrl, clock()));
  if (alice === undefined || bob === undefined) throw new TypeError("two people");
  let restarted: RunningServer | null = null;
  try {
    await rawJoin(network, alice, 5);
    await rawJoin(network, bob, 5);
    const token = await rawSession(network, baseUrl, bob);
    const own = await rawSession(network, baseUrl, alice);
    const send = async (): Promise<string> => {
      const key = await askKey(call, token, alice.address);
      const envelope = sealRaw(bob, alice.address, key, clock());
      expect((await call("sendMessage", { token, params: { address: alice.address }, body: envelope.statement })).code).toBeNull();
      return envelope.messageId;
    };
    const before = await send();
    // What is under way when the backup is made: a ticket with an attachment, and an invite.
    const ticket = await askKey(call, token, alice.address);
    const bytes = randomBytes(500) as Uint8Array<ArrayBuffer>;
    const blob = toHex32(hash(bytes));
    await call("putBlob", { token, params: { hash: blob }, query: { ticket: ticket.ticket }, body: bytes });
    const { code: invite } = await network.invite("alpha.example");
    const backup = join(folder, "backup");
    await cp(config.dataDir, backup, { recursive: true });

    // Afterwards keys go out, mail comes in, states move on.
    const given = [await askKey(call, token, alice.address), await askKey(call, token, alice.address)];
    for (let index = 0; index < 3; index++) await send();
    const known = (await call("getChanges", { token: own, query: { since: "0" } })).answer.state;

    const restoredConfig = { ...config, dataDir: backup, listen: { host: "127.0.0.1", port: 0 } };
    const live = await openAdmin(config, { clock });
    await expect(live.restored()).rejects.toMatchObject({ name: "DataInUseError" });
    await live.close();
    const admin = await openAdmin(restoredConfig, { clock });
    const report = await admin.restored();
    expect(report).toMatchObject({ accounts: 2, tickets: 2, sessions: 2, invites: 1, uploads: 1, faults: [] });
    expect(report.messageKeys).toBe(8);
    expect(await admin.restored()).toMatchObject({ messageKeys: 0, tickets: 0, sessions: 0, invites: 0 });
    await admin.close();

    restarted = await startServer({ ...restoredConfig, logLevel: "silent" }, { clock, fetch: network.fetch });
    network.addHost("smimp.alpha.example", `127.0.0.1:${restarted.port}`);
    const again = rawCaller(network.fetch, baseUrl);
    expect((await again("getQuota", { token: own })).code).toBe("unauthenticated");
    const alice2 = await rawSession(network, baseUrl, alice);
    const bob2 = await rawSession(network, baseUrl, bob);
    // A state from after the backup is none of this server's, however many changes come.
    expect((await again("getChanges", { token: alice2, query: { since: known } })).code).toBe("state_too_old");
    const { answer } = await again("getChanges", { token: alice2, query: { since: "0" } });
    expect(answer.created).toEqual([before]);
    expect((await again("getChanges", { token: alice2, query: { since: answer.state } })).code).toBeNull();

    // The ticket from before is void, and no key that went out comes again: only the one that stands in.
    const late = sealRaw(bob, alice.address, ticket, clock(), { blobs: [{ hash: blob, size: bytes.length }] });
    expect((await again("sendMessage", { token: bob2, params: { address: alice.address }, body: late.statement })).code).toBe(
      "ticket_invalid",
    );
    expect((await again("getEphemeralKeys", { token: alice2 })).answer).toEqual({ count: 0, key_ids: [] });
    const keys = [...given, await askKey(again, bob2, alice.address)].map(({ message_key }) => message_key.data);
    expect(new Set(keys).size).toBe(3);
    // Neither does one that the owner uploads again; a new one goes out.
    expect(
      (await again("addEphemeralKeys", { token: alice2, body: { keys: given.map(({ message_key }) => message_key) } })).answer.count,
    ).toBe(0);
    const fresh = alice.messageKey("ephemeral", clock());
    await again("addEphemeralKeys", { token: alice2, body: { keys: [fresh.statement] } });
    expect((await askKey(again, bob2, alice.address)).message_key).toEqual(fresh.statement);
    const stranger = createIdentity("new#alpha.example", baseUrl, clock());
    const body = {
      code: invite,
      record: stranger.chain.head.statement,
      profile: null,
      nonephemeral_key: stranger.messageKey("non_ephemeral", clock()).statement,
      ephemeral_keys: [],
      keystore: null,
    };
    expect((await again("initializeAccount", { body })).code).toBe("unauthenticated");
  } finally {
    await restarted?.close();
    await network.close();
  }
});

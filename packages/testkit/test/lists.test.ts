import { openAdmin } from "@smimp/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hash, randomBytes, toB64, toHex32, type Hex32 } from "@smimp/protocol";
import {
  askKey,
  EMAIL,
  joinRaw,
  rawCaller,
  rawSession,
  sealRaw,
  startNetwork,
  type Network,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol section 8: allow and block lists, and protocol section 7: nobody who is allowed works.

let network: Network;
let call: RawCaller;
let people = 0;

beforeAll(async () => {
  const config = { ...generous, workPolicy: { ...generous.workPolicy, strangerBits: 6, establishedBits: 3 } };
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], config });
  call = rawCaller(network.fetch, network.server("alpha.example").baseUrl);
});
afterAll(async () => await network.close());

interface Somebody {
  readonly identity: TestIdentity;
  readonly address: TestIdentity["address"];
  /** A session at the server of alpha.example. */
  readonly token: string;
}

async function somebody(domain = "alpha.example"): Promise<Somebody> {
  const identity = await joinRaw(network, `p${++people}#${domain}`);
  return { identity, address: identity.address, token: await rawSession(network, network.server("alpha.example").baseUrl, identity) };
}

type ListName = "Allowlist" | "Blocklist";
const add = async ({ token }: Somebody, list: ListName, entry: string, note: string | null = null) =>
  await call(`addTo${list}`, { token, body: { entry, note } });
const remove = async ({ token }: Somebody, list: ListName, entry: Hex32) =>
  await call(`removeFrom${list}`, { token, params: { hash: entry } });
const entries = async ({ token }: Somebody, list: ListName) => (await call(`get${list}`, { token })).answer.entries;
const ask = async (from: Somebody, to: Somebody) =>
  await call("getMessageKey", { token: from.token, body: { address: to.address, message_type: EMAIL } });
const params = async (from: Somebody, to: Somebody) =>
  await call("getPowParams", { token: from.token, params: { address: to.address, message_type: EMAIL } });

describe("lists", () => {
  it("take addresses and domains, keep notes, and give entries back by hash", async () => {
    const alice = await somebody();
    const note = toB64(randomBytes(100));
    const first = await add(alice, "Allowlist", "Bob#Beta.Example");
    expect(first.status).toBe(200);
    const again = await add(alice, "Allowlist", "bob#beta.example", note);
    expect(again.answer).toEqual(first.answer);
    const domain = await add(alice, "Allowlist", "#BETA.example");
    expect(await entries(alice, "Allowlist")).toEqual(
      [
        { hash: first.answer.hash, note, created_at: expect.any(String) },
        { hash: domain.answer.hash, note: null, created_at: expect.any(String) },
      ].toSorted((a, b) => (a.hash < b.hash ? -1 : 1)),
    );
    expect(await entries(alice, "Blocklist")).toEqual([]);
    for (const entry of ["bob", "#", "#beta", "bob#", "", "bob#beta.example#", "#beta.example\u0000", "bob#bet\u212a.example"]) {
      expect([entry, (await add(alice, "Blocklist", entry)).code]).toEqual([entry, "bad_address"]);
    }
    expect((await add(alice, "Blocklist", "x#beta.example", toB64(randomBytes(1_025)))).code).toBe("bad_request");
    expect((await remove(alice, "Allowlist", first.answer.hash)).status).toBe(204);
    expect((await remove(alice, "Allowlist", first.answer.hash)).code).toBe("not_found");
    expect((await remove(alice, "Blocklist", domain.answer.hash)).code).toBe("not_found");
  });

  it("of two accounts have nothing in common: not the hash of the same entry, nor what a hash answers", async () => {
    const [alice, eve] = [await somebody(), await somebody()];
    const { hash: mine } = (await add(alice, "Blocklist", "bob#beta.example")).answer;
    expect((await remove(eve, "Blocklist", mine)).code).toBe("not_found");
    expect(await entries(eve, "Blocklist")).toEqual([]);
    expect((await add(eve, "Blocklist", "bob#beta.example")).answer.hash).not.toBe(mine);
    expect((await entries(alice, "Blocklist")).length).toBe(1);
    for (const name of ["getAllowlist", "getBlocklist"] as const) expect((await call(name)).code).toBe("unauthenticated");
  });
});

describe("a blocked sender", () => {
  /** All that a sender may try with a recipient, with a ticket from before. */
  async function attempts(from: Somebody, to: Somebody, key: Awaited<ReturnType<typeof askKey>>) {
    const bytes = randomBytes(300) as Uint8Array<ArrayBuffer>;
    const { statement } = sealRaw(from.identity, to.address, key, network.clock());
    return [
      await ask(from, to),
      await params(from, to),
      await call("putBlob", { token: from.token, params: { hash: toHex32(hash(bytes)) }, query: { ticket: key.ticket }, body: bytes }),
      await call("sendMessage", { token: from.token, params: { address: to.address }, body: statement }),
    ].map(({ status, code, bytes: body, headers }) => ({
      status,
      code,
      body: Buffer.from(body).toString(),
      retry: headers.get("retry-after"),
    }));
  }

  it.each(["alpha.example", "beta.example"])("of %s is answered as if the account were closed, whatever is tried", async (domain) => {
    const [blocker, closed] = [await somebody(), await somebody()];
    const sender = await somebody(domain);
    for (const to of [blocker, closed]) await add(to, "Allowlist", sender.address);
    const keys = [await askKey(call, sender.token, blocker.address), await askKey(call, sender.token, closed.address)] as const;
    await remove(blocker, "Allowlist", (await add(blocker, "Allowlist", sender.address)).answer.hash);
    await add(blocker, "Blocklist", `#${domain}`);
    const admin = await openAdmin(network.server("alpha.example").config);
    await admin.disableAccount(closed.address);
    await admin.close();
    const [toBlocker, toClosed] = [await attempts(sender, blocker, keys[0]), await attempts(sender, closed, keys[1])];
    expect(toBlocker).toEqual(toClosed);
    expect(toBlocker.map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => "not_accepted"));
  });

  it("gets in again once taken off the list, and what was accepted before stays accepted", async () => {
    const [alice, bob] = [await somebody(), await somebody()];
    await add(alice, "Allowlist", bob.address);
    const key = await askKey(call, bob.token, alice.address);
    const { statement, messageId } = sealRaw(bob.identity, alice.address, key, network.clock());
    const send = async () => await call("sendMessage", { token: bob.token, params: { address: alice.address }, body: statement });
    expect((await send()).answer).toEqual({ message_id: messageId });
    await remove(alice, "Allowlist", (await add(alice, "Allowlist", bob.address)).answer.hash);
    const { hash: blocked } = (await add(alice, "Blocklist", bob.address)).answer;
    // A correspondent or not: the list decides.
    expect((await ask(bob, alice)).code).toBe("not_accepted");
    expect((await send()).answer).toEqual({ message_id: messageId });
    const listed = await call("getFolder", { token: alice.token, params: { message_type: EMAIL } });
    expect(listed.answer.messages.map((line) => line.message_id)).toEqual([messageId]);
    await remove(alice, "Blocklist", blocked);
    expect((await ask(bob, alice)).code).toBeNull();
  });

  it("is never oneself", async () => {
    const alice = await somebody();
    await add(alice, "Blocklist", alice.address);
    await add(alice, "Blocklist", "#alpha.example");
    expect((await ask(alice, alice)).code).toBeNull();
  });
});

describe("an allowed sender", () => {
  it("does no work, by address or domain, where a stranger does", async () => {
    const [alice, dora] = [await somebody(), await somebody()];
    const [bob, carol] = [await somebody("beta.example"), await somebody("beta.example")];
    for (const from of [bob, carol]) expect((await ask(from, alice)).code).toBe("pow_required");
    await add(alice, "Allowlist", bob.address);
    expect((await ask(bob, alice)).code).toBeNull();
    expect((await params(bob, alice)).answer).toMatchObject({ zero_bits: 0, count: 1 });
    expect((await ask(carol, alice)).code).toBe("pow_required");
    await add(dora, "Allowlist", "#beta.example");
    for (const from of [bob, carol]) expect((await ask(from, dora)).code).toBeNull();
    await add(dora, "Blocklist", carol.address);
    expect([(await ask(bob, dora)).code, (await ask(carol, dora)).code]).toEqual([null, "not_accepted"]);
    await add(dora, "Allowlist", carol.address);
    expect((await ask(carol, dora)).code).toBeNull();
  });
});

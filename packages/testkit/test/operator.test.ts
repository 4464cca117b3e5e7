import { afterEach, describe, expect, it } from "vitest";
import { once } from "node:events";
import { connect } from "node:http2";
import { connect as tlsConnect } from "node:tls";
import { DAY, hash, HOUR, randomBytes, toHex32 } from "@smimp/protocol";
import { openAdmin, startServer, type RunningServer } from "@smimp/server";
import {
  askKey,
  createAuthority,
  createIdentity,
  fakeClock,
  joinRaw,
  rawCaller,
  rawJoin,
  rawSession,
  sealRaw,
  startNetwork,
  type Network,
  type RawCaller,
  type TestIdentity,
  type TestServerConfig,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// What the operator sets and does, and what it does to people: quotas, retention, taking out of service, stopping.

const authority = createAuthority();
const clock = fakeClock();
let network: Network;
let call: RawCaller;
let alice: TestIdentity;
let bob: TestIdentity;
let second: RunningServer | null = null;
const alpha = () => network.server("alpha.example");

async function start(config: Partial<TestServerConfig> = {}): Promise<void> {
  network = await startNetwork({ domains: ["alpha.example"], authority, clock, config: { ...generous, logLevel: "silent", ...config } });
  call = rawCaller(network.fetch, alpha().baseUrl);
  alice = createIdentity("alice#alpha.example", alpha().baseUrl, clock());
  bob = createIdentity("bob#alpha.example", alpha().baseUrl, clock());
  for (const identity of [alice, bob]) await rawJoin(network, identity, 20);
}
afterEach(async () => {
  await second?.close();
  second = null;
  await network.close();
});

async function withAdmin(work: (admin: Awaited<ReturnType<typeof openAdmin>>) => Promise<void>): Promise<void> {
  const admin = await openAdmin(alpha().config, { clock });
  try {
    await work(admin);
  } finally {
    await admin.close();
  }
}

async function send(size = 0): Promise<string | null> {
  const token = await rawSession(network, alpha().baseUrl, bob);
  const key = await askKey(call, token, alice.address);
  const bytes = randomBytes(size) as Uint8Array<ArrayBuffer>;
  const blob = { hash: toHex32(hash(bytes)), size };
  if (size > 0) {
    const { code } = await call("putBlob", { token, params: { hash: blob.hash }, query: { ticket: key.ticket }, body: bytes });
    if (code !== null) return code;
  }
  const { statement } = sealRaw(bob, alice.address, key, clock(), { blobs: size > 0 ? [blob] : [] });
  return (await call("sendMessage", { token, params: { address: alice.address }, body: statement })).code;
}

/** An event stream that has begun, and its text once it has ended. */
async function listen(token: string) {
  const { body } = await network.fetch(`${alpha().baseUrl}1.0/events`, { redirect: "manual", headers: { "smimp-authentication": token } });
  const begun = Promise.withResolvers<void>();
  const ended = (async () => {
    let text = "";
    for await (const piece of body ?? []) {
      text += Buffer.from(piece).toString("utf8");
      begun.resolve();
    }
    return text;
  })();
  await begun.promise;
  return { ended };
}

describe("the quota of one account", () => {
  it("holds for mail and attachments, at once, and is what its owner sees", async () => {
    await start();
    const token = await rawSession(network, alpha().baseUrl, alice);
    expect(await send(20_000)).toBeNull();
    const { used } = (await call("getQuota", { token })).answer;
    await withAdmin(async (admin) => {
      await admin.setQuota(alice.address, used + 10_000);
      expect((await call("getQuota", { token })).answer).toEqual({ used, total: used + 10_000 });
      expect(await send(20_000)).toBe("quota_exceeded");
      expect(await send()).toBeNull();
      await admin.setQuota(alice.address, 0);
      expect(await send()).toBe("quota_exceeded");
      await admin.setQuota(alice.address, -1);
      expect((await call("getQuota", { token })).answer.total).toBe(-1);
      expect(await send(20_000)).toBeNull();
      await admin.setQuota(alice.address, null);
      expect((await call("getQuota", { token })).answer.total).toBe(5 * 1024 ** 3);
      await expect(admin.setQuota("nobody#alpha.example", 1)).rejects.toMatchObject({ code: "unknown_user" });
      await expect(admin.setQuota(alice.address, -2)).rejects.toThrow(TypeError);
    });
  });
});

describe("an account that is disabled beside the running server", () => {
  it("has its event streams ended, as has one whose session ends in another process", async () => {
    await start();
    const token = await rawSession(network, alpha().baseUrl, alice);
    const stream = await listen(token);
    await withAdmin(async (admin) => {
      await admin.disableAccount(alice.address);
      expect(await stream.ended).toContain("event: state");
      expect((await call("getQuota", { token })).code).toBe("unauthenticated");
      await admin.enableAccount(alice.address);
    });
    const again = await rawSession(network, alpha().baseUrl, alice);
    const other = await listen(again);
    // Another process on the same data, as another node would be.
    second = await startServer({ ...alpha().config, listen: { host: "127.0.0.1", port: 0 } }, { fetch: network.fetch, clock });
    const elsewhere = { ...network.developmentNetwork().hosts };
    network.addHost("smimp.alpha.example", `127.0.0.1:${second.port}`);
    expect((await call("destroySession", { token: again })).status).toBe(204);
    expect(await other.ended).toContain("event: state");
    network.addHost("smimp.alpha.example", elsewhere["smimp.alpha.example"] ?? "");
  });
});

describe("retention", () => {
  it("deletes what is older than the policy says, as its owner would, and nothing where there is none", async () => {
    await start({ retention: { messageDays: 30 } });
    expect(await send(5_000)).toBeNull();
    clock.advance(20 * DAY);
    expect(await send()).toBeNull();
    // Cleaning comes round by itself; a server that starts does it first.
    clock.advance(11 * DAY);
    second = await startServer({ ...alpha().config, listen: { host: "127.0.0.1", port: 0 } }, { fetch: network.fetch, clock });
    const token = await rawSession(network, alpha().baseUrl, alice);
    const created = async () => (await call("getChanges", { token, query: { since: "0" } })).answer.created;
    await expect.poll(created, { timeout: 15_000 }).toHaveLength(1);
    const { used } = (await call("getQuota", { token })).answer;
    expect(used).toBeLessThan(5_000);
    await second.close();
    clock.advance(300 * DAY);
    second = await startServer(
      { ...alpha().config, retention: {}, listen: { host: "127.0.0.1", port: 0 } },
      { fetch: network.fetch, clock },
    );
    await second.close();
    second = null;
    const later = await rawSession(network, alpha().baseUrl, alice);
    expect((await call("getChanges", { token: later, query: { since: "0" } })).answer.created).toHaveLength(1);
  });
});

describe("bounds", () => {
  it("single-use keys for first contacts from one network end with its share, for everybody's", async () => {
    await start({ quotas: { ...generous.quotas, keysPerPrefix: 3 } });
    const people = await Promise.all(
      [1, 2, 3, 4].map(async (index) => {
        return await joinRaw(network, `reader${index}#alpha.example`, 5);
      }),
    );
    const token = await rawSession(network, alpha().baseUrl, bob);
    const kinds: string[] = [];
    for (const { address } of people) kinds.push(kindOf((await askKey(call, token, address)).message_key.data));
    expect(kinds).toEqual(["ephemeral", "ephemeral", "ephemeral", "non_ephemeral"]);
    // Somebody she knows still gets one of hers.
    const own = await rawSession(network, alpha().baseUrl, alice);
    expect(kindOf((await askKey(call, own, alice.address)).message_key.data)).toBe("ephemeral");
    clock.advance(DAY);
    const tomorrow = await rawSession(network, alpha().baseUrl, bob);
    expect(kindOf((await askKey(call, tomorrow, alice.address)).message_key.data)).toBe("ephemeral");
  });

  it("one more session than an address may have ends the one that runs out first", async () => {
    await start({ quotas: { ...generous.quotas, sessionsPerAddress: 3 } });
    const tokens: string[] = [];
    for (let index = 0; index < 5; index++) {
      tokens.push(await rawSession(network, alpha().baseUrl, alice));
      clock.advance(60);
    }
    const codes: (string | null)[] = [];
    for (const token of tokens) codes.push((await call("getQuota", { token })).code);
    expect(codes).toEqual(["unauthenticated", "unauthenticated", null, null, null]);
    expect((await call("getQuota", { token: await rawSession(network, alpha().baseUrl, bob) })).code).toBeNull();
  });

  it("keystores are stored so many bytes an hour", async () => {
    await start({ quotas: { ...generous.quotas, keystoreBytesPerHour: 2_500 } });
    const token = await rawSession(network, alpha().baseUrl, alice);
    const put = async (etag: string | null) => {
      const headers: Record<string, string> = etag === null ? { "if-none-match": "*" } : { "if-match": etag };
      return await call("putKeystore", { token, body: new Uint8Array(1_000), headers });
    };
    const first = await put(null);
    const next = await put(first.headers.get("etag"));
    expect((await put(next.headers.get("etag"))).code).toBe("rate_limited");
    clock.advance(HOUR / 2);
    expect((await call("getKeystore", { token })).status).toBe(200);
  });
});

describe("a server that is told to stop", () => {
  it("tells HTTP/2 clients at once, while a request of theirs is still under way", async () => {
    await start();
    const { baseUrl, port, config } = alpha();
    second = await startServer({ ...config, listen: { host: "127.0.0.1", port: 0 } }, { fetch: network.fetch, clock });
    const token = await rawSession(network, baseUrl, alice);
    const socket = tlsConnect({
      host: "127.0.0.1",
      port: second.port,
      servername: new URL(baseUrl).hostname,
      ca: authority.certificate,
      ALPNProtocols: ["h2"],
    });
    await once(socket, "secureConnect");
    const session = connect(baseUrl, { createConnection: () => socket });
    session.on("error", () => undefined);
    // A body that doesn't come keeps the request under way.
    const headers = { ":method": "POST", ":path": "/1.0/messages", "smimp-authentication": token, "content-type": "application/json" };
    const request = session.request(headers);
    request.on("error", () => undefined);
    request.write("{");
    await once(session, "connect");
    await new Promise((resolve) => session.ping(resolve));
    const goodbye = new Promise<void>((resolve) => session.once("goaway", () => resolve()));
    const closing = second.close();
    await goodbye;
    // The request that was under way is answered.
    request.end('"ids":[]}');
    const status = await new Promise<number>((resolve) => request.once("response", (answer) => resolve(Number(answer[":status"]))));
    expect(status).toBe(400);
    session.close();
    await closing;
    second = null;
    expect(port).not.toBe(0);
  });
});

function kindOf(data: string): string {
  return (JSON.parse(data) as { kind: string }).kind;
}

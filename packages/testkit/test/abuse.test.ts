import { connect } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { hash, parseAddress, randomBytes, SmimpError, toHex32, type Address, type BaseUrl } from "@smimp/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  askKey,
  createIdentity,
  doWork,
  fetchFrom,
  newPerson,
  rawCaller,
  rawJoin,
  rawSession,
  sealRaw,
  silence,
  startHistoryPeer,
  startNetwork,
  workAskedFor,
  type FetchFrom,
  type HistoryPeer,
  type Network,
  type Person,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";

// docs/threat-model.md, "Somebody who wants to use it up": each attack ends at a limit, and others keep their service meanwhile.

const ALPHA = "alpha.example";
const CROWD = "crowd.example";
let network: Network;
let crowd: HistoryPeer;
let bystander: Person;
let friend: Person;
const attackers: FetchFrom[] = [];

beforeAll(async () => {
  network = await startNetwork({
    domains: [ALPHA, "beta.example"],
    config: {
      // Small enough to be reached; what is tested is that they hold, and for whom.
      limits: { connectionsPerAddress: 40, eventStreams: 4, headerSeconds: 2, idleSeconds: 2 },
      quotas: {
        accountBytes: 300_000,
        uploadBytes: 200_000,
        keysPerRequester: 5,
        keysForFirstContacts: 20,
        ticketsPerHour: 30,
        challengesPerMinute: 60,
      },
      workPolicy: {
        count: 1,
        strangerBits: 0,
        establishedBits: 0,
        firstContactsPerSender: 5,
        firstContactsPerDomain: 20,
        firstContactsPerPrefix: 1_000,
      },
    },
  });
  crowd = await startHistoryPeer(network.authority, CROWD);
  for (const [host, address] of Object.entries(crowd.hosts)) network.addHost(host, address);
  bystander = await newPerson(network, `bystander#${ALPHA}`);
  friend = await newPerson(network, "friend#beta.example");
});
afterAll(async () => {
  for (const attacker of attackers) attacker.close();
  await Promise.all([bystander, friend].map(async ({ client }) => await client.close()));
  await network.close();
  await crowd.close();
});

const base = (): BaseUrl => network.server(ALPHA).baseUrl;

/** Calls from another part of the network than everybody else's. */
function attackFrom(localAddress: string): RawCaller {
  const from = fetchFrom(network, localAddress);
  attackers.push(from);
  const call = rawCaller(from.fetch, base());
  fetches.set(call, from.fetch);
  return call;
}

/** Somebody of the crowd's domain, whose server shows their history. */
function oneOfTheCrowd(name: string): TestIdentity {
  const identity = createIdentity(`${name}#${CROWD}`, crowd.baseUrl, network.clock());
  crowd.show(identity.address, identity);
  return identity;
}

/** Mail in both directions between two people who have nothing to do with the attack. */
async function expectService(): Promise<void> {
  const subject = toHex32(randomBytes(32));
  const entry = await friend.client.send({ to: [bystander.address], subject, body: "b", keepCopy: false });
  let [out] = entry.copies;
  // A machine that does all of this at once may be slow; the outbox tries again, as it would by itself.
  for (let round = 0; round < 5 && out?.state === "queued"; round++) {
    await friend.client.outbox.flush({ force: true, id: entry.id });
    [out] = (await friend.client.outbox.get(entry.id))?.copies ?? [];
  }
  expect([out?.state, out?.reason]).toEqual(["sent", null]);
  await bystander.client.sync();
  expect((await bystander.client.inbox.list({ limit: 50 })).map((message) => message.subject)).toContain(subject);
  const [back] = (await bystander.client.send({ to: [friend.address], subject, body: "b", keepCopy: false })).copies;
  expect(back?.state).toBe("sent");
}

/** The codes that calls ended with; null for those that succeeded. */
async function outcomes(
  count: number,
  one: (index: number) => Promise<{ readonly code: string | null }>,
): Promise<readonly (string | null)[]> {
  const codes: (string | null)[] = [];
  for (let index = 0; index < count; index++) codes.push((await one(index)).code);
  return codes;
}

async function keyKind(call: RawCaller, token: string, to: Address): Promise<string> {
  const asked = await askPaying(call, token, to);
  return (JSON.parse(asked.message_key.data) as { kind: string }).kind;
}

/** Asks for a key, doing whatever little work is asked for. */
async function askPaying(call: RawCaller, token: string, to: Address): Promise<Awaited<ReturnType<typeof askKey>>> {
  const first = await call("getMessageKey", { token, body: { address: to, message_type: "email" } });
  if (first.code === null) return first.answer;
  if (first.code !== "pow_required") throw new SmimpError("rate_limited", first.code);
  const from = parseAddress(senderOf.get(token));
  return await askKey(call, token, to, doWork(base(), from, to, workAskedFor(first.bytes)));
}

const senderOf = new Map<string, Address>();

async function session(call: RawCaller, identity: TestIdentity): Promise<string> {
  const token = await rawSession({ ...network, fetch: fetchOf(call) }, base(), identity);
  senderOf.set(token, identity.address);
  return token;
}

const fetches = new Map<RawCaller, Network["fetch"]>();
function fetchOf(call: RawCaller): Network["fetch"] {
  return fetches.get(call) ?? network.fetch;
}

describe("draining single-use keys", () => {
  it("from one account: ends at its share, and others still get theirs", async () => {
    const victim = await newPerson(network, `drained#${ALPHA}`);
    const attacker = oneOfTheCrowd("drainer");
    const call = attackFrom("127.7.0.1");
    const token = await session(call, attacker);
    const kinds: string[] = [];
    for (let index = 0; index < 20; index++) kinds.push(await keyKind(call, token, victim.address).catch(() => "refused"));
    expect(kinds.filter((kind) => kind === "ephemeral").length).toBe(5);
    const other = oneOfTheCrowd("innocent");
    expect(await keyKind(call, await session(call, other), victim.address)).toBe("ephemeral");
    await expectService();
    await victim.client.close();
  });

  it("from many accounts of one domain: ends at the share of all first contacts, at a price that rises for that domain alone", async () => {
    const victim = await newPerson(network, `crowded#${ALPHA}`);
    const call = attackFrom("127.7.1.1");
    const kinds: string[] = [];
    const bits: number[] = [];
    for (let index = 0; index < 40; index++) {
      const one = oneOfTheCrowd(`crowd${index}`);
      const token = await session(call, one);
      const priced = await call("getPowParams", { token, params: { address: victim.address, message_type: "email" } });
      bits.push(priced.answer.zero_bits);
      if (priced.answer.zero_bits <= 12) kinds.push(await keyKind(call, token, victim.address));
    }
    expect(kinds.filter((kind) => kind === "ephemeral").length).toBeLessThanOrEqual(20);
    expect(Math.max(...bits)).toBeGreaterThan(bits[0] ?? 0);
    // Somebody of another domain pays what strangers always paid, and mail that is known goes on.
    const stranger = createIdentity("stranger#beta.example", network.server("beta.example").baseUrl, network.clock());
    await rawJoin(network, stranger, 1);
    const token = await rawSession(network, base(), stranger);
    const honest = await rawCaller(network.fetch, base())("getPowParams", {
      token,
      params: { address: victim.address, message_type: "email" },
    });
    expect(honest.answer.zero_bits).toBe(0);
    await expectService();
    await victim.client.close();
  });
});

describe("floods", () => {
  it("of logins: end at the share of their part of the network", async () => {
    const call = attackFrom("127.7.2.1");
    const codes = await outcomes(80, async () => await call("getSessionChallenge", { params: { address: bystander.address } }));
    expect(codes.filter((code) => code === null).length).toBe(60);
    expect(new Set(codes.slice(60))).toEqual(new Set(["rate_limited"]));
    await expectService();
  });

  it("of logins from domains that are dead: others log in meanwhile", async () => {
    const dead = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const peer = await startHistoryPeer(network.authority, `dead${index}.example`);
        peer.answer("*", silence);
        for (const [host, address] of Object.entries(peer.hosts)) network.addHost(host, address);
        return peer;
      }),
    );
    // 600 logins from twelve parts of the network, each of them for every domain in turn.
    const attempts = dead.flatMap((_, part) => {
      const call = attackFrom(`127.8.${part}.1`);
      return Array.from({ length: 50 }, async (__, index) => {
        const domain = (part + index) % dead.length;
        const identity = createIdentity(`dead${part}x${index}#dead${domain}.example`, dead[domain]?.baseUrl ?? base(), network.clock());
        await rawSession({ ...network, fetch: fetchOf(call) }, base(), identity).then(
          () => expect.unreachable("a session without a history"),
          () => undefined,
        );
      });
    });
    await expectService();
    const newcomer = oneOfTheCrowd("alive");
    expect(await session(attackFrom("127.7.3.1"), newcomer)).not.toBe("");
    await Promise.all(attempts);
    await Promise.all(dead.map(async (peer) => await peer.close()));
  });

  it("of tickets that are hoarded: end at a sender's share", async () => {
    const victim = await newPerson(network, `hoarded#${ALPHA}`);
    const hoarder = createIdentity(`hoarder#${ALPHA}`, base(), network.clock());
    await rawJoin(network, hoarder, 1);
    const call = rawCaller(network.fetch, base());
    const token = await session(call, hoarder);
    let tickets = 0;
    for (let index = 0; index < 40; index++) {
      const refused = await askPaying(call, token, victim.address).then(
        () => false,
        () => true,
      );
      if (!refused) tickets++;
    }
    expect(tickets).toBeLessThanOrEqual(30);
    await expectService();
    await victim.client.close();
  });

  it("of event streams: end at an account's share", async () => {
    const listener = createIdentity(`listener#${ALPHA}`, base(), network.clock());
    await rawJoin(network, listener, 1);
    const token = await rawSession(network, base(), listener);
    const stop = new AbortController();
    const statuses = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const headers = { "smimp-authentication": token };
        const response = await network.fetch(`${base()}1.0/events`, { method: "GET", redirect: "manual", headers, signal: stop.signal });
        return response.status;
      }),
    );
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(4);
    await expectService();
    stop.abort();
  });

  it("of connections that say nothing, or drip: end at an address's share and at their time", async () => {
    const { port } = network.server(ALPHA);
    const closed = Array.from({ length: 60 }, (_, index) => {
      const raw = connect({ host: "127.0.0.1", port, localAddress: "127.7.4.1" });
      raw.on("error", () => raw.destroy());
      const socket = tlsConnect({ socket: raw, servername: `smimp.${ALPHA}`, ca: network.authority.certificate });
      socket.on("error", () => socket.destroy());
      socket.on("secureConnect", () => socket.write(index % 2 === 0 ? "GET / HTTP/1.1\r\nhost: " : ""));
      return new Promise<void>((resolve) => void raw.on("close", () => resolve()));
    });
    await expectService();
    await Promise.all(closed);
    await expectService();
  });
});

describe("filling storage", () => {
  it("with messages: ends at the recipient's quota, and others still receive", async () => {
    const victim = createIdentity(`full#${ALPHA}`, base(), network.clock());
    await rawJoin(network, victim, 5);
    const sender = createIdentity(`filler#${ALPHA}`, base(), network.clock());
    await rawJoin(network, sender, 1);
    const call = rawCaller(network.fetch, base());
    const token = await session(call, sender);
    const codes = await outcomes(12, async () => {
      const key = await askPaying(call, token, victim.address);
      const envelope = sealRaw(sender, victim.address, key, network.clock(), { text: "x".repeat(40_000) });
      return await call("sendMessage", { token, params: { address: victim.address }, body: envelope.statement });
    });
    expect(codes.at(0)).toBeNull();
    expect(codes.at(-1)).toBe("quota_exceeded");
    await expectService();
  });

  it("with attachments that no message names: ends at the sender's share", async () => {
    const uploader = createIdentity(`uploader#${ALPHA}`, base(), network.clock());
    await rawJoin(network, uploader, 1);
    const call = rawCaller(network.fetch, base());
    const token = await session(call, uploader);
    const codes = await outcomes(10, async () => {
      const { ticket } = await askPaying(call, token, bystander.address);
      const blob = randomBytes(40_000);
      const params = { hash: toHex32(hash(blob)) };
      return await call("putBlob", { token, params, query: { ticket }, body: new Uint8Array(blob) });
    });
    expect(codes.at(0)).toBeNull();
    expect(["rate_limited", "quota_exceeded"]).toContain(codes.at(-1));
    await expectService();
  });
});

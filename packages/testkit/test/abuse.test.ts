import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { hash, parseAddress, randomBytes, toHex32, type Address, type AnswerOf, type BaseUrl } from "@smimp/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createIdentity,
  doWork,
  fetchFrom,
  newPerson,
  rawCaller,
  rawJoin,
  rawSession,
  sealRaw,
  startHistoryPeer,
  startNetwork,
  workAskedFor,
  type FetchFrom,
  type HistoryPeer,
  type Network,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";
import { startOthers, type Others } from "./service.ts";

// docs/threat-model.md, "Somebody who wants to use it up": each attack ends at a limit, and others keep their service meanwhile, which
// service.ts measures while the attack goes on.

const ALPHA = "alpha.example";
const CROWD = "crowd.example";
const TICKETS = 400;
const LOGINS = 60;
const SESSIONS = 20;
let network: Network;
let crowd: HistoryPeer;
let others: Others;
const attackers: FetchFrom[] = [];

beforeAll(async () => {
  network = await startNetwork({
    domains: [ALPHA, "beta.example"],
    config: {
      // Small enough to be reached; what is tested is that they hold, and for whom.
      limits: { connectionsPerAddress: 40, eventStreams: 4, headerSeconds: 2, idleSeconds: 2 },
      quotas: {
        accountBytes: 1_500_000,
        uploadBytes: 200_000,
        keysPerRequester: 5,
        keysForFirstContacts: 20,
        ticketsPerHour: TICKETS,
        challengesPerMinute: LOGINS,
        sessionsPerAddress: SESSIONS,
        firstSightsPerDomain: 3_000,
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
  others = await startOthers(network, { here: ALPHA, elsewhere: "beta.example" });
});
afterAll(async () => {
  for (const attacker of attackers) attacker.close();
  await others.close();
  await network.close();
  await crowd.close();
});

const base = (): BaseUrl => network.server(ALPHA).baseUrl;

/** Somebody's way to the server from another part of the network than everybody else's. */
interface Attacker {
  readonly call: RawCaller;
  readonly fetch: Network["fetch"];
}

function attackFrom(localAddress: string): Attacker {
  const from = fetchFrom(network, localAddress);
  attackers.push(from);
  return { call: rawCaller(from.fetch, base()), fetch: from.fetch };
}

/** So many attackers, each from a /24 of their own. */
function attackersFrom(prefix: string, count: number): readonly Attacker[] {
  return Array.from({ length: count }, (_, index) => attackFrom(`${prefix}.${index}.1`));
}

/** Somebody of the crowd's domain, whose server shows their history. */
function oneOfTheCrowd(name: string): TestIdentity {
  const identity = createIdentity(`${name}#${CROWD}`, crowd.baseUrl, network.clock());
  crowd.show(identity.address, identity);
  return identity;
}

async function session({ fetch }: Pick<Attacker, "fetch">, identity: TestIdentity): Promise<string> {
  return await rawSession({ ...network, fetch }, base(), identity);
}

/** The token, or the code that a whole login ended with. */
async function logIn(attacker: Attacker, identity: TestIdentity): Promise<{ readonly token: string | null; readonly code: string | null }> {
  return await session(attacker, identity).then(
    (token) => ({ token, code: null }),
    (error: unknown) => ({ token: null, code: String(error).replace(/^.*: /, "") }),
  );
}

/** Does `count` things, so many side by side, and then one after the other for as long as the attack goes on. */
async function attack<Result>(
  { count, lanes, goOn }: { readonly count: number; readonly lanes: number; readonly goOn: () => boolean },
  one: (index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count || goOn()) {
      const index = next++;
      results[index] = await one(index);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

/** A key that was asked for, with whatever little work is asked for; and the answers on the way there. */
interface Asked {
  readonly key: AnswerOf<"getMessageKey"> | null;
  readonly codes: readonly (string | null)[];
  readonly bits: number;
}

async function askPaying(call: RawCaller, token: string, from: Address, to: Address): Promise<Asked> {
  const body = { address: to, message_type: "email" };
  const first = await call("getMessageKey", { token, body });
  if (first.code !== "pow_required") return { key: first.code === null ? first.answer : null, codes: [first.code], bits: 0 };
  const parameters = workAskedFor(first.bytes);
  const paid = await call("getMessageKey", { token, body: { ...body, pow: doWork(base(), from, to, parameters) } });
  return { key: paid.code === null ? paid.answer : null, codes: [first.code, paid.code], bits: parameters.zero_bits };
}

/** A key; throws where none was given. */
async function keyOf(call: RawCaller, token: string, from: Address, to: Address): Promise<AnswerOf<"getMessageKey">> {
  const { key, codes } = await askPaying(call, token, from, to);
  if (key === null) throw new Error(`no key: ${codes.join(", ")}`);
  return key;
}

/** What kind of key it was, or the code that came instead. */
function kindOf({ key, codes }: Asked): string {
  return key === null ? String(codes.at(-1)) : (JSON.parse(key.message_key.data) as { kind: string }).kind;
}

/** How often each of them is there. */
function counts(values: readonly (string | null)[]): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const value of values) found[String(value)] = (found[String(value)] ?? 0) + 1;
  return found;
}

async function joined(name: string, ephemeralKeys = 1): Promise<TestIdentity> {
  const identity = createIdentity(`${name}#${ALPHA}`, base(), network.clock());
  await rawJoin(network, identity, ephemeralKeys);
  return identity;
}

describe("draining single-use keys", () => {
  it("from one account: ends at its share, and others still get theirs", async () => {
    const victim = await newPerson(network, `drained#${ALPHA}`);
    const attacker = oneOfTheCrowd("drainer");
    const from = attackFrom("127.7.0.1");
    const token = await session(from, attacker);
    const kinds = await others.during("keys drained from one account", async (goOn) => {
      const one = async (): Promise<string> => kindOf(await askPaying(from.call, token, attacker.address, victim.address));
      return await attack({ count: 40, lanes: 1, goOn }, one);
    });
    expect(kinds.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => "ephemeral"));
    expect(new Set(kinds.slice(5, 40))).toEqual(new Set(["non_ephemeral"]));
    expect(kinds.slice(40).filter((kind) => kind !== "non_ephemeral" && kind !== "rate_limited")).toEqual([]);
    const other = oneOfTheCrowd("innocent");
    const asked = await askPaying(from.call, await session(from, other), other.address, victim.address);
    expect(kindOf(asked)).toBe("ephemeral");
    await victim.client.close();
  });

  it("from a thousand accounts of one domain: ends at the share of all first contacts, at a price that rises for that domain above all", async () => {
    const victim = await newPerson(network, `crowded#${ALPHA}`);
    const known = await joined("knowntovictim");
    await victim.client.send({ to: [known.address], subject: "s", body: "b", keepCopy: false });
    const parts = attackersFrom("127.9", 20);
    const asked = await others.during("keys drained from a thousand accounts", async (goOn) => {
      let more = 0;
      return await attack({ count: 1_000, lanes: 8, goOn: () => goOn() && more++ < 100 }, async (index) => {
        const from = parts[index % parts.length] ?? attackFrom("127.7.1.1");
        const one = oneOfTheCrowd(`crowd${index}`);
        return await askPaying(from.call, await session(from, one), one.address, victim.address);
      });
    });
    // All of them got what they asked for, but only so many of them a single-use key.
    expect(counts(asked.map(kindOf))).toEqual({ ephemeral: 20, non_ephemeral: asked.length - 20 });
    expect(asked.length).toBeGreaterThanOrEqual(1_000);
    const dearest = Math.max(...asked.map(({ bits }) => bits));
    expect(dearest).toBeGreaterThanOrEqual(5);
    expect(asked[0]?.bits).toBeLessThan(dearest);
    // Whoever is known still gets a single-use key, without work.
    const call = rawCaller(network.fetch, base());
    const friendly = await askPaying(call, await session(network, known), known.address, victim.address);
    expect([kindOf(friendly), friendly.bits]).toEqual(["ephemeral", 0]);
    // Somebody of another domain pays no more than what the server's whole inflow asks of all strangers.
    const stranger = createIdentity("stranger#beta.example", network.server("beta.example").baseUrl, network.clock());
    await rawJoin(network, stranger, 1);
    const params = { address: victim.address, message_type: "email" };
    const honest = await call("getPowParams", { token: await session(network, stranger), params });
    expect(honest.answer.zero_bits).toBeLessThanOrEqual(3);
    expect(honest.answer.zero_bits).toBeLessThan(dearest);
    await victim.client.close();
  });
});

describe("floods", () => {
  it("of logins from one part of the network: end at its share, whole logins and mere challenges alike", async () => {
    const from = attackFrom("127.7.2.1");
    const identity = oneOfTheCrowd("flooder");
    const codes = await others.during("logins from one network", async (goOn) => {
      const one = async (index: number): Promise<string | null> =>
        index % 2 === 0
          ? (await logIn(from, identity)).code
          : (await from.call("getSessionChallenge", { params: { address: identity.address } })).code;
      return await attack({ count: 200, lanes: 8, goOn }, one);
    });
    const { null: done = 0, rate_limited: limited = 0, ...rest } = counts(codes);
    expect(rest).toEqual({});
    // A flood may last into the next minute, which has a share of its own.
    expect([LOGINS, 2 * LOGINS]).toContain(done);
    expect(limited).toBe(codes.length - done);
  });

  it("of a thousand whole logins from many parts of the network: an address keeps its share of sessions, the newest", async () => {
    const parts = attackersFrom("127.10", 25);
    const people = Array.from({ length: 10 }, (_, index) => oneOfTheCrowd(`many${index}`));
    const logins = await others.during("a thousand whole logins from many networks", async (goOn) => {
      let more = 0;
      return await attack({ count: 1_000, lanes: 10, goOn: () => goOn() && more++ < 100 }, async (index) => {
        const from = parts[index % parts.length] ?? attackFrom("127.7.1.1");
        return await logIn(from, people[index % people.length] ?? oneOfTheCrowd("none"));
      });
    });
    expect(counts(logins.map(({ code }) => code))).toEqual({ null: logins.length });
    const call = rawCaller(network.fetch, base());
    const mine = logins.filter((_, index) => index % people.length === 0).map(({ token }) => token ?? "");
    const params = { address: parseAddress(`resident#${ALPHA}`), message_type: "email" };
    const held = await attack({ count: mine.length, lanes: 1, goOn: () => false }, async (index) => {
      return (await call("getPowParams", { token: mine[index] ?? "", params })).code;
    });
    expect(counts(held)).toEqual({ null: SESSIONS, unauthenticated: mine.length - SESSIONS });
  });

  it("of a thousand logins from domains that are dead: each ends, and others log in meanwhile", async () => {
    // One machine that takes connections and says nothing stands for a hundred domains.
    const sockets = new Set<Socket>();
    const dead = createServer((socket) => void sockets.add(socket.on("error", () => socket.destroy())));
    await once(dead.listen(0, "127.0.0.1"), "listening");
    const { port } = dead.address() as { readonly port: number };
    const domains = Array.from({ length: 100 }, (_, index) => `dead${index}.example`);
    for (const domain of domains) for (const host of [domain, `smimp.${domain}`]) network.addHost(host, `127.0.0.1:${port}`);
    const parts = attackersFrom("127.8", 20);
    try {
      const codes = await others.during("a thousand logins from dead domains", async () => {
        return await attack({ count: 1_000, lanes: 250, goOn: () => false }, async (index) => {
          const from = parts[index % parts.length] ?? attackFrom("127.7.1.1");
          const identity = createIdentity(`x${index}#${domains[index % domains.length]}`, base(), network.clock());
          return (await logIn(from, identity)).code;
        });
      });
      expect(counts(codes)).toEqual({ temporarily_unavailable: 1_000 });
      // Those who come later are not even asked about: as long as a domain is known to be dead, no more connections go there.
      expect(sockets.size).toBeGreaterThanOrEqual(domains.length);
      expect(sockets.size).toBeLessThan(1_000);
    } finally {
      for (const socket of sockets) socket.destroy();
      dead.close();
    }
  });

  it("of tickets that are hoarded: end at a sender's share", async () => {
    const victim = await newPerson(network, `hoarded#${ALPHA}`);
    const hoarder = await joined("hoarder");
    const from = attackFrom("127.7.5.1");
    const token = await session(from, hoarder);
    const asked = await others.during("tickets that are hoarded", async (goOn) => {
      return await attack(
        { count: TICKETS + 40, lanes: 1, goOn },
        async () => await askPaying(from.call, token, hoarder.address, victim.address),
      );
    });
    const codes = asked.flatMap((each) => each.codes);
    const { null: tickets = 0, pow_required: priced = 0, rate_limited: limited = 0, ...rest } = counts(codes);
    expect(rest).toEqual({});
    // Each question counts, those that are answered with a price too; a flood may last into the next hour, which has a share of its own.
    expect([TICKETS, 2 * TICKETS]).toContain(tickets + priced);
    expect(tickets).toBeGreaterThanOrEqual(TICKETS / 2);
    expect(limited).toBeGreaterThanOrEqual(40);
    await victim.client.close();
  });

  it("of event streams: end at an account's share", async () => {
    const listener = await joined("listener");
    const from = attackFrom("127.7.6.1");
    const token = await session(from, listener);
    const stop = new AbortController();
    const codes = await others.during("event streams of one account", async (goOn) => {
      return await attack({ count: 12, lanes: 1, goOn }, async () => await openStream(from, token, stop.signal));
    });
    expect(codes.slice(0, 4)).toEqual([null, null, null, null]);
    expect(new Set(codes.slice(4))).toEqual(new Set(["rate_limited"]));
    stop.abort();
  });

  it("of notifications, by the thousand to many streams: each stream ends at the last state, and is told no more than there was", async () => {
    const stop = new AbortController();
    const listeners = await Promise.all(
      attackersFrom("127.11", 12).map(async (from, index) => {
        const owner = await joined(`stormy${index}`, 2);
        const token = await session(from, owner);
        const key = await keyOf(from.call, token, owner.address, owner.address);
        const { statement } = sealRaw(owner, owner.address, key, network.clock());
        const sent = await from.call("sendMessage", { token, params: { address: owner.address }, body: statement });
        const streams = await Promise.all(Array.from({ length: 4 }, async () => await readStream(from, token, stop.signal)));
        return { from, token, id: sent.answer.message_id, streams };
      }),
    );
    const codes = await others.during("a storm of notifications", async (goOn) => {
      return await attack({ count: 3_000, lanes: listeners.length, goOn }, async (index) => {
        const { from, token, id } = listeners[index % listeners.length] ?? expect.unreachable("no listener");
        // Each time another value, so that each is a new state: a round over all listeners is read, the next unread.
        const read = Math.floor(index / listeners.length) % 2 === 0;
        return (await from.call("setMessageRead", { token, params: { id }, body: { read } })).code;
      });
    });
    expect(counts(codes)).toEqual({ null: codes.length });
    expect(codes.length).toBeGreaterThanOrEqual(3_000);
    for (const { from, token, streams } of listeners) {
      const { answer } = await from.call("getChanges", { token, query: { since: "0" } });
      for (const states of streams) {
        await expect.poll(() => states.at(-1)).toBe(answer.state);
        expect(new Set(states).size).toBe(states.length);
        expect(states.length).toBeLessThanOrEqual(Number(answer.state) + 1);
      }
    }
    stop.abort();
  });

  it("of connections that say nothing, or drip: end at an address's share and at their time", async () => {
    const { port } = network.server(ALPHA);
    let open = 0;
    let most = 0;
    let refused = 0;
    const connection = async (index: number): Promise<void> => {
      const raw = connect({ host: "127.0.0.1", port, localAddress: "127.7.4.1" });
      raw.on("error", () => raw.destroy());
      const socket = tlsConnect({ socket: raw, servername: `smimp.${ALPHA}`, ca: network.authority.certificate });
      socket.on("error", () => socket.destroy());
      let stood = false;
      socket.on("secureConnect", () => {
        stood = true;
        most = Math.max(most, ++open);
        socket.write(index % 2 === 0 ? "GET / HTTP/1.1\r\nhost: " : "");
      });
      await new Promise<void>((resolve) => void raw.on("close", () => resolve()));
      if (stood) open--;
      else refused++;
    };
    // Whatever is closed is opened again; all of them are closed by the server.
    const ended = await others.during(
      "connections that say nothing",
      async (goOn) => await attack({ count: 80, lanes: 80, goOn }, connection),
    );
    expect(ended.length).toBeGreaterThanOrEqual(80);
    expect(most).toBeGreaterThanOrEqual(20);
    expect(most).toBeLessThanOrEqual(40);
    expect(refused).toBeGreaterThanOrEqual(40);
    expect(open).toBe(0);
  });
});

/** Opens an event stream and leaves it open; the code where it is refused. */
async function openStream({ fetch }: Attacker, token: string, signal: AbortSignal): Promise<string | null> {
  const headers = { "smimp-authentication": token };
  const { status, body } = await fetch(`${base()}1.0/events`, { method: "GET", redirect: "manual", headers, signal });
  if (status === 200) return null;
  let text = "";
  for await (const piece of body ?? []) text += Buffer.from(piece).toString("utf8");
  return (JSON.parse(text) as { code: string }).code;
}

/** Opens an event stream and reads it until it is aborted: the states that it tells. */
async function readStream({ fetch }: Attacker, token: string, signal: AbortSignal): Promise<readonly string[]> {
  const headers = { "smimp-authentication": token };
  const { status, body } = await fetch(`${base()}1.0/events`, { method: "GET", redirect: "manual", headers, signal });
  expect(status).toBe(200);
  const states: string[] = [];
  const read = async (): Promise<void> => {
    let text = "";
    for await (const piece of body ?? []) {
      text += Buffer.from(piece).toString("utf8");
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
        if (data !== undefined) states.push((JSON.parse(data) as { state: string }).state);
        text = text.slice(end + 2);
      }
    }
  };
  // It ends with the test.
  read().catch(() => undefined);
  return states;
}

describe("filling storage", () => {
  it("with messages: ends at the recipient's quota, and others still receive", async () => {
    const victim = await joined("full", 5);
    const sender = await joined("filler");
    const from = attackFrom("127.7.7.1");
    const token = await session(from, sender);
    const text = "x".repeat(150_000);
    const codes = await others.during("a mailbox that is filled", async (goOn) => {
      return await attack({ count: 20, lanes: 1, goOn }, async () => {
        const key = await keyOf(from.call, token, sender.address, victim.address);
        const { statement } = sealRaw(sender, victim.address, key, network.clock(), { text });
        return (await from.call("sendMessage", { token, params: { address: victim.address }, body: statement })).code;
      });
    });
    const stored = codes.indexOf("quota_exceeded");
    expect(stored).toBeGreaterThanOrEqual(6);
    expect(new Set(codes.slice(0, stored))).toEqual(new Set([null]));
    expect(new Set(codes.slice(stored))).toEqual(new Set(["quota_exceeded"]));
    const { answer } = await from.call("getQuota", { token: await session(network, victim) });
    expect(answer.used).toBeGreaterThan(stored * text.length);
    expect(answer.used).toBeLessThanOrEqual(1_500_000);
  });

  it("with attachments that no message names: ends at the sender's share", async () => {
    const uploader = await joined("uploader");
    const recipient = parseAddress(`resident#${ALPHA}`);
    const from = attackFrom("127.7.8.1");
    const token = await session(from, uploader);
    const codes = await others.during("attachments that no message names", async (goOn) => {
      return await attack({ count: 20, lanes: 1, goOn }, async () => {
        const { ticket } = await keyOf(from.call, token, uploader.address, recipient);
        const blob = randomBytes(40_000);
        const params = { hash: toHex32(hash(blob)) };
        return (await from.call("putBlob", { token, params, query: { ticket }, body: new Uint8Array(blob) })).code;
      });
    });
    const stored = codes.indexOf("rate_limited");
    expect(stored).toBeGreaterThanOrEqual(2);
    expect(stored * 40_000).toBeLessThanOrEqual(200_000);
    expect(new Set(codes.slice(0, stored))).toEqual(new Set([null]));
    expect(new Set(codes.slice(stored))).toEqual(new Set(["rate_limited"]));
  });
});

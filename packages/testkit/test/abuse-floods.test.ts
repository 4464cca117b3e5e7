import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { parseAddress } from "@smimp/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIdentity, newPerson, rawCaller, sealRaw, type TestIdentity } from "../src/index.ts";
import { ALPHA, attack, counts, LOGINS, SESSIONS, startAbuse, TICKETS, type AbuseWorld, type Attacker } from "./abuse.ts";

// docs/threat-model.md, "Somebody who wants to use it up": floods end at a limit, and others keep their service meanwhile, which
// service.ts measures while the flood goes on.

let world: AbuseWorld;
beforeAll(async () => {
  world = await startAbuse();
});
afterAll(async () => await world.close());

/** The token, or the code that a whole login ended with. */
async function logIn(attacker: Attacker, identity: TestIdentity): Promise<{ readonly token: string | null; readonly code: string | null }> {
  return await world.session(attacker, identity).then(
    (token) => ({ token, code: null }),
    (error: unknown) => ({ token: null, code: String(error).replace(/^.*: /, "") }),
  );
}

describe("floods", () => {
  it("of logins from one part of the network: end at its share, whole logins and mere challenges alike", async () => {
    const from = world.attackFrom("127.7.2.1");
    const identity = world.oneOfTheCrowd("flooder");
    const codes = await world.others.during("logins from one network", async (goOn) => {
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
    const parts = world.attackersFrom("127.10", 25);
    const people = Array.from({ length: 10 }, (_, index) => world.oneOfTheCrowd(`many${index}`));
    const logins = await world.others.during("a thousand whole logins from many networks", async (goOn) => {
      let more = 0;
      return await attack({ count: 1_000, lanes: 10, goOn: () => goOn() && more++ < 100 }, async (index) => {
        const from = parts[index % parts.length] ?? world.attackFrom("127.7.1.1");
        return await logIn(from, people[index % people.length] ?? world.oneOfTheCrowd("none"));
      });
    });
    expect(counts(logins.map(({ code }) => code))).toEqual({ null: logins.length });
    const call = rawCaller(world.network.fetch, world.base);
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
    for (const domain of domains) for (const host of [domain, `smimp.${domain}`]) world.network.addHost(host, `127.0.0.1:${port}`);
    const parts = world.attackersFrom("127.8", 20);
    try {
      const codes = await world.others.during("a thousand logins from dead domains", async () => {
        return await attack({ count: 1_000, lanes: 250, goOn: () => false }, async (index) => {
          const from = parts[index % parts.length] ?? world.attackFrom("127.7.1.1");
          const identity = createIdentity(`x${index}#${domains[index % domains.length]}`, world.base, world.network.clock());
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
    const victim = await newPerson(world.network, `hoarded#${ALPHA}`);
    const hoarder = await world.joined("hoarder");
    const from = world.attackFrom("127.7.5.1");
    const token = await world.session(from, hoarder);
    const asked = await world.others.during("tickets that are hoarded", async (goOn) => {
      return await attack(
        { count: TICKETS + 40, lanes: 1, goOn },
        async () => await world.askPaying(from.call, token, hoarder.address, victim.address),
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
    const listener = await world.joined("listener");
    const from = world.attackFrom("127.7.6.1");
    const token = await world.session(from, listener);
    const stop = new AbortController();
    const codes = await world.others.during("event streams of one account", async (goOn) => {
      return await attack({ count: 12, lanes: 1, goOn }, async () => await openStream(from, token, stop.signal));
    });
    expect(codes.slice(0, 4)).toEqual([null, null, null, null]);
    expect(new Set(codes.slice(4))).toEqual(new Set(["rate_limited"]));
    stop.abort();
  });

  it("of notifications, by the thousand to many streams: each stream ends at the last state, and is told no more than there was", async () => {
    const stop = new AbortController();
    const listeners = await Promise.all(
      world.attackersFrom("127.11", 12).map(async (from, index) => {
        const owner = await world.joined(`stormy${index}`, 2);
        const token = await world.session(from, owner);
        const key = await world.keyOf(from.call, token, owner.address, owner.address);
        const { statement } = sealRaw(owner, owner.address, key, world.network.clock());
        const sent = await from.call("sendMessage", { token, params: { address: owner.address }, body: statement });
        const streams = await Promise.all(Array.from({ length: 4 }, async () => await readStream(from, token, stop.signal)));
        return { from, token, id: sent.answer.message_id, streams };
      }),
    );
    const codes = await world.others.during("a storm of notifications", async (goOn) => {
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
    const { port } = world.network.server(ALPHA);
    let open = 0;
    let most = 0;
    let refused = 0;
    const connection = async (index: number): Promise<void> => {
      const raw = connect({ host: "127.0.0.1", port, localAddress: "127.7.4.1" });
      raw.on("error", () => raw.destroy());
      const socket = tlsConnect({ socket: raw, servername: `smimp.${ALPHA}`, ca: world.network.authority.certificate });
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
    const ended = await world.others.during(
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
  const { status, body } = await fetch(`${world.base}1.0/events`, { method: "GET", redirect: "manual", headers, signal });
  if (status === 200) return null;
  let text = "";
  for await (const piece of body ?? []) text += Buffer.from(piece).toString("utf8");
  return (JSON.parse(text) as { code: string }).code;
}

/** Opens an event stream and reads it until it is aborted: the states that it tells. */
async function readStream({ fetch }: Attacker, token: string, signal: AbortSignal): Promise<readonly string[]> {
  const headers = { "smimp-authentication": token };
  const { status, body } = await fetch(`${world.base}1.0/events`, { method: "GET", redirect: "manual", headers, signal });
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

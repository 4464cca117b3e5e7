import { createResolver, exchange, findServer, type Fetch, type PinStore, type Resolver } from "@smimp/identity";
import { createGuardedFetch, type GuardedFetch, type GuardedFetchOptions } from "@smimp/identity/guarded-fetch";
import { parseBaseUrl, parseDomain, parseTimestamp, randomBytes, signingKey, type Address, type Pin } from "@smimp/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAuthority, type CertificateRequest } from "../src/authority.ts";
import { fakeClock } from "../src/clock.ts";
import { body, bomb, cut, deepJson, drip, dripHeaders, endless, hugeHeaders, redirect, silence } from "../src/hostile/answers.ts";
import { startHistoryPeer, type HistoryPeer } from "../src/hostile/history.ts";
import { changingLookup, FORBIDDEN_ADDRESSES } from "../src/hostile/names.ts";
import { startPeer, type Answer, type Peer } from "../src/hostile/peer.ts";
import { createIdentity } from "../src/identity.ts";

// Protocol sections 2, 3 and 5 against real peers on real sockets: nothing is sent where it should not be, everything is bounded.

const DOMAIN = parseDomain("evil.example");
const DAY_MS = 86_400_000;
const authority = createAuthority();
const toClose: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  await Promise.all(toClose.splice(0).map(async (each) => await each.close()));
});

function closing<T extends { close(): Promise<unknown> }>(each: T): T {
  toClose.push(each);
  return each;
}

function guarded(peers: Readonly<Record<string, string>>, options: GuardedFetchOptions = {}): GuardedFetch {
  const developmentNetwork = { ca: authority.certificate, hosts: peers };
  return closing(createGuardedFetch({ developmentNetwork, connectSeconds: 2, headersSeconds: 1, ...options }));
}

async function peerOf(answer: Answer, certificate: Partial<CertificateRequest> | null = {}): Promise<Peer> {
  const pair = certificate === null ? null : authority.issue({ hosts: [DOMAIN], ...certificate });
  return closing(await startPeer(pair, answer));
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => "accepted",
    (error: unknown) => String((error as { code?: unknown }).code ?? error),
  );
}

describe("transport", () => {
  it.each<[string, Partial<CertificateRequest> | null]>([
    ["plain HTTP", null],
    ["an expired certificate", { notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) }],
    ["a certificate from the future", { notBefore: new Date(Date.now() + DAY_MS) }],
    ["a certificate for another host", { hosts: ["smimp.alpha.example"] }],
    ["a self-signed certificate", { selfSigned: true }],
  ])("sends nothing to %s", async (_name, certificate) => {
    const peer = await peerOf(body("smimp.evil.example"), certificate);
    expect(await codeOf(findServer(guarded({ [DOMAIN]: peer.address }), DOMAIN))).toBe("insecure_transport");
    expect(peer.requests).toEqual([]);
  });

  it("sends nothing to an authority that nobody named", async () => {
    const stranger = createAuthority().issue({ hosts: [DOMAIN] });
    const peer = closing(await startPeer(stranger, body("smimp.evil.example")));
    expect(await codeOf(findServer(guarded({ [DOMAIN]: peer.address }), DOMAIN))).toBe("insecure_transport");
    expect(peer.requests).toEqual([]);
  });

  it("never speaks http", async () => {
    const peer = await peerOf(body(""), null);
    const bounds = { maxBytes: 10, seconds: 5 };
    expect(await codeOf(exchange(guarded({ [DOMAIN]: peer.address }), `http://${DOMAIN}/`, {}, bounds))).toBe("insecure_transport");
    expect(await codeOf(guarded({ [DOMAIN]: peer.address })(`http://${DOMAIN}/`, { redirect: "manual" }))).toBe("insecure_transport");
    const named = await peerOf(body("http://smimp.evil.example/"));
    expect(await codeOf(findServer(guarded({ [DOMAIN]: named.address }), DOMAIN))).toBe("insecure_transport");
    expect([peer.requests, named.requests]).toEqual([[], ["GET /.well-known/smimp.txt"]]);
  });

  it.each([301, 302, 303, 307, 308] as const)("follows no redirect (%i)", async (status) => {
    const goal = await peerOf(body("smimp.evil.example"));
    const peer = await peerOf(redirect("https://goal.evil.example/", status));
    const fetch = guarded({ [DOMAIN]: peer.address, "goal.evil.example": goal.address });
    expect(await codeOf(findServer(fetch, DOMAIN))).toBe("temporarily_unavailable");
    expect([peer.requests.length, goal.connections()]).toEqual([1, 0]);
  });
});

describe("addresses", () => {
  it.each(FORBIDDEN_ADDRESSES)("connects to no %s", async (address) => {
    const fetch = guarded({}, { lookup: changingLookup([address]) });
    expect(await codeOf(findServer(fetch, DOMAIN))).toBe("insecure_transport");
  });

  it("asks for a name once, so that an answer that changes gains nothing", async () => {
    const lookup = changingLookup(["127.0.0.1", "::ffff:127.0.0.1"], ["93.184.216.34"]);
    expect(await codeOf(findServer(guarded({}, { lookup }), DOMAIN))).toBe("insecure_transport");
    expect(lookup.asked).toEqual([DOMAIN]);
  });

  it("connects to no literal address", async () => {
    const peer = await peerOf(body(""), null);
    const fetch = guarded({});
    const [, port] = peer.address.split(":");
    for (const host of ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433"]) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await codeOf(fetch(`https://${host}:${port}/`, { redirect: "manual" }))).toBe("insecure_transport");
    }
    expect(peer.connections()).toBe(0);
  });
});

describe("bounds", () => {
  const bounds = { maxBytes: 512 * 1024, seconds: 2 };
  /** What a peer may have written before it was cut off: the bound, and what sockets buffer. */
  const MAX_WRITTEN = 16 * 1024 * 1024;

  it.each<[string, Answer, string]>([
    ["never answers", silence, "temporarily_unavailable"],
    ["drips its headers", dripHeaders(), "temporarily_unavailable"],
    ["drips its body", drip(), "temporarily_unavailable"],
    ["never ends", endless, "too_large"],
    ["breaks off", cut, "temporarily_unavailable"],
    ["sends a bomb", bomb(), "temporarily_unavailable"],
    ["sends huge headers", hugeHeaders(), "temporarily_unavailable"],
  ])("survives a peer that %s, and other peers are unaffected", async (_name, answer, code) => {
    const peer = await peerOf(answer);
    const good = closing(await startPeer(authority.issue({ hosts: ["good.example"] }), body("smimp.good.example")));
    const fetch = guarded({ [DOMAIN]: peer.address, "good.example": good.address });
    const bad = codeOf(exchange(fetch, `https://${DOMAIN}/`, {}, bounds));
    expect(await findServer(fetch, parseDomain("good.example"))).toBe("https://smimp.good.example/");
    expect(await bad).toBe(code);
    expect(peer.bytesWritten()).toBeLessThan(MAX_WRITTEN);
  });
});

describe("histories", () => {
  const clock = fakeClock(parseTimestamp("2026-11-23T00:00:00Z"));
  const server = parseBaseUrl(`https://smimp.${DOMAIN}/`);
  let mallory: HistoryPeer;
  let fetch: Fetch;
  let resolver: Resolver;

  beforeEach(async () => {
    mallory = closing(await startHistoryPeer(authority, DOMAIN));
    fetch = guarded(mallory.hosts);
    resolver = createResolver({ fetch, pins: memoryPins(), clock, maxHistoryBytes: 512 * 1024 });
  });

  it("are pinned, and may grow", async () => {
    const identity = createIdentity("bob#evil.example", server, clock());
    mallory.show(identity.address, identity);
    expect((await resolver.resolve(identity.address)).firstContact).toBe(true);
    const grown = identity.append({ master: signingKey(randomBytes(32)) });
    mallory.show(identity.address, grown);
    const again = await resolver.resolve(identity.address);
    expect([again.firstContact, again.pin.link]).toEqual([false, grown.chain.head.link]);
  });

  it.each(["truncated", "forked", "another person's", "rolled back and grown"] as const)("that are %s are refused", async (kind) => {
    const identity = createIdentity("bob#evil.example", server, clock()).append().append();
    mallory.show(identity.address, identity);
    await resolver.resolve(identity.address);
    const stranger = createIdentity("bob#evil.example", server, clock()).append().append();
    mallory.show(
      identity.address,
      {
        truncated: identity.truncated(2),
        forked: identity.at(1).append({ master: signingKey(randomBytes(32)) }),
        "another person's": stranger,
        "rolled back and grown": identity
          .at(0)
          .append()
          .append({ recovery: signingKey(randomBytes(32)), byRecovery: true })
          .append(),
      }[kind],
    );
    clock.advance(3_600);
    expect(await codeOf(resolver.resolve(identity.address))).toBe("history_rewritten");
  });

  it("that name another server are refused", async () => {
    const identity = createIdentity("bob#evil.example", parseBaseUrl("https://smimp.alpha.example/"), clock());
    mallory.show(identity.address, identity);
    expect(await codeOf(resolver.resolve(identity.address))).toBe("server_mismatch");
  });

  it("with one byte changed are refused", async () => {
    const identity = createIdentity("bob#evil.example", server, clock());
    const [record] = identity.history().records;
    mallory.show(identity.address, { records: [{ ...record, data: record?.data.replace("bob", "bab") }], profile: null });
    expect(await codeOf(resolver.resolve(identity.address))).toBe("history_invalid");
  });

  it("that are nonsense are no history", async () => {
    const identity = createIdentity("bob#evil.example", server, clock());
    mallory.answer(`/1.0/get_user/${identity.address}/history`, deepJson());
    expect(await codeOf(resolver.resolve(identity.address))).toBe("temporarily_unavailable");
  });
});

function memoryPins(): PinStore {
  const pins = new Map<Address, Pin>();
  return {
    get: async (address) => await Promise.resolve(pins.get(address) ?? null),
    holderOf: async (key) => await Promise.resolve([...pins].find(([, pin]) => pin.public_key === key)?.[0] ?? null),
    put: async (address, pin) => {
      await Promise.resolve(pins.set(address, pin));
    },
  };
}

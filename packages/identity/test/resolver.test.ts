import { parseBaseUrl, parseDomain, parseTimestamp, type Address, type Pin, type PublicKey } from "@smimp/protocol";
import { body, createAuthority, createIdentity, fakeClock, json, redirect, startHistoryPeer, type HistoryPeer } from "@smimp/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkVersion, serverInformation } from "../src/discovery.ts";
import type { Fetch } from "../src/fetch.ts";
import { createGuardedFetch, type GuardedFetch } from "../src/guarded-fetch.ts";
import { createResolver, type PinStore, type Resolver } from "../src/resolver.ts";

const DOMAIN = "alpha.example";
const WELL_KNOWN = "/.well-known/smimp.txt";
const authority = createAuthority();
const clock = fakeClock(parseTimestamp("2026-11-23T00:00:00Z"));
let peer: HistoryPeer;
let other: HistoryPeer;
let fetch: GuardedFetch;
let resolver: Resolver;

beforeEach(async () => {
  peer = await startHistoryPeer(authority, DOMAIN);
  other = await startHistoryPeer(authority, "beta.example");
  const hosts = { ...peer.hosts, ...other.hosts };
  fetch = createGuardedFetch({ developmentNetwork: { ca: authority.certificate, hosts } });
  resolver = createResolver({ fetch, pins: memoryPins(), clock, maxHistoryBytes: 512 * 1024 });
});

afterEach(async () => {
  await fetch.close();
  await Promise.all([peer.close(), other.close()]);
});

const personOf = (name: string, server = peer.baseUrl): ReturnType<typeof createIdentity> =>
  createIdentity(`${name}#${DOMAIN}`, server, clock());

describe("finding a server", () => {
  it("takes the first line of smimp.txt, and remembers it for a while", async () => {
    expect(await resolver.findServer(parseDomain(DOMAIN))).toBe(peer.baseUrl);
    await resolver.findServer(parseDomain(DOMAIN));
    expect(peer.peer.requests).toEqual([`GET ${WELL_KNOWN}`]);
    clock.advance(3_600);
    await resolver.findServer(parseDomain(DOMAIN));
    expect(peer.peer.requests.length).toBe(2);
  });

  it.each([
    ["404", body("", "text/plain", 404), "unknown_user"],
    ["410", body("", "text/plain", 410), "unknown_user"],
    ["500", body("", "text/plain", 500), "temporarily_unavailable"],
    ["503", body("", "text/plain", 503), "temporarily_unavailable"],
    ["a page", body(`<html>${"x".repeat(5_000)}`), "unknown_user"],
    ["a short page", body("<html></html>"), "unknown_user"],
    ["nothing", body(""), "unknown_user"],
    ["an IP address", body("127.0.0.1"), "unknown_user"],
    ["no encryption", body("http://smimp.alpha.example/"), "insecure_transport"],
    ["a redirect", redirect("https://smimp.beta.example/", 308), "temporarily_unavailable"],
  ])("%s", async (_name, answer, code) => {
    peer.answer(WELL_KNOWN, answer);
    await expect(resolver.findServer(parseDomain(DOMAIN))).rejects.toMatchObject({ code });
  });

  it("whose versions are others", async () => {
    peer.answer("/version", json({ versions: ["0.1", "2.0"] }));
    await expect(checkVersion(fetch, peer.baseUrl)).rejects.toMatchObject({ code: "unsupported_version" });
    await expect(resolver.resolve(personOf("alice").address)).rejects.toMatchObject({ code: "unsupported_version" });
  });

  it("tells what it is", async () => {
    const information = {
      name: "Alpha",
      software: "test",
      domains: [DOMAIN],
      endpoints: ["version"],
      limits: { message: 1, blob: 2, keys: 3 },
      registration: "invite",
    };
    peer.answer("/1.0/server_information", json(information));
    expect(await serverInformation(fetch, peer.baseUrl)).toEqual(information);
  });
});

describe("resolving", () => {
  it("an address that nobody has is final", async () => {
    await expect(resolver.resolve(personOf("alice").address)).rejects.toMatchObject({ code: "unknown_user" });
    // An answer is no failure: nothing is held back.
    await expect(resolver.resolve(personOf("bob").address)).rejects.toMatchObject({ code: "unknown_user" });
  });

  it("fetches once for all who ask at the same time", async () => {
    const alice = personOf("alice");
    peer.show(alice.address, alice);
    const all = await Promise.all(Array.from({ length: 20 }, async () => await resolver.resolve(alice.address)));
    expect(new Set(all.map(({ chain }) => chain.head.link)).size).toBe(1);
    expect(peer.peer.requests.length).toBe(2);
  });

  it("has one fetch under way for a domain", async () => {
    const people = ["a", "b", "c", "d"].map((name) => personOf(name));
    let under = 0;
    let most = 0;
    peer.answer("*", (request, response) => {
      most = Math.max(most, ++under);
      const person = people.find(({ address }) => decodeURIComponent(request.url ?? "").includes(address));
      setTimeout(() => {
        under--;
        (person === undefined ? body(`smimp.${DOMAIN}`) : json(person.history()))(request, response);
      }, 5);
    });
    await Promise.all(people.map(async ({ address }) => await resolver.resolve(address)));
    expect([most, peer.peer.requests.length]).toEqual([1, 5]);
  });

  it("leaves a failing domain alone for a while, longer each time, and others are unaffected", async () => {
    const { address } = personOf("alice");
    peer.answer("*", body("", "text/plain", 503));
    const refused = { code: "temporarily_unavailable" };
    await expect(resolver.resolve(address)).rejects.toMatchObject(refused);
    const tried = peer.peer.requests.length;
    await expect(resolver.resolve(address)).rejects.toMatchObject({ ...refused, retryAfter: 1 });
    expect(peer.peer.requests.length).toBe(tried);
    clock.advance(1);
    await expect(resolver.resolve(address)).rejects.toMatchObject(refused);
    await expect(resolver.resolve(address)).rejects.toMatchObject({ ...refused, retryAfter: 2 });
    expect(peer.peer.requests.length).toBe(tried + 1);
    expect(await resolver.findServer(parseDomain("beta.example"))).toBe(other.baseUrl);
  });

  it("keeps what it knows of failing domains when it must forget others", async () => {
    const failing = personOf("alice");
    peer.answer("*", body("", "text/plain", 503));
    const refused = { code: "temporarily_unavailable" };
    for (let failures = 0; failures < 3; failures++) {
      await expect(resolver.resolve(failing.address)).rejects.toMatchObject(refused);
      clock.advance(10);
    }
    clock.advance(-10);
    const tried = peer.peer.requests.length;
    // More domains than are remembered: all of them answer that they have no server.
    const many = createResolver({ fetch: manyDomains(fetch), pins: memoryPins(), clock, maxHistoryBytes: 512 * 1024 });
    await expect(many.resolve(failing.address)).rejects.toMatchObject(refused);
    for (let index = 0; index < 10_100; index++) {
      await expect(many.findServer(parseDomain(`d${index}.gamma.example`))).rejects.toMatchObject({ code: "unknown_user" });
    }
    await expect(many.resolve(failing.address)).rejects.toMatchObject({ ...refused, retryAfter: 1 });
    expect(peer.peer.requests.length).toBe(tried + 1);
  });

  it("gives a history so many seconds in all, however many requests that takes", async () => {
    const alice = personOf("alice");
    peer.answer(`/1.0/get_user/${alice.address}/history`, () => undefined);
    const hurried = createResolver({ fetch, pins: memoryPins(), clock, maxHistoryBytes: 512 * 1024, historySeconds: 0.2 });
    const began = performance.now();
    await expect(hurried.resolve(alice.address)).rejects.toMatchObject({ code: "temporarily_unavailable" });
    // One request alone may take ten seconds: whoever logs in is held up by none of them for longer than is left of the whole.
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(peer.peer.requests.length).toBe(2);
  });

  it("has so many fetches under way over all domains, and tells those beyond a queue to come back", async () => {
    const domains = Array.from({ length: 40 }, (_, index) => parseDomain(`d${index}.gamma.example`));
    let under = 0;
    let most = 0;
    const waiting: (() => void)[] = [];
    const slow: Fetch = async () => {
      most = Math.max(most, ++under);
      await new Promise<void>((resolve) => void waiting.push(resolve));
      under--;
      return { status: 404, headers: { get: () => null }, body: null };
    };
    const few = createResolver({ fetch: slow, pins: memoryPins(), clock, maxHistoryBytes: 1_000, maxFetches: 2 });
    const asked = domains.map((domain) =>
      few.findServer(domain).then(
        () => "found",
        (error: unknown) => (error as { code: string }).code,
      ),
    );
    await new Promise((resolve) => setImmediate(resolve));
    // 2 at once, 32 wait, 6 are told to come back.
    for (let done = 0; done < 34;) {
      for (const end of waiting.splice(0)) {
        end();
        done++;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    const outcomes = await Promise.all(asked);
    expect(most).toBe(2);
    expect(outcomes.filter((code) => code === "unknown_user")).toHaveLength(34);
    expect(outcomes.filter((code) => code === "temporarily_unavailable")).toHaveLength(6);
  });

  it("asks smimp.txt again where an account's old server shows the history as it was", async () => {
    const alice = personOf("alice");
    const both = alice.append({ servers: [peer.baseUrl, other.baseUrl] });
    const moved = both.append({ servers: [other.baseUrl] });
    // The pin has seen the new server's; the place of the old one is still remembered.
    const pins = memoryPins();
    const first = createResolver({ fetch, pins, clock, maxHistoryBytes: 512 * 1024 });
    peer.show(alice.address, both);
    other.show(alice.address, moved);
    await first.resolve(alice.address);
    const { head } = moved.chain;
    const link = moved.chain.records[0]?.link ?? head.link;
    await pins.put(alice.address, { first_link: link, link: head.link, sequence: 2, public_key: head.document.public_key });
    await expect(first.resolve(alice.address)).rejects.toMatchObject({ code: "history_rewritten" });
    peer.answer(WELL_KNOWN, body(other.baseUrl));
    expect((await first.resolve(alice.address)).chain.head.link).toBe(head.link);
  });

  it("asks smimp.txt again where an account has moved", async () => {
    const alice = personOf("alice");
    peer.show(alice.address, alice);
    await resolver.resolve(alice.address);
    const moved = alice.append({ servers: [other.baseUrl] });
    peer.show(alice.address, moved);
    other.show(alice.address, moved);
    peer.answer(WELL_KNOWN, body(other.baseUrl));
    const resolved = await resolver.resolve(alice.address);
    expect([resolved.baseUrl, resolved.firstContact]).toEqual([other.baseUrl, false]);
  });

  it("refuses a key that is pinned for somebody else", async () => {
    const alice = personOf("alice");
    peer.show(alice.address, alice);
    const pins: PinStore = { ...memoryPins(), holderOf: async () => await Promise.resolve("carol#beta.example" as Address) };
    const suspicious = createResolver({ fetch, pins, clock, maxHistoryBytes: 512 * 1024 });
    await expect(suspicious.resolve(alice.address)).rejects.toMatchObject({ code: "key_reused" });
    expect(await pins.get(alice.address)).toBeNull();
  });

  it.each<[string, unknown, string]>([
    ["records of another shape", { records: [{ data: 1 }], profile: null }, "history_invalid"],
    ["no records", { records: [], profile: null }, "history_invalid"],
    ["no list of records", { records: "none", profile: null }, "history_invalid"],
    ["a profile of another shape", { records: [], profile: 1 }, "history_invalid"],
    ["no object", null, "history_invalid"],
    ["too much", { records: ["x".repeat(600_000)], profile: null }, "too_large"],
  ])("%s is no history", async (_name, answer, code) => {
    const { address } = personOf("alice");
    peer.answer(`/1.0/get_user/${address}/history`, json(answer));
    await expect(resolver.resolve(address)).rejects.toMatchObject({ code });
  });

  it("holds a profile against its hash", async () => {
    const alice = personOf("alice");
    peer.show(alice.address, { records: alice.history().records, profile: '{"name":"Mallory"}' });
    await expect(resolver.resolve(alice.address)).rejects.toMatchObject({ code: "history_invalid" });
  });

  it("refuses a history from a server that it doesn't name", async () => {
    const alice = personOf("alice", parseBaseUrl("https://smimp.gamma.example/"));
    peer.show(alice.address, alice);
    await expect(resolver.resolve(alice.address)).rejects.toMatchObject({ code: "server_mismatch" });
  });
});

/** Answers 404 for every domain that isn't the peer's, without a connection. */
function manyDomains(real: Fetch): Fetch {
  return async (url, init) => {
    if (!url.includes("gamma.example")) return await real(url, init);
    return { status: 404, headers: { get: () => null }, body: null };
  };
}

function memoryPins(): PinStore {
  const pins = new Map<Address, Pin>();
  const holders = new Map<PublicKey, Address>();
  return {
    get: async (address) => await Promise.resolve(pins.get(address) ?? null),
    holderOf: async (key) => await Promise.resolve(holders.get(key) ?? null),
    put: async (address, pin) => {
      pins.set(address, pin);
      holders.set(pin.public_key, address);
      await Promise.resolve();
    },
  };
}

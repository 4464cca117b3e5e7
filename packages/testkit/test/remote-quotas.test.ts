import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DAY, type Address } from "@smimp/protocol";
import { openAdmin } from "@smimp/server";
import {
  createAuthority,
  createIdentity,
  fakeClock,
  rawCaller,
  rawSession,
  startHistoryPeer,
  startNetwork,
  type HistoryPeer,
  type Network,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol sections 3 and 5: histories of other servers are fetched and pinned within bounds, and pins last as long as they are used.

const authority = createAuthority();
let network: Network;
let beta: HistoryPeer;
let gamma: HistoryPeer;
const clock = fakeClock();
const alpha = () => network.server("alpha.example").baseUrl;

beforeEach(async () => {
  beta = await startHistoryPeer(authority, "beta.example");
  gamma = await startHistoryPeer(authority, "gamma.example");
  network = await startNetwork({
    domains: ["alpha.example"],
    clock,
    authority,
    hosts: { ...beta.hosts, ...gamma.hosts },
    config: { ...generous, quotas: { ...generous.quotas, firstSightsPerPrefix: 6, firstSightsPerDomain: 3 } },
  });
});
afterEach(async () => {
  await network.close();
  await Promise.all([beta.close(), gamma.close()]);
});

function personOf(peer: HistoryPeer, name: string, domain = "beta.example"): TestIdentity {
  const person = createIdentity(`${name}#${domain}`, peer.baseUrl, clock());
  peer.show(person.address, person);
  return person;
}

/** The code with which a log-in ends; null where it succeeds. */
async function logIn(identity: TestIdentity): Promise<string | null> {
  return await rawSession(network, alpha(), identity).then(
    () => null,
    (error: unknown) => /: (\w+)$/.exec(String(error))?.[1] ?? String(error),
  );
}

async function pins(): Promise<readonly Address[]> {
  const admin = await openAdmin(network.server("alpha.example").config, { clock });
  const addresses: Address[] = [];
  for await (const pin of admin.listPins()) addresses.push(pin.address);
  await admin.close();
  return addresses;
}

async function forget(address: Address): Promise<boolean> {
  const admin = await openAdmin(network.server("alpha.example").config, { clock });
  const there = await admin.clearPin(address);
  await admin.close();
  return there;
}

describe("new senders", () => {
  it("of one domain are pinned so many an hour; those that are known go on, and so do other domains", async () => {
    const people = ["a", "b", "c", "d"].map((name) => personOf(beta, name));
    const outcomes: (string | null)[] = [];
    for (const person of people) outcomes.push(await logIn(person));
    expect(outcomes).toEqual([null, null, null, "rate_limited"]);
    expect(await pins()).toHaveLength(3);
    clock.advance(601);
    const [known] = people;
    if (known === undefined) throw new TypeError("people");
    expect(await logIn(known)).toBeNull();
    expect(await logIn(personOf(gamma, "e", "gamma.example"))).toBeNull();
    clock.advance(3_600);
    const [, , , fourth] = people;
    if (fourth === undefined) throw new TypeError("people");
    expect(await logIn(fourth)).toBeNull();
  });

  it("that don't exist use up what their network may ask for, and nothing of the domain that they name", async () => {
    for (let index = 0; index < 6; index++) {
      expect(await logIn(createIdentity(`nobody${index}#beta.example`, beta.baseUrl, clock()))).toBe("unknown_user");
    }
    const asked = beta.peer.requests.length;
    expect(await logIn(personOf(beta, "somebody"))).toBe("rate_limited");
    expect(beta.peer.requests.length).toBe(asked);
    expect(await pins()).toEqual([]);
    clock.advance(3_600);
    expect(await logIn(personOf(beta, "somebody"))).toBeNull();
  });
});

describe("a pin", () => {
  it("is held against every later history, until the operator forgets it", async () => {
    const alice = personOf(beta, "alice");
    expect(await logIn(alice)).toBeNull();
    // She lost everything and began anew, or her server says so.
    const other = personOf(beta, "alice");
    clock.advance(601);
    expect(await logIn(other)).toBe("history_rewritten");
    expect(await logIn(alice)).toBe("history_rewritten");
    expect(await forget(alice.address)).toBe(true);
    expect(await forget(alice.address)).toBe(false);
    expect(await logIn(other)).toBeNull();
    clock.advance(601);
    beta.show(alice.address, alice);
    expect(await logIn(alice)).toBe("history_rewritten");
  });

  it("grows with the history, also between its pin and its end", async () => {
    const alice = personOf(beta, "alice");
    expect(await logIn(alice)).toBeNull();
    const later = alice.append().append();
    beta.show(alice.address, later);
    clock.advance(601);
    expect(await logIn(later)).toBeNull();
    beta.show(alice.address, alice);
    clock.advance(601);
    expect(await logIn(later)).toBe("history_rewritten");
    // Forgotten, the shorter one is believed: that is what forgetting means.
    await forget(alice.address);
    expect(await logIn(alice)).toBeNull();
  });

  it("lapses after 180 idle days, and not while it is used", async () => {
    const alice = personOf(beta, "alice");
    expect(await logIn(alice)).toBeNull();
    const other = createIdentity("alice#beta.example", beta.baseUrl, clock());
    for (let round = 0; round < 2; round++) {
      clock.advance(179 * DAY);
      expect(await logIn(alice)).toBeNull();
    }
    beta.show(alice.address, other);
    clock.advance(180 * DAY - 1);
    expect(await logIn(other)).toBe("history_rewritten");
    clock.advance(1);
    expect(await logIn(other)).toBeNull();
    const call = rawCaller(network.fetch, alpha());
    expect((await call("getSessionChallenge", { params: { address: alice.address } })).code).toBeNull();
  });
});

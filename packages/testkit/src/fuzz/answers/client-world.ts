import { createAccount, createMemoryStorage, type Client, type ClientDeps, type Storage } from "@smimp/client";
import type { Fetch } from "@smimp/identity";
import { createGuardedFetch, type GuardedFetch } from "@smimp/identity/guarded-fetch";
import { HOUR, parseAddress, randomBytes, type Address } from "@smimp/protocol";
import { createAuthority } from "../../authority.ts";
import { fakeClock, type FakeClock } from "../../clock.ts";
import { startMirror, type Distort, type Mirror } from "../../hostile/mirror.ts";
import { startNetwork, type Network } from "../../network.ts";
import { newPerson, type Person } from "../../person.ts";
import { NO_QUOTAS } from "../plenty.ts";
import { healed } from "./healing.ts";

/** Somebody with an account, and all that they have. */
export interface Owner {
  readonly address: Address;
  readonly client: Client;
  readonly storage: Storage;
  readonly phrase: string;
}

/** How requests go: past the mirrors, whose answers are honest, or through them. */
export type Way = "directly" | "mirrored";

/** What is looked at once the truth is told again: nothing, whether a sync works, or mail in both directions too. */
export type Healing = "in time" | "with a sync" | "thoroughly";

/** A real client whose home server may answer anything, and somebody honest who writes to it. */
export interface ClientWorld {
  readonly network: Network;
  readonly clock: FakeClock;
  /** The client under test; its every request goes through the mirrors. */
  client(): Client;
  readonly address: Address;
  readonly bob: Person;
  /** Distorts the answers of both servers from now on; null: shows them as they are. */
  distort(how: Distort | null): void;
  /** What a client is given that goes this way. */
  deps(way: Way): ClientDeps;
  /** Opens one more account; at `people.example`, which both servers hold, where it shall be able to move. */
  join(way: Way, domain?: string): Promise<Owner>;
  /** Has the domain of those who move name one of the servers from now on. */
  homeAt(domain: string): void;
  /** Tells the truth again and lets time pass; says what doesn't work any more: a sync, or, `thoroughly`, mail in both directions. */
  heal(how: Healing): Promise<readonly string[]>;
  close(): Promise<void>;
}

const DOMAIN = "alpha.example";
/** Where people move to, and the domain that both servers hold. */
export const ELSEWHERE = "beta.example";
export const PEOPLE = "people.example";
/** Seconds that pass between two cases: longer than any back-off of a client. */
const BETWEEN = 12 * HOUR;

/** Starts two servers, a mirror before each, and both clients. `patience`: seconds that a client waits for an answer; as it is by itself where left out. */
export async function startClientWorld({ patience }: { readonly patience?: number } = {}): Promise<ClientWorld> {
  const clock = fakeClock();
  const authority = createAuthority();
  const hostsOf = (domain: string): [string, ...string[]] => [`smimp.${domain}`, domain, PEOPLE];
  const network = await startNetwork({
    domains: [DOMAIN, ELSEWHERE],
    authority,
    clock,
    config: (domain) => ({
      domains: [domain, PEOPLE],
      tls: authority.issue({ hosts: hostsOf(domain) }),
      limits: { idleSeconds: 5 },
      ...NO_QUOTAS,
    }),
  });
  const mirrors = new Map<string, Mirror>();
  const hosts: Record<string, string> = {};
  for (const domain of [DOMAIN, ELSEWHERE]) {
    // oxlint-disable-next-line no-await-in-loop
    const mirror = await startMirror(authority, { hosts: hostsOf(domain), port: network.server(domain).port });
    mirrors.set(domain, mirror);
    for (const host of [`smimp.${domain}`, domain]) hosts[host] = mirror.peer.address;
  }
  const distort = (how: Distort | null): void => {
    for (const mirror of mirrors.values()) mirror.distort(how);
  };
  const made: GuardedFetch[] = [];
  let current: GuardedFetch | null = null;
  const fetch: Fetch = async (url, init) => {
    if (current === null) {
      const developmentNetwork = { ca: authority.certificate, hosts: { ...hosts } };
      current = createGuardedFetch({ developmentNetwork, connectSeconds: 3, headersSeconds: 15, idleSeconds: 15 });
      made.push(current);
    }
    return await current(url, init);
  };
  const homeAt = (domain: string): void => {
    hosts[PEOPLE] = mirrors.get(domain)?.peer.address ?? "";
    network.addHost(PEOPLE, `127.0.0.1:${network.server(domain).port}`);
    // A connection that is open would lead to where the name led before.
    current = null;
  };
  homeAt(DOMAIN);
  const deps = (way: Way): ClientDeps => ({
    fetch: way === "mirrored" ? fetch : network.fetch,
    clock: network.clock,
    random: randomBytes,
    ...(way === "mirrored" ? { jitter: 0, ...(patience === undefined ? {} : { patience }) } : {}),
  });
  const bob = await newPerson(network, `bob#${DOMAIN}`);
  const { link } = (await bob.client.contacts.resolve(bob.address)).chain.head;
  let joined = 0;
  const join = async (way: Way, domain = DOMAIN): Promise<Owner> => {
    const address = parseAddress(`alice${++joined}#${domain}`);
    const storage = createMemoryStorage();
    const invite = await network.invite(DOMAIN, address);
    return { address, storage, ...(await createAccount({ storage, invite, address, deps: deps(way) })) };
  };
  let { client } = await join("mirrored");
  return {
    network,
    clock,
    client: () => client,
    get address() {
      return client.address;
    },
    bob,
    distort,
    deps,
    join,
    homeAt,
    heal: async (how) => {
      distort(null);
      clock.advance(BETWEEN);
      if (how === "in time") return [];
      const faults = await healed(client, { ...bob, link }, how === "thoroughly");
      if (faults.length === 0) return faults;
      // The next case shall not pay for this one.
      await client.close().catch(() => undefined);
      ({ client } = await join("mirrored"));
      return faults;
    },
    close: async () => {
      distort(null);
      await client.close();
      await bob.client.close();
      await Promise.all(made.map(async (each) => await each.close()));
      for (const mirror of mirrors.values()) {
        // oxlint-disable-next-line no-await-in-loop
        await mirror.close();
      }
      await network.close();
    },
  };
}

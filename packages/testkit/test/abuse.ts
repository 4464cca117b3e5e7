import type { Address, AnswerOf, BaseUrl } from "@smimp/protocol";
import {
  createIdentity,
  doWork,
  fetchFrom,
  joinRaw,
  rawCaller,
  rawSession,
  startHistoryPeer,
  startNetwork,
  workAskedFor,
  type FetchFrom,
  type Network,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";
import { startOthers, type Others } from "./service.ts";

// What attacks are made of: a server with limits that are small enough to be reached, people of a domain that is all the attacker's,
// and ways to the server from many parts of the network.

/** The server that is attacked. */
export const ALPHA = "alpha.example";
const BETA = "beta.example";
/** The attacker's own domain. */
const CROWD = "crowd.example";

/** A sender's share of tickets an hour. */
export const TICKETS = 400;
/** A network's share of logins a minute. */
export const LOGINS = 60;
/** Sessions that an address has at a time. */
export const SESSIONS = 20;

/** Somebody's way to the server from another part of the network than everybody else's. */
export interface Attacker {
  readonly call: RawCaller;
  readonly fetch: Network["fetch"];
}

/** A key that was asked for, with whatever little work is asked for; and the answers on the way there. */
export interface Asked {
  readonly key: AnswerOf<"getMessageKey"> | null;
  readonly codes: readonly (string | null)[];
  readonly bits: number;
}

/** A server that is attacked, and others who use it meanwhile. */
export interface AbuseWorld {
  readonly network: Network;
  readonly others: Others;
  readonly base: BaseUrl;
  attackFrom(localAddress: string): Attacker;
  /** So many attackers, each from a /24 of their own. */
  attackersFrom(prefix: string, count: number): readonly Attacker[];
  /** Somebody of the crowd's domain, whose server shows their history. */
  oneOfTheCrowd(name: string): TestIdentity;
  /** Somebody with an account here. */
  joined(name: string, ephemeralKeys?: number): Promise<TestIdentity>;
  session(attacker: Pick<Attacker, "fetch">, identity: TestIdentity): Promise<string>;
  /** Asks for a key, and does what work it costs. */
  askPaying(call: RawCaller, token: string, from: Address, to: Address): Promise<Asked>;
  /** A key; throws where none was given. */
  keyOf(call: RawCaller, token: string, from: Address, to: Address): Promise<AnswerOf<"getMessageKey">>;
  close(): Promise<void>;
}

/** Starts the world. */
export async function startAbuse(): Promise<AbuseWorld> {
  const network = await startNetwork({
    domains: [ALPHA, BETA],
    config: {
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
  const crowd = await startHistoryPeer(network.authority, CROWD);
  for (const [host, address] of Object.entries(crowd.hosts)) network.addHost(host, address);
  const others = await startOthers(network, { here: ALPHA, elsewhere: BETA });
  const base = network.server(ALPHA).baseUrl;
  const attackers: FetchFrom[] = [];

  const attackFrom = (localAddress: string): Attacker => {
    const from = fetchFrom(network, localAddress);
    attackers.push(from);
    return { call: rawCaller(from.fetch, base), fetch: from.fetch };
  };
  const askPaying = async (call: RawCaller, token: string, from: Address, to: Address): Promise<Asked> => {
    const body = { address: to, message_type: "email" };
    const first = await call("getMessageKey", { token, body });
    if (first.code !== "pow_required") return { key: first.code === null ? first.answer : null, codes: [first.code], bits: 0 };
    const parameters = workAskedFor(first.bytes);
    const paid = await call("getMessageKey", { token, body: { ...body, pow: doWork(base, from, to, parameters) } });
    return { key: paid.code === null ? paid.answer : null, codes: [first.code, paid.code], bits: parameters.zero_bits };
  };
  return {
    network,
    others,
    base,
    attackFrom,
    attackersFrom: (prefix, count) => Array.from({ length: count }, (_, index) => attackFrom(`${prefix}.${index}.1`)),
    oneOfTheCrowd: (name) => {
      const identity = createIdentity(`${name}#${CROWD}`, crowd.baseUrl, network.clock());
      crowd.show(identity.address, identity);
      return identity;
    },
    joined: async (name, ephemeralKeys = 1) => {
      return await joinRaw(network, `${name}#${ALPHA}`, ephemeralKeys);
    },
    session: async ({ fetch }, identity) => await rawSession({ ...network, fetch }, base, identity),
    askPaying,
    keyOf: async (call, token, from, to) => {
      const { key, codes } = await askPaying(call, token, from, to);
      if (key === null) throw new Error(`no key: ${codes.join(", ")}`);
      return key;
    },
    close: async () => {
      for (const attacker of attackers) attacker.close();
      await others.close();
      await network.close();
      await crowd.close();
    },
  };
}

/** Does `count` things, so many side by side, and then one after the other for as long as the attack goes on. */
export async function attack<Result>(
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

/** How often each of them is there. */
export function counts(values: readonly (string | null)[]): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const value of values) found[String(value)] = (found[String(value)] ?? 0) + 1;
  return found;
}

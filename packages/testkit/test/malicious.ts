import { createAccount, createMemoryStorage, type Client, type OutboxCopy, type SendOptions, type Storage } from "@smimp/client";
import { domainOf, parseAddress, randomBytes, type Hex32 } from "@smimp/protocol";
import {
  countingFetch,
  fakeClock,
  joinRaw,
  startMaliciousServer,
  startNetwork,
  tellJson,
  toldJson,
  type ArrivedRequest,
  type CountingFetch,
  type Lie,
  type MaliciousServer,
  type Network,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";

/** The domain whose server lies, and the one whose server doesn't. */
export const EVIL = "evil.example";
export const GOOD = "good.example";

/** Somebody with a client, and what leaves it. */
export interface Someone {
  readonly client: Client;
  /** Where the client keeps what it knows. */
  readonly storage: Storage;
  readonly sent: CountingFetch["sent"];
}

/** Two servers, one of which has gone bad; people on both. */
export interface MaliciousWorld {
  readonly network: Network;
  readonly server: MaliciousServer;
  join(address: string): Promise<Someone>;
  /** Somebody on the bad server, and a correspondent on the good one. */
  pair(name: string): Promise<{ readonly me: Someone; readonly friend: Someone }>;
  /** Somebody without a client, who speaks the protocol by hand. */
  byHand(address: string): Promise<TestIdentity>;
  /** Lets time go by, seconds. */
  advance(seconds: number): void;
  /** What arrived at the malicious server since the last look. */
  arrived(): readonly ArrivedRequest[];
  /** Ends the clients of one test and makes the server behave again. */
  calm(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the world. */
export async function startMaliciousWorld(): Promise<MaliciousWorld> {
  const clock = fakeClock();
  const network = await startNetwork({ domains: [GOOD, EVIL], config: generous, clock });
  const server = await startMaliciousServer(network, EVIL);
  const clients: Client[] = [];
  let looked = 0;
  const calm = async (): Promise<void> => {
    server.lie(null);
    await Promise.all(clients.splice(0).map(async (client) => await client.close()));
  };
  const join = async (address: string): Promise<Someone> => {
    const parsed = parseAddress(address);
    const invite = await network.invite(domainOf(parsed), parsed);
    const counting = countingFetch(network.fetch);
    const deps = { fetch: counting.fetch, clock: network.clock, random: randomBytes };
    const storage = createMemoryStorage();
    const { client } = await createAccount({ storage, invite, address: parsed, deps });
    clients.push(client);
    return { client, storage, sent: counting.sent };
  };
  return {
    network,
    server,
    advance: (seconds) => clock.advance(seconds),
    join,
    pair: async (name) => ({ me: await join(`${name}#${EVIL}`), friend: await join(`${name}friend#${GOOD}`) }),
    byHand: async (address) => await joinRaw(network, address, 5),
    arrived: () => {
      const fresh = server.requests.slice(looked);
      looked = server.requests.length;
      return fresh;
    },
    calm,
    close: async () => {
      await calm();
      await server.close();
      await network.close();
    },
  };
}

/** Sends an email; returns its id. */
export async function mail(from: Client, to: Client, subject: string): Promise<Hex32> {
  const [copy] = (await from.send({ to: [to.address], subject, body: `body of ${subject}`, keepCopy: false })).copies;
  if (copy?.messageId === undefined || copy.messageId === null || copy.state !== "sent") throw new Error(`not sent: ${copy?.reason}`);
  return copy.messageId;
}

/** Sends a secret text to somebody, without a copy to oneself. */
export async function sendTo(sender: Client, to: string, options: SendOptions = {}): Promise<OutboxCopy> {
  const draft = { to: [parseAddress(to)], subject: "secret subject", body: "secret body", keepCopy: false };
  const [copy] = (await sender.send(draft, options)).copies;
  if (copy === undefined) throw new TypeError("no copy was made");
  return copy;
}

/** Codes of what the person was told. */
export async function toldCodes(client: Client): Promise<readonly string[]> {
  return (await client.notices.list()).map(({ code }) => code);
}

/** Whether any sealed message left for the server. */
export function sealedLeft(requests: readonly ArrivedRequest[]): boolean {
  return requests.some(({ path }) => path.includes("/send_message/"));
}

/** Sealed messages that left somebody's client after so many requests. */
export function sealed({ sent }: Someone, after: number): number {
  return sent.slice(after).filter(({ url }) => url.includes("/send_message/")).length;
}

/** Subjects of what somebody's inbox shows, by name. */
export async function subjects(client: Client): Promise<readonly string[]> {
  return (await client.inbox.list()).map(({ subject }) => subject).sort();
}

/** Changes an answer's JSON, by a part of the path; all others stay true. */
export function changing<Content>(part: string, change: (content: Content) => unknown): Lie {
  return async ({ path }, truth) => {
    const told = await truth();
    return path.includes(part) && told.status < 300 ? tellJson(change(toldJson<Content>(told))) : told;
  };
}

import { createAccount, createMemoryStorage, type Client, type OutboxCopy, type SendOptions, type Storage } from "@smimp/client";
import { domainOf, parseAddress, randomBytes } from "@smimp/protocol";
import {
  countingFetch,
  createIdentity,
  fakeClock,
  rawJoin,
  startMaliciousServer,
  startNetwork,
  type ArrivedRequest,
  type CountingFetch,
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
  return {
    network,
    server,
    advance: (seconds) => clock.advance(seconds),
    join: async (address) => {
      const parsed = parseAddress(address);
      const invite = await network.invite(domainOf(parsed), parsed);
      const counting = countingFetch(network.fetch);
      const deps = { fetch: counting.fetch, clock: network.clock, random: randomBytes };
      const storage = createMemoryStorage();
      const { client } = await createAccount({ storage, invite, address: parsed, deps });
      clients.push(client);
      return { client, storage, sent: counting.sent };
    },
    byHand: async (address) => {
      const parsed = parseAddress(address);
      const identity = createIdentity(address, network.server(domainOf(parsed)).baseUrl, network.clock());
      await rawJoin(network, identity, 5);
      return identity;
    },
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

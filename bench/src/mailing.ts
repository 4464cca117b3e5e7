import type { Client } from "@smimp/client";
import type { Address } from "@smimp/protocol";
import { createIdentity, newPerson, rawJoin, startNetwork, type Network } from "@smimp/testkit";
import { OPEN_GATES } from "./accept.ts";
import { figure, type Figure } from "./figures.ts";

/** Recipients of one domain's server: of the message to all, and of messages one by one. */
const EACH = 20;
const APART = 2;

/**
 * Copies a second of one message to so many people who have never been written to, 20 on each server, beside messages to such
 * people one after the other. Servers and sender share this process, so that this measures their work, not a network's waiting.
 */
export async function benchMailing(recipients: number): Promise<readonly Figure[]> {
  const domains = Array.from({ length: Math.ceil(recipients / EACH) }, (_, index) => `d${index}.example`);
  const network = await startNetwork({ domains: ["sender.example", ...domains], config: { ...OPEN_GATES, logLevel: "warn" } });
  try {
    const together = await join(network, domains, EACH);
    const apart = await join(network, domains, APART);
    const { client } = await newPerson(network, "sender#sender.example");
    // Sessions everywhere, so that neither side pays for them alone.
    await sendTo(client, await join(network, domains, 1));
    const reference = await rateOf(apart.length, async () => {
      for (const address of apart) await sendTo(client, [address]);
    });
    const rate = await rateOf(together.length, async () => await sendTo(client, together));
    await client.close();
    return [figure(`copies to ${recipients} on ${domains.length} servers`, rate, "1/s", reference)];
  } finally {
    await network.close();
  }
}

async function join(network: Network, domains: readonly string[], each: number): Promise<readonly Address[]> {
  const all: Address[] = [];
  for (const domain of domains) {
    const { baseUrl } = network.server(domain);
    const identities = Array.from({ length: each }, (_, index) => createIdentity(`r${each}x${index}#${domain}`, baseUrl, network.clock()));
    await Promise.all(identities.map(async (identity) => await rawJoin(network, identity, 1)));
    all.push(...identities.map(({ address }) => address));
  }
  return all;
}

async function sendTo(client: Client, bcc: readonly Address[]): Promise<void> {
  const { copies } = await client.send({ to: [], bcc, subject: "Benchmark", body: "To all.", keepCopy: false });
  const failed = copies.find(({ state }) => state !== "sent");
  if (failed !== undefined) throw new Error(`a copy was not sent: ${failed.reason ?? failed.state}`);
}

async function rateOf(copies: number, work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (copies * 1_000) / (performance.now() - started);
}

import { createMemoryStorage, linkDevice, openClient, type Client, type Storage } from "@smimp/client";
import { randomBytes, type Address } from "@smimp/protocol";
import { countingFetch, type CountingFetch, type Network } from "@smimp/testkit";

/** One of somebody's devices: its program can be ended at any time and started again. */
export interface TestDevice {
  readonly address: Address;
  readonly storage: Storage;
  readonly client: Client;
  readonly counting: CountingFetch;
}

/** Starts another program on a device's storage; the one before is left where it stands, as a crash would leave it. */
export async function restarted(network: Network, { address, storage }: Pick<TestDevice, "address" | "storage">): Promise<TestDevice> {
  const counting = countingFetch(network.fetch);
  const client = await openClient({ storage, deps: depsOf(network, counting) });
  return { address, storage, client, counting };
}

/** Links a new device to the account of a device. */
export async function linked(network: Network, old: Pick<TestDevice, "address" | "client">, name: string): Promise<TestDevice> {
  const storage = createMemoryStorage();
  const counting = countingFetch(network.fetch);
  const linking = await linkDevice({ storage, address: old.address, deps: depsOf(network, counting), name });
  await old.client.devices.link(linking.linkCode);
  const client = await linking.finish();
  // The old one learns the new one's name and key.
  await old.client.sync();
  return { address: old.address, storage, client, counting };
}

/** What a client is given in these tests. */
export function depsOf(network: Network, { fetch }: Pick<CountingFetch, "fetch">) {
  return { fetch, clock: network.clock, random: randomBytes, jitter: 0 };
}

/** Subjects of what is listed, the newest first; of what can't be read, its state. */
export async function subjectsOf({ client }: Pick<TestDevice, "client">): Promise<readonly string[]> {
  return (await client.inbox.list({ limit: 1_000 })).map(({ state, subject }) => (state === "open" ? subject : state));
}

/** A collection of a storage, parsed. */
export async function collection<Document>(storage: Storage, name: string): Promise<readonly Document[]> {
  return (await storage.list(name)).map(({ value }) => JSON.parse(new TextDecoder().decode(value)) as Document);
}

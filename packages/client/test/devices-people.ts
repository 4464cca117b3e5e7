import { createMemoryStorage, linkDevice, openClient, type Client, type Storage } from "@smimp/client";
import { parseAddress, randomBytes, type Address, type Timestamp } from "@smimp/protocol";
import { countingFetch, fakeClock, newPerson, startNetwork, type CountingFetch, type FakeClock, type Network } from "@smimp/testkit";
import { expect } from "vitest";

/** One of somebody's devices: its program can be ended at any time and started again. */
export interface TestDevice {
  readonly address: Address;
  readonly storage: Storage;
  readonly client: Client;
  readonly counting: CountingFetch;
}

/** The first device of an account, and the phrase that restores it. */
export interface Owner extends TestDevice {
  readonly phrase: string;
}

/** Two servers and a clock: people with several devices on one, and Bob, who writes to them, on the other. */
export interface DevicesWorld {
  readonly clock: FakeClock;
  readonly network: Network;
  readonly bob: Owner;
  /** Opens an account, of somebody new unless said otherwise. */
  join(address?: string): Promise<Owner>;
  /** Has a device closed at the end. */
  keep<Device extends TestDevice>(device: Device): Device;
  /** Sends an email a second after the last one, so that it stands above. Bob does, and it is empty, unless said otherwise. */
  write(to: Pick<TestDevice, "address">, subject: string, how?: { readonly from?: TestDevice; readonly body?: string }): Promise<void>;
  close(): Promise<void>;
}

/** Starts the world. */
export async function startDevices(now?: Timestamp): Promise<DevicesWorld> {
  const clock = fakeClock(now);
  const quotas = { keysPerRequester: 1_000, keysForFirstContacts: 1_000 };
  const network = await startNetwork({ domains: ["alpha.example", "beta.example"], clock, config: { quotas } });
  const open: TestDevice[] = [];
  let count = 0;
  const keep = <Device extends TestDevice>(device: Device): Device => {
    open.push(device);
    return device;
  };
  const join = async (address = `alice${count++}#alpha.example`): Promise<Owner> => {
    const storage = createMemoryStorage();
    const { client, counting, phrase } = await newPerson(network, address, { storage });
    return keep({ address: parseAddress(address), storage, client, counting, phrase });
  };
  const bob = await join("bob#beta.example");
  return {
    clock,
    network,
    bob,
    join,
    keep,
    write: async (to, subject, { from = bob, body = "" } = {}) => {
      clock.advance(1);
      const entry = await from.client.send({ to: [to.address], subject, body, keepCopy: false });
      expect(entry.copies).toMatchObject([{ state: "sent" }]);
    },
    close: async () => {
      await Promise.all(open.map(async ({ client }) => await client.close()));
      await network.close();
    },
  };
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

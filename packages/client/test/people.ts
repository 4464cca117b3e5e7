import { createMemoryStorage, openClient, type Client, type Storage } from "@smimp/client";
import { randomBytes, toHex32, hashStream, type Hex32 } from "@smimp/protocol";
import { countingFetch, newPerson, type CountingFetch, type Network, type Person } from "@smimp/testkit";
import { linked, type TestDevice } from "./devices-people.ts";

/** Somebody whose program can be ended at any time and started again on the same storage. */
export interface Restartable extends Person {
  readonly storage: Storage;
  /** A new program on the same storage; the one before is left where it stands, as a crash would leave it. */
  restart(): Promise<{ readonly client: Client; readonly counting: CountingFetch }>;
}

/** Joins with a storage that outlives programs. */
export async function joinRestartable(network: Network, address: string): Promise<Restartable> {
  const storage = createMemoryStorage();
  const person = await newPerson(network, address, { storage });
  const restart = async (): Promise<{ readonly client: Client; readonly counting: CountingFetch }> => {
    const counting = countingFetch(network.fetch);
    const client = await openClient({ storage, deps: { fetch: counting.fetch, clock: network.clock, random: randomBytes } });
    return { client, counting };
  };
  return { ...person, storage, restart };
}

/** `length` bytes that repeat nowhere near, in pieces of odd sizes. */
export async function* pieces(length: number, size = 70_001): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < length; start += size) {
    const piece = new Uint8Array(Math.min(size, length - start));
    for (let index = 0; index < piece.length; index++) piece[index] = ((start + index) * 2_654_435_761) >>> 13;
    yield piece;
  }
}

/** Length and hash of a stream. */
export async function digestOf(stream: AsyncIterable<Uint8Array>): Promise<{ readonly length: number; readonly hash: Hex32 }> {
  const hash = hashStream();
  let length = 0;
  for await (const piece of stream) {
    hash.update(piece);
    length += piece.length;
  }
  return { length, hash: toHex32(hash.digest()) };
}

/** Somebody with two devices, the second one linked to the first. */
export interface TwoDevices extends Person {
  readonly storage: Storage;
  readonly second: TestDevice;
}

/** Joins, and links a second device. */
export async function joinWithTwoDevices(network: Network, address: string): Promise<TwoDevices> {
  const storage = createMemoryStorage();
  const person = await newPerson(network, address, { storage });
  return { ...person, storage, second: await linked(network, person, "phone") };
}

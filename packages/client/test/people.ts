import { createMemoryStorage, openClient, type Client, type Storage } from "@smimp/client";
import { randomBytes, toHex32, hashStream, type Hex32 } from "@smimp/protocol";
import { countingFetch, newPerson, type CountingFetch, type Network, type Person } from "@smimp/testkit";

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

/** One person's second device: another program on a copy of the first one's storage, as it stood at that moment. */
export interface SecondDevice {
  readonly client: Client;
  readonly counting: CountingFetch;
  readonly storage: Storage;
}

/** A storage that can be copied as a whole. */
export interface CopyableStorage extends Storage {
  copy(): CopyableStorage;
}

/** A storage in memory, copied with everything in it: its hidden keys stay the same. */
export function createCopyableStorage(inner: Storage = createMemoryStorage(), named: ReadonlySet<string> = new Set()): CopyableStorage {
  const collections = new Set(named);
  const storage: CopyableStorage = {
    get: async (collection, key) => await inner.get(collection, key),
    list: async (collection, options) => await inner.list(collection, options),
    hiddenKey: (collection, text) => inner.hiddenKey(collection, text),
    close: async () => await inner.close(),
    transact: async (work) =>
      await inner.transact(
        async (writer) =>
          await work({
            ...writer,
            put: (collection, key, value) => {
              collections.add(collection);
              writer.put(collection, key, value);
            },
          }),
      ),
    copy: () => {
      const memory = createMemoryStorage();
      const filled = memory.transact(async (writer) => {
        for (const collection of collections) {
          for (const { key, value } of await inner.list(collection)) writer.put(collection, key, value);
        }
      });
      const behind = {
        ...memory,
        hiddenKey: storage.hiddenKey,
        get: async (collection: string, key: string) => (await filled, await memory.get(collection, key)),
        list: async (collection: string, options?: Parameters<Storage["list"]>[1]) => (
          await filled,
          await memory.list(collection, options)
        ),
      };
      return createCopyableStorage(behind, collections);
    },
  };
  return storage;
}

/** Somebody with two devices: the second one is a copy of the first, right after it was opened. */
export async function joinWithTwoDevices(
  network: Network,
  address: string,
): Promise<Person & { readonly storage: CopyableStorage; readonly second: SecondDevice; another(): Promise<SecondDevice> }> {
  const storage = createCopyableStorage();
  const person = await newPerson(network, address, { storage });
  const fresh = storage.copy();
  const open = async (copy: CopyableStorage): Promise<SecondDevice> => {
    const counting = countingFetch(network.fetch);
    const deps = { fetch: counting.fetch, clock: network.clock, random: randomBytes, jitter: 0 };
    return { client: await openClient({ storage: copy, deps }), counting, storage: copy };
  };
  return { ...person, storage, second: await open(fresh), another: async () => await open(storage.copy()) };
}

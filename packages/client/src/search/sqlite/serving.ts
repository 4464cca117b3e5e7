import { IndexDatabase } from "./database.ts";
import type { Calls, Reply, Request } from "./protocol.ts";
import type { IndexPlatform } from "./sql.ts";

/**
 * What runs in the thread that an index lives in, since queries, merges and images of 100,000 messages take longer than an event loop
 * may wait: requests are answered in their order, but for images, which are hashed while others are.
 */
export function serveIndex(platform: IndexPlatform, reply: (answer: Reply, transfer: ArrayBuffer[]) => void): (request: Request) => void {
  const calls = createCalls(platform);

  async function answer(request: Request): Promise<void> {
    try {
      const call = calls[request.name] as (...args: readonly unknown[]) => unknown;
      const value = await call(...request.args);
      reply({ id: request.id, value }, value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : []);
    } catch (error) {
      reply({ id: request.id, error: error instanceof Error ? error.message : String(error) }, []);
    }
  }
  return (request) => void answer(request);
}

function createCalls(platform: IndexPlatform): {
  readonly [Name in keyof Calls]: (...args: Parameters<Calls[Name]>) => ReturnType<Calls[Name]> | Promise<ReturnType<Calls[Name]>>;
} {
  let image: Uint8Array | null = null;
  let filled = 0;
  let database: IndexDatabase | null = null;
  const opened = (): IndexDatabase => {
    if (database === null) throw new TypeError("the index is not open");
    return database;
  };
  return {
    expect: (bytes) => {
      image = new Uint8Array(bytes);
      filled = 0;
    },
    append: (bytes) => {
      image?.set(bytes, filled);
      filled += bytes.length;
    },
    open: () => {
      database = new IndexDatabase(platform, image);
      image = null;
    },
    known: (messageIds) => opened().known(messageIds),
    apply: (changes) => opened().apply(changes),
    find: (query) => opened().find(query),
    count: () => opened().count(),
    image: async (purge) => await opened().image(purge),
    // A copy: sending a view would send all that it is a view of.
    chunk: (index) => opened().chunk(index).slice(),
    release: () => opened().release(),
  };
}

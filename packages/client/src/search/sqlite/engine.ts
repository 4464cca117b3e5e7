import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { SearchEngine, SearchIndex, StoredImage } from "../model.ts";
import type { Calls, Reply } from "./protocol.ts";

/** Changes with any change of schema or tokenizer: older images are made anew. */
const FORMAT = "sqlite-fts5-1";

/**
 * Full-text search with SQLite's FTS5, for Node. Each index is a database in memory, in a thread of its own; nothing of it is ever
 * written to a disk, but by the client, sealed.
 */
export function createSqliteSearch(): SearchEngine {
  return {
    format: FORMAT,
    open: async (image) => {
      const thread = startThread();
      try {
        if (image !== null) await send(thread, image);
        await thread.call("open");
      } catch (error) {
        await thread.end();
        throw error;
      }
      return indexOf(thread);
    },
  };
}

async function send(thread: Thread, { size, chunks }: StoredImage): Promise<void> {
  await thread.call("expect", size);
  // Each is let go of once it is sent.
  for await (const chunk of chunks()) await thread.call("append", chunk);
}

function indexOf(thread: Thread): SearchIndex {
  return {
    known: async (messageIds) => await thread.call("known", messageIds),
    apply: async (changes) => await thread.call("apply", changes),
    find: async (query) => await thread.call("find", query),
    count: async () => await thread.call("count"),
    image: async ({ purge }) => ({
      chunks: await thread.call("image", purge),
      chunk: async (index) => await thread.call("chunk", index),
      release: async () => await thread.call("release"),
    }),
    close: async () => await thread.end(),
  };
}

/** An index's thread; calls are answered in their order. */
interface Thread {
  call<Name extends keyof Calls>(name: Name, ...args: Parameters<Calls[Name]>): Promise<ReturnType<Calls[Name]>>;
  end(): Promise<void>;
}

function startThread(): Thread {
  // Beside this file, as source or as built; with none of this program's arguments, which may load what only the main thread can use.
  const worker = new Worker(new URL(`./thread${extname(import.meta.url)}`, import.meta.url), { execArgv: [] });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let last = 0;
  let ended: Error | null = null;
  const fail = (error: Error): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  // An idle index keeps no program from ending.
  worker.unref();
  worker.on("message", (reply: Reply) => {
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (waiting.size === 0) worker.unref();
    if ("error" in reply) call?.reject(new Error(`the search index: ${reply.error}`));
    else call?.resolve(reply.value);
  });
  worker.on("error", fail);
  worker.on("exit", () => fail(new Error("the search index ended")));
  return {
    call: async (name, ...args) => {
      if (ended !== null) throw ended;
      const call = Promise.withResolvers<unknown>();
      waiting.set(++last, call);
      worker.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage({ id: last, name, args });
      return (await call.promise) as ReturnType<Calls[typeof name]>;
    },
    end: async () => {
      fail(new Error("the search index is closed"));
      await worker.terminate();
    },
  };
}

import type { SearchEngine, SearchIndex, StoredImage } from "../model.ts";
import type { Calls, Reply, Request } from "./protocol.ts";

/** Changes with any change of schema or tokenizer: older images are made anew. */
const FORMAT = "sqlite-fts5-3";

/** A thread that runs `serveIndex`, as whoever asks it sees it. */
export interface IndexThread {
  post(request: Request): void;
  /** Hears its replies; called once, before the first request. */
  listen(heard: { reply(reply: Reply): void; failed(error: Error): void }): void;
  /** Whether somebody waits for it: an idle index keeps no program from ending. */
  hold(held: boolean): void;
  end(): void | Promise<void>;
}

/**
 * Full-text search with SQLite's FTS5, each index a database in memory in a thread of its own; nothing of it is ever written to a disk,
 * but by the client, sealed. Its images are the same on all platforms.
 */
export function createThreadedSearch(start: () => IndexThread): SearchEngine {
  return {
    format: FORMAT,
    open: async (image) => {
      const thread = callerOf(start());
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

async function send(thread: Caller, { size, chunks }: StoredImage): Promise<void> {
  await thread.call("expect", size);
  // Each is let go of once it is sent.
  for await (const chunk of chunks()) await thread.call("append", chunk);
}

function indexOf(thread: Caller): SearchIndex {
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

/** Calls of a thread, answered in their order. */
interface Caller {
  call<Name extends keyof Calls>(name: Name, ...args: Parameters<Calls[Name]>): Promise<ReturnType<Calls[Name]>>;
  end(): Promise<void>;
}

function callerOf(thread: IndexThread): Caller {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let last = 0;
  let ended: Error | null = null;
  const fail = (error: Error): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  thread.listen({
    reply: (reply) => {
      const call = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (waiting.size === 0) thread.hold(false);
      if ("error" in reply) call?.reject(new Error(`the search index: ${reply.error}`));
      else call?.resolve(reply.value);
    },
    failed: fail,
  });
  return {
    call: async (name, ...args) => {
      if (ended !== null) throw ended;
      const call = Promise.withResolvers<unknown>();
      waiting.set(++last, call);
      thread.hold(true);
      thread.post({ id: last, name, args } as Request);
      return (await call.promise) as ReturnType<Calls[typeof name]>;
    },
    end: async () => {
      fail(new Error("the search index is closed"));
      await thread.end();
    },
  };
}

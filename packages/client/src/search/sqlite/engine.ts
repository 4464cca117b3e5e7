import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { SearchEngine } from "../model.ts";
import type { Reply } from "./protocol.ts";
import { createThreadedSearch, type IndexThread } from "./threaded.ts";

/** Full-text search with Node's own SQLite, in threads. */
export function createSqliteSearch(): SearchEngine {
  return createThreadedSearch(startThread);
}

function startThread(): IndexThread {
  // Beside this file, as source or as built; with none of this program's arguments, which may load what only the main thread can use.
  const worker = new Worker(new URL(`./thread${extname(import.meta.url)}`, import.meta.url), { execArgv: [] });
  worker.unref();
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    post: (request) => worker.postMessage(request),
    listen: ({ reply, failed }) => {
      worker.on("message", (answer: Reply) => reply(answer));
      worker.on("error", failed);
      worker.on("exit", () => failed(new Error("the search index ended")));
    },
    hold: (held) => (held ? worker.ref() : worker.unref()),
    end: async () => void (await worker.terminate()),
  };
}

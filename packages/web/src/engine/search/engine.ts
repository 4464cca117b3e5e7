import type { SearchEngine } from "@smimp/client";
import { createThreadedSearch, type IndexReply, type IndexThread } from "@smimp/client/search-parts";
import { scriptUrl } from "../../trusted.ts";
import threadUrl from "./thread.ts?worker&url";

/** Full-text search with SQLite in WebAssembly, in a worker of its own. */
export function createBrowserSearch(): SearchEngine {
  return createThreadedSearch(startThread);
}

function startThread(): IndexThread {
  const worker = new Worker(scriptUrl(threadUrl), { type: "module", name: "search" });
  return {
    post: (request) => worker.postMessage(request),
    listen: ({ reply, failed }) => {
      worker.addEventListener("message", ({ data }: MessageEvent<IndexReply>) => reply(data));
      worker.addEventListener("error", () => failed(new Error("the search index could not be started")));
    },
    // A page lives as long as it is shown.
    hold: () => undefined,
    end: () => worker.terminate(),
  };
}

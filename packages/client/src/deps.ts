import type { Fetch } from "@smimp/identity";
import type { Clock, RandomBytes } from "@smimp/protocol";
import type { SearchEngine } from "./search/model.ts";
import type { WorkerLike } from "./work/thread.ts";

/** What a client is given from outside; nothing else of the world is touched. */
export interface ClientDeps {
  /** The guarded fetch of `@smimp/identity/guarded-fetch` in Node. */
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Threads for proofs of work, where the platform's own don't do. */
  readonly work?: WorkSettings;
  /** Full-text search; in Node `createSqliteSearch()` of `@smimp/client/sqlite-search`. Without it nothing can be searched for. */
  readonly search?: SearchEngine;
  /**
   * Longest wait before the history of a stranger is fetched who wrote for the first time, milliseconds: when a message was opened
   * shall not show at their server. 256 where somebody waits for a sync, 5,000 in the background, where it is left out.
   */
  readonly jitter?: number;
  /**
   * Longest wait for a server's answer, seconds, and for each 64 KiB of one that comes bit by bit; then it is
   * `temporarily_unavailable`. 60 where it is left out.
   */
  readonly patience?: number;
}

/** How proofs of work are done; nothing of it has to be set. */
export interface WorkSettings {
  /** Most threads at a time, one a core unless given; 0: none, so that all is done in turns of this event loop. */
  readonly threads?: number;
  /**
   * Starts a browser's Worker that runs `@smimp/client/worker`, where it is not to be had as `worker.js` beside the module that
   * holds the client, or where a page's policy asks for more than an address.
   */
  readonly startWorker?: () => WorkerLike;
}

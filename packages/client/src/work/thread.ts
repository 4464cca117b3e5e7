import { yieldToOthers } from "@smimp/identity";
import type { Kernel, Searched } from "./block.ts";
import { plainKernel } from "./plain-kernel.ts";

/** A piece of work for a thread: so many tries from a block on. */
export interface Slice {
  readonly block: Uint8Array;
  readonly zeroBits: number;
  readonly tries: number;
}

/** What came of a slice, and where its block's counter stands. */
export interface SliceAnswer extends Searched {
  readonly block: Uint8Array;
}

/** Who hears of a thread. */
export interface ThreadListener {
  /** One call for each slice, in their order. */
  answer(answer: SliceAnswer): void;
  /** The thread is gone, with all slices that it had; called at most once, and never after `end`. */
  failed(): void;
}

/** Something that tries, one slice after the other. */
export interface Thread {
  /** Tries in one slice: few enough that progress is smooth and others have their turn. */
  readonly sliceTries: number;
  /** Slices to hand over before the first is answered. */
  readonly ahead: number;
  post(slice: Slice): void;
  /** Whether the program shall go on for this thread's sake. */
  hold(held: boolean): void;
  end(): void;
}

/** Starts a thread. Throws where it can't. */
export type StartThread = (listener: ThreadListener) => Thread;

/** A browser's Worker, as far as it is needed here. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): void;
  addEventListener(type: "message" | "messageerror" | "error", listener: (event: { readonly data?: unknown }) => void): void;
}

type WorkerThreads = NonNullable<ReturnType<typeof process.getBuiltinModule<"node:worker_threads">>>;

/** About 20 ms of work: short enough to stop and to show, long enough that handing it over costs nothing. */
const WORKER_TRIES = 2 ** 18;
/** One is worked at while the answer of the one before is on its way. */
const WORKER_AHEAD = 2;
/** A few milliseconds, during which this event loop does nothing else: for the kernels and for the plain search. */
const LOCAL_TRIES = 2 ** 14;
const PLAIN_TRIES = 2 ** 11;

/** How threads are started here: a browser's Workers that somebody else starts, or else Node's threads or a browser's module Workers. */
export function threadStarter(startWorker: (() => WorkerLike) | undefined): StartThread {
  if (startWorker !== undefined) return (listener) => workerThread(startWorker(), listener);
  // Asked for at run time, so that no bundler for browsers stumbles over it.
  const node = typeof process === "undefined" ? undefined : process.getBuiltinModule?.("node:worker_threads");
  if (node !== undefined) return (listener) => nodeThread(node, listener);
  return (listener) => workerThread(new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }), listener);
}

function nodeThread(node: WorkerThreads, listener: ThreadListener): Thread {
  // None of this program's arguments: they may load what only the main thread can use.
  const worker = new node.Worker(new URL("./worker.ts", import.meta.url), { execArgv: [] });
  const fail = failOnce(listener);
  worker.on("message", (answer: SliceAnswer) => listener.answer(answer));
  worker.on("messageerror", fail.now);
  worker.on("error", fail.now);
  worker.on("exit", fail.now);
  worker.unref();
  return {
    sliceTries: WORKER_TRIES,
    ahead: WORKER_AHEAD,
    post: (slice) => worker.postMessage(slice),
    hold: (held) => (held ? worker.ref() : worker.unref()),
    end: () => {
      fail.never();
      void worker.terminate();
    },
  };
}

function workerThread(worker: WorkerLike, listener: ThreadListener): Thread {
  const fail = failOnce(listener);
  worker.addEventListener("message", ({ data }) => listener.answer(data as SliceAnswer));
  for (const type of ["messageerror", "error"] as const) {
    worker.addEventListener(type, () => {
      worker.terminate();
      fail.now();
    });
  }
  return {
    sliceTries: WORKER_TRIES,
    ahead: WORKER_AHEAD,
    post: (slice) => worker.postMessage(slice),
    // A page lives as long as it is shown.
    hold: () => undefined,
    end: () => {
      fail.never();
      worker.terminate();
    },
  };
}

/** No thread but turns in this event loop: where there are no Workers, and for work that is done before one would be there. */
export const startLocalThread: StartThread = (listener) => {
  let ended = false;
  const answer = async ({ block, zeroBits, tries }: Slice): Promise<void> => {
    await yieldToOthers();
    const { kernel } = local ?? (await openLocal());
    if (!ended) listener.answer({ block, ...kernel.search(block, zeroBits, tries) });
  };
  return {
    get sliceTries() {
      return local?.sliceTries ?? PLAIN_TRIES;
    },
    ahead: 1,
    post: (slice) => void answer(slice),
    hold: () => undefined,
    end: () => void (ended = true),
  };
};

let local: { readonly kernel: Kernel; readonly sliceTries: number } | undefined;

/** Most work is for others: what does it here is fetched when there is some. */
async function openLocal(): Promise<NonNullable<typeof local>> {
  try {
    const { openKernel } = await import("./kernel.ts");
    local ??= { kernel: openKernel(), sliceTries: LOCAL_TRIES };
  } catch {
    // A page's policy may forbid WebAssembly.
    local ??= { kernel: plainKernel(), sliceTries: PLAIN_TRIES };
  }
  return local;
}

function failOnce({ failed }: ThreadListener): { readonly now: () => void; readonly never: () => void } {
  let over = false;
  return {
    now: () => {
      if (!over) failed();
      over = true;
    },
    never: () => void (over = true),
  };
}

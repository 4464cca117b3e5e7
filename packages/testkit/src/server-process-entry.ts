import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { addSeconds } from "@smimp/protocol";
import { endOnUnforeseenErrors, startServer, type RunningServer } from "@smimp/server";
import { realClock } from "./clock.ts";
import { lazyFetch, type LazyFetch } from "./lazy-fetch.ts";
import type { Fault, FromServer, ToServer } from "./server-process.ts";

// The child of server-process.ts. It lives no longer than its parent: when the channel closes, it ends.

let running: RunningServer | null = null;
let network: LazyFetch | null = null;
/** Seconds that this process's clock is ahead of the machine's. */
let ahead = 0;

// As `smimp serve` does it.
endOnUnforeseenErrors();
process.on("message", (message: ToServer) => void receive(message));
process.on("disconnect", () => process.exit(0));

async function receive(message: ToServer): Promise<void> {
  if (message.kind === "network") network?.setNetwork(message.network);
  else if (message.kind === "clock") ({ ahead } = message);
  else if (message.kind === "start") await start(message);
  else if (message.kind === "collect") collect();
  else if (message.kind === "fault") setImmediate(() => FAULTS[message.fault](message.words));
  else {
    await running?.close();
    await network?.close();
    process.exit(0);
  }
}

async function start(message: Extract<ToServer, { kind: "start" }>): Promise<void> {
  try {
    ({ ahead } = message);
    network = lazyFetch(message.network);
    running = await startServer(message.config, { fetch: network.fetch, clock: () => addSeconds(realClock(), ahead) });
    tell({ kind: "ready", port: running.port });
  } catch (error) {
    tell({ kind: "failed", reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    process.exitCode = 1;
    process.disconnect?.();
  }
}

const FAULTS: Readonly<Record<Fault, (words: string) => void>> = {
  error: fail,
  heap: fill,
  abort: (words) => {
    Object.assign(globalThis, { words });
    process.abort();
  },
};

function collect(): void {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  gc();
  // Buffers are freed once what held them is gone.
  gc();
  const { heapUsed, external } = process.memoryUsage();
  tell({ kind: "collected", bytes: heapUsed + external });
}

/** Fills the heap with words until Node gives up. */
function fill(words: string): void {
  for (const held: string[][] = []; ;) held.push(Array.from({ length: 10_000 }, (_, index) => `${words} ${held.length} ${index}`));
}

/** An error that nobody awaits and that holds words in every place that an error has. */
function fail(words: string): void {
  throw Object.assign(new TypeError(words, { cause: new Error(words) }), { code: words, headers: { [words]: words } });
}

function tell(message: FromServer): void {
  process.send?.(message);
}

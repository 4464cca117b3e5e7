// What runs in a thread of its own, in Node's worker_threads or a browser's Worker: answers each slice of work with what came of it.
// It imports nothing but the kernel, so that a thread is there at once and takes little memory.
import type { Kernel } from "./block.ts";
import { openKernel } from "./kernel.ts";
import type { Slice, SliceAnswer } from "./thread.ts";

/** A browser's side of a Worker: the worker's global object. */
interface WorkerScope {
  postMessage(answer: SliceAnswer): void;
  addEventListener(type: "message", listener: (event: { readonly data: Slice }) => void): void;
}

let kernel: Kernel | undefined;

function answer({ block, zeroBits, tries }: Slice): SliceAnswer {
  kernel ??= openKernel();
  return { block, ...kernel.search(block, zeroBits, tries) };
}

const port = typeof process === "undefined" ? null : process.getBuiltinModule("node:worker_threads").parentPort;
if (port === null) {
  const scope = globalThis as unknown as WorkerScope;
  scope.addEventListener("message", ({ data }) => scope.postMessage(answer(data)));
} else port.on("message", (slice: Slice) => port.postMessage(answer(slice)));

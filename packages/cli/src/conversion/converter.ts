import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { createConverter, type ConversionReply, type Converter } from "@smimp/conversion";

/** Megabytes of memory that taking one apart may need, beside its bytes. */
const MEMORY = 1_024;

/** Starts a converter with a thread of Node's. `patience` is how long a small mail may take, milliseconds. */
export function startConverter(options: { readonly patience?: number } = {}): Converter {
  return createConverter((answer) => {
    // Beside this file, as source or as built.
    const worker = new Worker(new URL(`./conversion-thread${extname(import.meta.url)}`, import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MEMORY },
    });
    const tell = (reply: ConversionReply | null): void => {
      worker.unref();
      answer(reply);
    };
    worker.on("message", tell);
    worker.on("error", () => tell(null));
    worker.on("exit", () => tell(null));
    return {
      post: (request) => {
        worker.ref();
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
        worker.postMessage(request);
      },
      end: async () => void (await worker.terminate()),
    };
  }, options);
}

import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { ConversionReply, ConversionRequest } from "./conversion-thread.ts";
import type { ConversionOptions, ConvertedMail } from "./converted-mail.ts";
import type { SkipReason } from "./raw-mail.ts";

/** How long one mail may take, milliseconds, and how much longer for each megabyte: ten times what such mails take. */
const PATIENCE = 20_000;
const PATIENCE_A_MEGABYTE = 1_000;
/** Megabytes of memory that taking one apart may need, beside its bytes. */
const MEMORY = 1_024;

/** A mail, or why it could not be taken apart. */
export type Conversion = { readonly mail: ConvertedMail } | { readonly reason: SkipReason };

/** Takes mails apart, one after the other, in a thread of its own. */
export interface Converter {
  /** Never throws for what a mail is; what takes too long or too much memory is tried once more without taking HTML apart. */
  convert(bytes: Uint8Array, options?: ConversionOptions): Promise<Conversion>;
  close(): Promise<void>;
}

/** Starts a converter. `patience` is how long a small mail may take, milliseconds. */
export function startConverter({ patience = PATIENCE }: { readonly patience?: number } = {}): Converter {
  let worker: Worker | null = null;
  let waiting: ((reply: ConversionReply | null) => void) | null = null;

  async function attempt(request: ConversionRequest): Promise<ConversionReply | null> {
    const running = (worker ??= start());
    const { promise, resolve } = Promise.withResolvers<ConversionReply | null>();
    waiting = resolve;
    const timer = setTimeout(() => resolve(null), patience + (request.bytes.length / 1e6) * PATIENCE_A_MEGABYTE);
    running.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    running.postMessage(request);
    const reply = await promise;
    clearTimeout(timer);
    running.unref();
    if (reply === null) await end();
    return reply;
  }

  function start(): Worker {
    // Beside this file, as source or as built.
    const started = new Worker(new URL(`./conversion-thread${extname(import.meta.url)}`, import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MEMORY },
    });
    const answer = (reply: ConversionReply | null): void => {
      if (worker === started) waiting?.(reply);
    };
    started.on("message", answer);
    started.on("error", () => answer(null));
    started.on("exit", () => answer(null));
    return started;
  }

  async function end(): Promise<void> {
    const ending = worker;
    worker = null;
    await ending?.terminate();
  }

  return {
    convert: async (bytes, options = {}) =>
      (await attempt({ bytes, options })) ??
      (await attempt({ bytes, options: { ...options, strip: true } })) ?? { reason: "not_convertible" },
    close: end,
  };
}

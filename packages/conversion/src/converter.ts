import type { ConversionOptions, ConvertedMail } from "./converted-mail.ts";
import type { SkipReason } from "./raw-mail.ts";

/** How long one mail may take, milliseconds, and how much longer for each megabyte: ten times what such mails take. */
const PATIENCE = 20_000;
const PATIENCE_A_MEGABYTE = 1_000;

/** One mail on its way in. */
export interface ConversionRequest {
  readonly bytes: Uint8Array;
  readonly options: ConversionOptions;
}

/** What became of it. */
export type ConversionReply = { readonly mail: ConvertedMail } | { readonly reason: "not_mail" | "not_convertible" };

/** A thread that answers with `answerConversion`: what somebody made to exhaust it, it exhausts alone. */
export interface ConversionThread {
  post(request: ConversionRequest): void;
  /** Ends it, whatever it does. */
  end(): Promise<void>;
}

/** A mail, or why it could not be taken apart. */
export type Conversion = { readonly mail: ConvertedMail } | { readonly reason: SkipReason };

/** Takes mails apart, one after the other, in a thread of its own. */
export interface Converter {
  /** Never throws for what a mail is; what takes too long or too much memory is tried once more without taking HTML apart. */
  convert(bytes: Uint8Array, options?: ConversionOptions): Promise<Conversion>;
  close(): Promise<void>;
}

/**
 * Makes a converter. `start` starts a thread that says what became of each mail, null where the thread has ended. `patience` is how
 * long a small mail may take, milliseconds.
 */
export function createConverter(
  start: (answer: (reply: ConversionReply | null) => void) => ConversionThread,
  { patience = PATIENCE }: { readonly patience?: number } = {},
): Converter {
  let thread: ConversionThread | null = null;
  let waiting: ((reply: ConversionReply | null) => void) | null = null;

  async function attempt(request: ConversionRequest): Promise<ConversionReply | null> {
    const running = (thread ??= begin());
    const { promise, resolve } = Promise.withResolvers<ConversionReply | null>();
    waiting = resolve;
    const timer = setTimeout(() => resolve(null), patience + (request.bytes.length / 1e6) * PATIENCE_A_MEGABYTE);
    running.post(request);
    const reply = await promise;
    clearTimeout(timer);
    if (reply === null) await end();
    return reply;
  }

  function begin(): ConversionThread {
    const started: ConversionThread = start((reply) => {
      if (thread === started) waiting?.(reply);
    });
    return started;
  }

  async function end(): Promise<void> {
    const ending = thread;
    thread = null;
    await ending?.end();
  }

  return {
    convert: async (bytes, options = {}) =>
      (await attempt({ bytes, options })) ??
      (await attempt({ bytes, options: { ...options, strip: true } })) ?? { reason: "not_convertible" },
    close: end,
  };
}

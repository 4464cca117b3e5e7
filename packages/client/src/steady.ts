import { send, type Fetch, type FetchInit, type FetchResponse } from "@smimp/identity";
import { SmimpError } from "@smimp/protocol";

/** How long a server may take over an answer that is read as a stream. */
export interface Pace {
  /** Seconds until its headers are there, and for each step of its body. Time that the reader takes doesn't count. */
  readonly seconds: number;
  /** Bytes of a step: 1 where any sign of life will do. */
  readonly step: number;
}

/**
 * Starts an answer that is read as a stream. A server that accepts and never answers, or that drips, holds up nobody: throws
 * `temporarily_unavailable` once it falls behind the pace, and ends the connection; otherwise as `send` does.
 */
export async function sendSteadily(fetch: Fetch, url: string, init: Omit<FetchInit, "redirect">, pace: Pace): Promise<FetchResponse> {
  const late = new AbortController();
  const signal = init.signal === undefined ? late.signal : AbortSignal.any([init.signal, late.signal]);
  const fault = new SmimpError("temporarily_unavailable", "the server answers too slowly");
  const within = async <Result>(milliseconds: number, work: Promise<Result>): Promise<Result> => {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.abort(fault);
      reject(fault);
    }, milliseconds);
    try {
      return await Promise.race([work, promise]);
    } finally {
      clearTimeout(timer);
    }
  };
  const response = await within(pace.seconds * 1000, send(fetch, url, { ...init, signal }));
  const { status, headers, body } = response;
  return { status, headers, body: body === null ? null : steady(body, pace, within) };
}

function steady(
  body: AsyncIterable<Uint8Array>,
  { seconds, step }: Pace,
  within: <Result>(milliseconds: number, work: Promise<Result>) => Promise<Result>,
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const pieces = body[Symbol.asyncIterator]();
      let left = seconds * 1000;
      let bytes = 0;
      return {
        async next() {
          const began = performance.now();
          const next = pieces.next();
          // Where time is over, what still comes of it is nobody's any more.
          next.catch(() => undefined);
          const result = await within(left, next);
          if (result.done === true) return result;
          left = Math.max(0, left - (performance.now() - began));
          bytes += result.value.length;
          if (bytes >= step) [left, bytes] = [seconds * 1000, 0];
          return result;
        },
        async return() {
          await pieces.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

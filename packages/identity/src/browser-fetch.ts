import type { Fetch, FetchInit } from "./fetch.ts";

/**
 * How a browser sends every request: across origins without cookies, referrer or cache, redirects refused. TLS and its certificates
 * are the browser's, which shows a wrong one as it shows an outage (protocol section 2).
 */
export function createBrowserFetch(): Fetch {
  return async (url, init) => {
    const { headers: { "content-length": _length, ...headers } = {} } = init;
    const response = await fetch(url, {
      method: init.method ?? "GET",
      // The browser counts the bytes itself.
      headers,
      body: await bodyOf(init),
      signal: init.signal ?? null,
      redirect: init.redirect,
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
    });
    return { status: response.status, headers: response.headers, body: response.body === null ? null : piecesOf(response.body) };
  };
}

/** A stream is gathered first: not every browser sends one. A Blob need not be in memory. */
async function bodyOf({ body }: FetchInit): Promise<string | Uint8Array<ArrayBuffer> | Blob | null> {
  if (body === undefined) return null;
  if (typeof body === "string" || body instanceof Uint8Array) return body;
  const pieces: Blob[] = [];
  for await (const piece of body) pieces.push(new Blob([Uint8Array.from(piece)]));
  return new Blob(pieces);
}

/** Not every browser lets one go through a stream in a loop. Leaving the loop cancels the answer, also before its first piece. */
function piecesOf(stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const reader = stream.getReader();
      return {
        next: async () => {
          const { done, value } = await reader.read();
          return done ? { done: true, value: undefined } : { done: false, value };
        },
        return: async () => {
          await reader.cancel();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

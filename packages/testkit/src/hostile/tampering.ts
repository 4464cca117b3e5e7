import { fromUtf8, utf8 } from "@smimp/protocol";
import type { Fetch, FetchResponse } from "@smimp/identity";

/** Changes the text of an answer; the URL tells which one it is. Returning the same text lets it pass. */
export type Tamper = (url: string, text: string) => string;

/** A fetch between a client and its servers that changes answers, as a server could that lies. */
export interface TamperingFetch {
  readonly fetch: Fetch;
  /** Every URL that was asked for, in order: the way to show that nothing was sent. */
  readonly urls: readonly string[];
  /** Lies from now on; null: tells the truth again. */
  tamper(how: Tamper | null): void;
}

/** Wraps a fetch. Answers that are streams of events pass untouched. */
export function tamperingFetch(inner: Fetch): TamperingFetch {
  const urls: string[] = [];
  let tamper: Tamper | null = null;
  const fetch: Fetch = async (url, init) => {
    urls.push(url);
    const response = await inner(url, init);
    const how = tamper;
    const type = response.headers.get("content-type") ?? "";
    if (how === null || !/json/.test(type) || response.body === null) return response;
    return await changed(response, (text) => how(url, text));
  };
  return {
    fetch,
    urls,
    tamper: (how) => {
      tamper = how;
    },
  };
}

async function changed(response: FetchResponse, how: (text: string) => string): Promise<FetchResponse> {
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body ?? []) pieces.push(piece);
  const bytes = utf8(how(fromUtf8(Buffer.concat(pieces))));
  const get = (name: string): string | null =>
    name.toLowerCase() === "content-length" ? String(bytes.length) : response.headers.get(name);
  return { status: response.status, headers: { get }, body: once(bytes) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

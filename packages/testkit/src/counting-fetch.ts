import type { Fetch, FetchInit, FetchResponse } from "@smimp/identity";
import { utf8 } from "@smimp/protocol";

/** One request that left, and what came of it. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the body that left so far. */
  readonly requestBytes: number;
  /** Bytes of the answer's body that were read so far. */
  readonly answerBytes: number;
  /** Status of the answer; null until there is one, and where the request failed or its answer was dropped. */
  readonly status: number | null;
  /** The body as it left, in pieces; empty unless `recordBodies` is set. */
  readonly body: readonly Uint8Array[];
}

/**
 * What becomes of a request: it passes; it `fail`s before it leaves, as with the cable out; or its answer is `drop`ped after
 * the server did its work, as when the cable goes out half-way.
 */
export type Fate = "pass" | "fail" | "drop";

/** How a counting fetch counts. */
export interface CountingOptions {
  /** Keeps the bodies of requests, for tests of what leaves a client. */
  readonly recordBodies?: boolean;
}

/** A fetch that counts what passes through it, and that can break it. */
export interface CountingFetch {
  readonly fetch: Fetch;
  /** Every request, in the order they left. */
  readonly sent: readonly SentRequest[];
  /** Requests since the last `reset`. */
  requests(): number;
  /** Bytes of request and answer bodies since the last `reset`. */
  bytes(): number;
  /** Starts counting anew; what was recorded is kept in `sent`. */
  reset(): void;
  /** Decides the fate of each request from now on. */
  decide(fate: (request: { readonly method: string; readonly url: string }) => Fate | Promise<Fate>): void;
}

type Noted = { -readonly [K in keyof SentRequest]: SentRequest[K] } & { readonly body: Uint8Array[] };

/** Wraps a fetch. */
export function countingFetch(inner: Fetch, options: CountingOptions = {}): CountingFetch {
  const sent: Noted[] = [];
  let counted = 0;
  let decide: (request: { readonly method: string; readonly url: string }) => Fate | Promise<Fate> = () => "pass";

  const fetch: Fetch = async (url, init) => {
    const request: Noted = {
      method: init.method ?? "GET",
      url,
      headers: init.headers ?? {},
      requestBytes: 0,
      answerBytes: 0,
      status: null,
      body: [],
    };
    sent.push(request);
    const fate = await decide(request);
    if (fate === "fail") throw new TypeError("fetch failed: the test cut the connection");
    const response = await inner(url, { ...init, ...observedBody(init, request, options.recordBodies === true) });
    if (fate === "drop") {
      // Read to the end first: the server has then certainly done its work.
      for await (const chunk of response.body ?? []) request.answerBytes += chunk.length;
      throw new TypeError("fetch failed: the test dropped the answer");
    }
    request.status = response.status;
    return observedAnswer(response, request);
  };

  return {
    fetch,
    sent,
    requests: () => sent.length - counted,
    bytes: () => sent.slice(counted).reduce((sum, each) => sum + each.requestBytes + each.answerBytes, 0),
    reset: () => {
      counted = sent.length;
    },
    decide: (fate) => {
      decide = fate;
    },
  };
}

function observedBody(init: FetchInit, request: Noted, record: boolean): Pick<FetchInit, "body"> {
  if (init.body === undefined) return {};
  const see = (chunk: Uint8Array): void => {
    request.requestBytes += chunk.length;
    if (record) request.body.push(chunk.slice());
  };
  if (typeof init.body === "string") see(utf8(init.body));
  else if (init.body instanceof Uint8Array) see(init.body);
  else return { body: observed(init.body, see) };
  return { body: init.body };
}

function observedAnswer(response: FetchResponse, request: Noted): FetchResponse {
  const { body } = response;
  return {
    status: response.status,
    headers: response.headers,
    body:
      body === null
        ? null
        : observed(body, (chunk) => {
            request.answerBytes += chunk.length;
          }),
  };
}

async function* observed(chunks: AsyncIterable<Uint8Array>, see: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    see(chunk);
    yield chunk;
  }
}

import type { Fetch, FetchInit, FetchResponse } from "@smimp/identity";
import { utf8 } from "@smimp/protocol";
import type { Traffic } from "./model.ts";

/** A fetch that counts what passes through it. */
export interface Meter {
  readonly fetch: Fetch;
  /** Requests and body bytes so far. */
  traffic(): Traffic;
}

/** Wraps a fetch so that its requests and the bytes of their bodies are counted. */
export function createMeter(inner: Fetch): Meter {
  let requests = 0;
  let bytesSent = 0;
  let bytesReceived = 0;
  const sent = (piece: Uint8Array): void => void (bytesSent += piece.length);
  const received = (piece: Uint8Array): void => void (bytesReceived += piece.length);

  const fetch = async (url: string, init: FetchInit): Promise<FetchResponse> => {
    requests++;
    const { body } = init;
    let counted = init;
    if (typeof body === "string") sent(utf8(body));
    else if (body instanceof Uint8Array) sent(body);
    else if (body !== undefined) counted = { ...init, body: seen(body, sent) };
    const response = await inner(url, counted);
    return { status: response.status, headers: response.headers, body: response.body === null ? null : seen(response.body, received) };
  };
  return { fetch, traffic: () => ({ requests, bytesSent, bytesReceived }) };
}

async function* seen(pieces: AsyncIterable<Uint8Array>, see: (piece: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    see(piece);
    yield piece;
  }
}

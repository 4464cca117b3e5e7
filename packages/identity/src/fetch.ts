/** What SMIMP passes to a fetch function; a subset of the platforms' own `RequestInit`. */
export interface FetchInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array>;
  /** Redirects are never followed (protocol section 1): the answer is handed over as it is and refused. */
  readonly redirect: "manual";
  readonly signal?: AbortSignal;
  readonly duplex?: "half";
}

/** What SMIMP reads of an answer; a subset of the platforms' own `Response`. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** How requests leave: the guarded fetch of `@smimp/identity/guarded-fetch` in Node, the platform's own in a browser. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

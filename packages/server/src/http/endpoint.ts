import type { AnswerInputOf, BodyOf, ENDPOINTS, EndpointName, ParamsOf, QueryOf } from "@smimp/protocol";
import type { Readable } from "node:stream";
import type { Caller } from "../accept/caller.ts";

type Definition<Name extends EndpointName> = (typeof ENDPOINTS)[Name];

/** A body of raw bytes, not read yet. */
export interface ByteBody {
  /** Bytes as announced, or null. */
  readonly length: number | null;
  /** As they come, bounded in time. */
  readonly stream: AsyncIterable<Uint8Array>;
  /** All of them. Throws `too_large` beyond the endpoint's limit. */
  all(): Promise<Uint8Array>;
}

/** The caller of an endpoint: none where anyone may call, else somebody whose session fits (protocol section 12). */
export type CallerOf<Name extends EndpointName> = Definition<Name>["caller"] extends "anyone" ? null : Caller;

/** A request to an endpoint, parsed by its schemas. */
export interface Call<Name extends EndpointName> {
  readonly params: ParamsOf<Name>;
  readonly query: QueryOf<Name>;
  readonly body: Definition<Name> extends { readonly body: "bytes" } ? ByteBody : BodyOf<Name>;
  readonly caller: CallerOf<Name>;
  /** A request header, by its lower-case name. */
  header(name: "if-match" | "if-none-match" | "if-range" | "range"): string | undefined;
  /** The address that the request came from. */
  readonly remoteAddress: string;
}

/** Headers of an answer that a handler sets. */
export type AnswerHeader =
  | "etag"
  | "cache-control"
  | "content-range"
  | "accept-ranges"
  | "content-length"
  | "content-type"
  | "content-security-policy";

type AnswerBody<Name extends EndpointName> =
  Definition<Name> extends { readonly answer: infer Answer }
    ? Answer extends "bytes"
      ? Uint8Array | Readable
      : Answer extends "ndjson"
        ? AsyncIterable<unknown>
        : Answer extends "events"
          ? Readable
          : AnswerInputOf<Name>
    : undefined;

/** What a handler answers. `body` null: none, as with 304. */
export interface Answer<Body> {
  readonly body: Body | null;
  readonly headers?: Readonly<Partial<Record<AnswerHeader, string>>>;
  /** Where it is not the endpoint's own. */
  readonly status?: 206 | 304 | 416;
  /** Breaks an answer of lines off when it is aborted, with its reason. */
  readonly signal?: AbortSignal;
}

/** One endpoint's code: short, it calls one domain function and shapes the answer. */
export type Handler<Name extends EndpointName> = (call: Call<Name>) => Promise<Answer<AnswerBody<Name>>> | Answer<AnswerBody<Name>>;

/** All endpoints' handlers; a missing one doesn't compile. */
export type Handlers = { readonly [Name in EndpointName]: Handler<Name> };

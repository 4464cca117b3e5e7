import { ENDPOINTS, maxBodyOf, parseShape, SmimpError, type Clock, type Endpoint, type EndpointName } from "@smimp/protocol";
import type { Reply, Request } from "./fastify-types.ts";
import { Readable } from "node:stream";
import { authenticate, type Caller } from "../accept/caller.ts";
import type { Limits } from "../bounds.ts";
import type { Store } from "../store/store.ts";
import type { Answer, Handlers } from "./endpoint.ts";
import type { Hold } from "./hold.ts";
import { createGate, type Gate } from "./gate.ts";
import { NO_CACHE } from "./headers.ts";
import { byteBody, isGone, jsonBody, type BodyBounds, type RawRequest } from "./request-body.ts";

/** The version that stands in paths (protocol section 2). */
export const PROTOCOL_VERSION = "1.0";

/** Memory that bytes which come in pieces count as. */
const STREAM_BYTES = 128 * 1024;

/** Answers of megabytes: only so many are put together at once, for until one is there nobody knows how large it is. */
const LARGE: ReadonlySet<EndpointName> = new Set([
  "getHistory",
  "getKeystore",
  "getFolders",
  "getFoldersOfType",
  "getFolder",
  "getNamedFolder",
  "getAllowlist",
  "getBlocklist",
]);
const LARGE_AT_ONCE = 16;

/** Header of the session token (protocol section 5). */
const AUTHENTICATION_HEADER = "smimp-authentication";

// What all handlers look like to the one function that calls them; `Handlers` has checked each against its entry of the table.
interface RawCall {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly caller: Caller | null;
  readonly remoteAddress: string;
  header(name: string): string | undefined;
}
type RawHandler = (call: RawCall) => Promise<Answer<unknown>> | Answer<unknown>;

/** One route: how it is registered, and what serves it. */
export interface Route {
  readonly name: EndpointName;
  readonly methods: readonly (Endpoint["method"] | "HEAD")[];
  /** Below the base, e.g. `1.0/blob/{hash}`: what logs show instead of the URL. */
  readonly path: string;
  serve(request: Request, reply: Reply, hold: Hold): Promise<Reply>;
}

/** The path of an endpoint below the base URL. */
export function pathOf(name: EndpointName): string {
  const { path } = ENDPOINTS[name];
  return name === "getVersion" ? path : `${PROTOCOL_VERSION}/${path}`;
}

/** The routes of all endpoints, made from the one table of the protocol (protocol section 12). */
export function endpointRoutes(
  handlers: Handlers,
  deps: { readonly store: Store; readonly clock: Clock; readonly limits: Limits },
): readonly Route[] {
  const { store, clock, limits } = deps;
  const gate = createGate(LARGE_AT_ONCE);
  return (Object.keys(ENDPOINTS) as EndpointName[]).map((name) => {
    const endpoint: Endpoint = ENDPOINTS[name];
    const handler = handlers[name] as unknown as RawHandler;
    const bounds = { maxBytes: maxBytesOf(name, limits), idleSeconds: limits.idleSeconds };
    return {
      name,
      // What is read as bytes can be asked about without reading it.
      methods: endpoint.answer === "bytes" ? [endpoint.method, "HEAD"] : [endpoint.method],
      path: pathOf(name),
      async serve(request, reply, hold) {
        const raw = request.raw as RawRequest;
        // Asked for now: a connection that is gone has none.
        const remoteAddress = request.ip;
        const header = (wanted: string): string | undefined => {
          // Nothing is sent that a part could be taken of.
          if (wanted === "range" && request.method === "HEAD") return undefined;
          const value = raw.headers[wanted];
          return Array.isArray(value) ? value[0] : value;
        };
        // Who calls comes before the body: nobody else's bytes are read.
        const caller =
          endpoint.caller === "anyone" ? null : await admitted(endpoint, name, authenticate(store, header(AUTHENTICATION_HEADER), clock()));
        const params = endpoint.params === undefined ? undefined : parseShape(endpoint.params, request.params);
        const query = endpoint.query === undefined ? undefined : parseShape(endpoint.query, request.query);
        const body = await bodyOf(endpoint, raw, { ...bounds, takeBody: hold.takeBody });
        const call = { params, query, body, caller, header, remoteAddress };
        const prepare = async (): Promise<Prepared> => prepared(endpoint, request.method, await handler(call), hold);
        return send(request, reply, endpoint, await (LARGE.has(name) ? gate(prepare) : prepare()), { hold, gate });
      },
    };
  });
}

/** Bytes of an endpoint's largest request body, as this server is configured. */
export function maxBytesOf(name: EndpointName, limits: Limits): number {
  if (name === "sendMessage") return limits.messageBytes;
  if (name === "putBlob") return limits.blobBytes;
  return maxBodyOf(ENDPOINTS[name]);
}

/** Whether the session is of the kind that the endpoint asks for (protocol sections 5 and 12). Throws `unauthenticated`. */
async function admitted(endpoint: Endpoint, name: EndpointName, authenticating: Promise<Caller>): Promise<Caller> {
  const caller = await authenticating;
  const { role, local } = caller;
  const fits = {
    anyone: true,
    // Ending a session is for any session.
    session: role === "master" || name === "destroySession",
    owner: role === "master" && local !== null,
    owner_or_recovery: local !== null,
  }[endpoint.caller];
  if (!fits) throw new SmimpError("unauthenticated", "this takes another kind of session");
  return caller;
}

async function bodyOf({ body, mediaType }: Endpoint, raw: RawRequest, bounds: BodyBounds): Promise<unknown> {
  if (body === undefined) return undefined;
  if (body === "bytes") return byteBody(raw, bounds, mediaType);
  return parseShape(body, await jsonBody(raw, bounds));
}

/** What an answer takes of the server, and its turn to take more. */
interface Taking {
  readonly hold: Hold;
  readonly gate: Gate;
}

/** An answer and, where it is in memory as a whole, its bytes as they travel. */
interface Prepared {
  readonly answer: Answer<unknown>;
  readonly whole: Uint8Array | null;
}

/** Memory of the answer counts until it is taken: nobody makes the server hold more than a share by asking and not reading. */
function prepared(endpoint: Endpoint, method: string, answer: Answer<unknown>, hold: Hold): Prepared {
  const { body } = answer;
  const whole = wholeOf(endpoint, body);
  try {
    const streamed = endpoint.answer === "bytes" && body !== null ? STREAM_BYTES : 0;
    hold.answerWith(method === "HEAD" ? 0 : (whole?.length ?? streamed));
  } catch (error) {
    if (body instanceof Readable) body.destroy();
    throw error;
  }
  return { answer, whole };
}

function send(request: Request, reply: Reply, endpoint: Endpoint, { answer, whole }: Prepared, taking: Taking): Reply {
  const { body, headers, status, signal } = answer;
  if (body instanceof Readable) untilOver(request, reply, () => body.destroy());
  reply.header("cache-control", NO_CACHE);
  if (headers !== undefined) reply.headers(headers);
  if (endpoint.answer === undefined || body === null) return reply.code(status ?? endpoint.status ?? 204).send();
  reply.code(status ?? endpoint.status ?? 200);
  if (!reply.hasHeader("content-type") && endpoint.answer === "bytes") reply.header("content-type", "application/octet-stream");
  if (request.method === "HEAD") {
    if (body instanceof Readable) body.destroy();
    return (whole === null ? reply : reply.header("content-length", String(whole.length))).send();
  }
  switch (endpoint.answer) {
    case "bytes":
      return reply.send(body instanceof Readable ? pieces(request, reply, body, taking.hold) : body);
    case "events":
      return reply.header("content-type", "text/event-stream").send(body);
    case "ndjson":
      return sendLines(request, reply, lines(body as AsyncIterable<unknown>, taking), { hold: taking.hold, signal });
    default:
      return reply.header("content-type", "application/json").send(whole);
  }
}

/** An answer that is in memory as a whole, as it travels; null for one that comes in pieces. */
function wholeOf({ answer }: Endpoint, body: unknown): Uint8Array | null {
  if (body instanceof Uint8Array) return body;
  if (typeof answer !== "object" || body === null) return null;
  // As bytes, for to text Fastify would add a charset, which JSON has none of.
  return Buffer.from(JSON.stringify(body));
}

/**
 * Does something with the end of the answer. Fastify sees to that for streams over HTTP/1.1 only: a stream that HTTP/2 resets, before
 * its answer begins or after, would hold a file open, or an account's share of event streams, for ever.
 */
function untilOver(request: Request, reply: Reply, end: () => void): void {
  if (isGone(request.raw)) end();
  else reply.raw.once("close", end);
}

function sendLines(
  request: Request,
  reply: Reply,
  stream: Readable,
  { hold, signal }: { readonly hold: Hold; readonly signal: AbortSignal | undefined },
): Reply {
  const breakOff = (): void => {
    // Otherwise HTTP/2 would show it as if it were whole.
    if (reply.raw.headersSent) hold.breakOff();
    stream.destroy(signal?.reason as Error);
  };
  signal?.addEventListener("abort", breakOff, { once: true });
  untilOver(request, reply, () => stream.destroy());
  return reply.header("content-type", "application/x-ndjson").send(stream);
}

/** Bytes as fast as they are taken, which mustn't be too slowly. */
function pieces(request: Request, reply: Reply, source: Readable, hold: Hold): Readable {
  const watched = Readable.from(
    (async function* () {
      for await (const piece of source as AsyncIterable<Uint8Array>) {
        hold.expect(piece.length);
        yield piece;
      }
    })(),
    { objectMode: false },
  );
  untilOver(request, reply, () => watched.destroy());
  return watched;
}

/** One line after the other, as fast as they are taken: a hundred large messages are never one text. */
function lines(values: AsyncIterable<unknown>, { hold, gate }: Taking): Readable {
  return Readable.from(
    (async function* () {
      const source = values[Symbol.asyncIterator]();
      const next = async (): Promise<Buffer | null> => {
        const { done, value } = await source.next();
        if (done === true) return null;
        const line = Buffer.from(`${JSON.stringify(value)}\n`);
        hold.share.add(line.length);
        return line;
      };
      try {
        for (let line = await gate(next); line !== null; line = await gate(next)) {
          hold.expect(line.length);
          yield line;
          hold.share.add(-line.length);
        }
      } finally {
        await source.return?.();
      }
    })(),
    { objectMode: false },
  );
}

import { Readable } from "node:stream";
import type { Socket } from "node:net";
import { isSmimpError, SmimpError } from "@smimp/protocol";
import { Agent, buildConnector, errors, type Dispatcher } from "undici";
import { loopbackTarget, type DevelopmentNetwork } from "./development-network.ts";
import type { Fetch, FetchInit, FetchResponse } from "./fetch.ts";
import { isPublicAddress } from "./public-address.ts";
import { lookup as systemLookup, openSocket, type Lookup } from "./public-socket.ts";

export { parseDevelopmentNetwork, readDevelopmentNetwork, type DevelopmentNetwork } from "./development-network.ts";
export { isPublicAddress } from "./public-address.ts";
export type { Lookup } from "./public-socket.ts";

/** Defaults: seconds until a connection stands, until the headers of an answer are there, and between two pieces of it. */
export const CONNECT_SECONDS = 5;
export const HEADERS_SECONDS = 30;
/** Three of the comment lines that keep an event stream alive (protocol section 12). */
export const IDLE_SECONDS = 90;
/** Connections to one origin, each for one request at a time; a stream of events has one to itself. */
export const CONNECTIONS_PER_ORIGIN = 8;
/** Bytes of an answer's headers. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Seconds that a connection without requests stays open. */
const KEEP_ALIVE_SECONDS = 30;

/** How a guarded fetch is bounded; size and time as a whole are bounded per request by `exchange`. */
export interface GuardedFetchOptions {
  /** Names that are on this machine; nothing else lifts the rule that requests go to public addresses. */
  readonly developmentNetwork?: DevelopmentNetwork;
  readonly connectSeconds?: number;
  readonly headersSeconds?: number;
  readonly idleSeconds?: number;
  readonly connectionsPerOrigin?: number;
  /** The name look-up, the system's unless given. */
  readonly lookup?: Lookup;
}

/** A fetch that only goes where it may; `close` ends its connections. */
export type GuardedFetch = Fetch & { close(): Promise<void> };

/**
 * How Node sends every request (protocol sections 2 and 5): HTTPS with TLS 1.3 and a valid certificate, to public
 * addresses, checked on the address connected to; no redirects, no compression; bounded in time and connections.
 * A call throws `insecure_transport` before anything is sent where one of these doesn't hold,
 * `temporarily_unavailable` where the server can't be reached in time, and the signal's reason once it is aborted.
 */
export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const agent = new Agent({
    connect: guardedConnector(options),
    connections: options.connectionsPerOrigin ?? CONNECTIONS_PER_ORIGIN,
    headersTimeout: (options.headersSeconds ?? HEADERS_SECONDS) * 1000,
    bodyTimeout: (options.idleSeconds ?? IDLE_SECONDS) * 1000,
    keepAliveTimeout: KEEP_ALIVE_SECONDS * 1000,
    maxHeaderSize: MAX_HEADER_BYTES,
    // Over HTTP/2 an upload that is broken off while its answer comes ends the program, or never lets it end.
    allowH2: false,
  });
  const guarded = async (url: string, init: FetchInit): Promise<FetchResponse> => {
    const { origin, path, host } = target(url);
    try {
      return toResponse(
        await agent.request({
          origin,
          path,
          method: init.method ?? "GET",
          // What isn't asked for compressed and is refused when it comes so can't be a bomb.
          headers: { ...init.headers, "accept-encoding": "identity" },
          body: bodyOf(init),
          signal: init.signal ?? null,
        }),
        host,
      );
    } catch (error) {
      throw toSmimpError(error, host, init.signal);
    }
  };
  return Object.assign(guarded, { close: async () => await agent.destroy() });
}

function target(url: string): { origin: string; path: string; host: string } {
  const { protocol, origin, pathname, search, hostname, username, password } = new URL(url);
  if (protocol !== "https:") throw new SmimpError("insecure_transport", `${hostname} would be reached without encryption`);
  if (username !== "" || password !== "") throw new TypeError("a URL must not hold a user or password");
  return { origin, path: pathname + search, host: hostname };
}

function bodyOf({ body }: FetchInit): string | Uint8Array | Readable | null {
  if (body === undefined) return null;
  return typeof body === "string" || body instanceof Uint8Array ? body : Readable.from(body, { objectMode: false });
}

function toResponse({ statusCode, headers, body }: Dispatcher.ResponseData, host: string): FetchResponse {
  const one = (name: string): string | null => {
    const value = headers[name.toLowerCase()];
    return value === undefined ? null : Array.isArray(value) ? value.join(", ") : value;
  };
  const encoding = one("content-encoding");
  if (encoding !== null && encoding.toLowerCase() !== "identity") {
    body.on("error", () => undefined).destroy();
    throw new SmimpError("temporarily_unavailable", `${host} answered compressed, which was not asked for`);
  }
  return { status: statusCode, headers: { get: one }, body: checked(body, host) };
}

// Not a generator: one that was never started would not end the answer when it is given up.
function checked(body: Readable, host: string): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const pieces = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
      return {
        async next() {
          try {
            return await pieces.next();
          } catch (error) {
            throw toSmimpError(error, host);
          }
        },
        async return() {
          body.on("error", () => undefined).destroy();
          return await Promise.resolve({ done: true, value: undefined });
        },
      };
    },
  };
}

function toSmimpError(error: unknown, host: string, signal?: AbortSignal): unknown {
  if (isSmimpError(error) || error instanceof TypeError) return error;
  if (signal?.aborted === true) return signal.reason;
  if (error instanceof Error && error.name === "AbortError") return error;
  const late = error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError;
  return new SmimpError("temporarily_unavailable", late ? `${host} answers too slowly` : `${host} broke off the connection`, {
    cause: error,
  });
}

/** Opens the connection itself and leaves undici only the TLS on top of it. */
function guardedConnector(options: GuardedFetchOptions): buildConnector.connector {
  const { developmentNetwork, lookup = systemLookup } = options;
  const milliseconds = (options.connectSeconds ?? CONNECT_SECONDS) * 1000;
  const tls = {
    minVersion: "TLSv1.3",
    // Said aloud, because an environment variable could turn it off otherwise.
    rejectUnauthorized: true,
    // A resumed session would be one whose certificate nobody looked at today.
    maxCachedSessions: 0,
    timeout: milliseconds,
    allowH2: false,
  } as const;
  const connectPublic = buildConnector(tls);
  const connectLocal = developmentNetwork === undefined ? connectPublic : buildConnector({ ...tls, ca: developmentNetwork.ca });

  return (request, done) => {
    if (request.protocol !== "https:") return done(new SmimpError("insecure_transport", "a connection without encryption"), null);
    const host = request.hostname.replace(/^\[|\]$/g, "");
    const port = Number(request.port || 443);
    const local = loopbackTarget(developmentNetwork, host, port);
    const signal = AbortSignal.timeout(milliseconds);
    const opening =
      local === null
        ? openSocket({ host, port }, { lookup, allowed: isPublicAddress, signal })
        : openSocket({ host: local.address, port: local.port }, { lookup, allowed: (address) => address === local.address, signal });
    opening.then(
      (socket) => {
        (local === null ? connectPublic : connectLocal)({ ...request, servername: host, httpSocket: socket }, (error, secured) => {
          if (error === null) return done(null, secured);
          abandon(socket);
          done(tlsFault(error, host), null);
        });
      },
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

function abandon(socket: Socket): void {
  socket.on("error", () => undefined);
  socket.destroy();
}

const NETWORK_FAULTS = new Set([
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

// What fails between the open connection and the first byte of a request is the certificate or TLS itself, but for a
// line that breaks there by chance.
function tlsFault(error: Error, host: string): SmimpError {
  const { code = "" } = error as NodeJS.ErrnoException;
  if (NETWORK_FAULTS.has(code)) return new SmimpError("temporarily_unavailable", `${host} can't be reached`, { cause: error });
  return new SmimpError("insecure_transport", `the certificate or encryption of ${host} is not valid (${code || "TLS"})`, { cause: error });
}

import { SmimpError, statusOf } from "@smimp/protocol";
import Fastify, { type FastifyHttp2SecureOptions, type FastifyInstance } from "fastify";
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse, SecureServerOptions } from "node:http2";
import type { Certificates } from "../certificates/certificates.ts";
import type { Services } from "../services.ts";
import { createBodyBudget } from "./body-budget.ts";
import { trackConnections } from "./connections.ts";
import type { Handlers } from "./endpoint.ts";
import type { Reply, Request } from "./fastify-types.ts";
import { COMMON_HEADERS, PREFLIGHT_HEADERS } from "./headers.ts";
import { beginHold, type Hold } from "./hold.ts";
import { asProblem, sendProblem } from "./problem.ts";
import { stopSending, type RawRequest } from "./request-body.ts";
import { endpointRoutes, PROTOCOL_VERSION } from "./routes.ts";
import { siteRoutes } from "./site.ts";
import { trustedProxies } from "./trusted-proxies.ts";
import { countUnderWay } from "./under-way.ts";
import { watchUnreadable } from "./unreadable.ts";

/** Characters of the longest path parameter: an address, every character of it escaped. */
const MAX_PARAM_LENGTH = 1_024;
/** Bytes of a request's headers. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Milliseconds for a TLS handshake. */
const HANDSHAKE_MILLISECONDS = 10_000;
/** Bytes of memory that any peer may hold, however much others do. */
const LEAST_SHARE_BYTES = 256 * 1024;

/** Where requests are led, so that a base URL's own path, whatever characters it holds, is never part of a pattern. */
const INSIDE = "/base/";
const OUTSIDE = "/outside";
/** The one path that belongs to the host and not to the base URL (protocol section 2). */
const WELL_KNOWN = "/.well-known/smimp.txt";

type SecureApp = FastifyInstance<Http2SecureServer, Http2ServerRequest, Http2ServerResponse>;

/** A server that can listen. */
export interface HttpServer {
  /** Resolves with the port. */
  listen(): Promise<number>;
  /** Lets requests under way end, ends event streams, closes every connection. */
  close(): Promise<void>;
}

/** Builds the one server of a base URL: endpoints, smimp.txt, pages, health, and errors as problem documents. */
export function createHttpServer(
  services: Pick<Services, "settings" | "store" | "clock" | "log" | "bus">,
  handlers: Handlers,
  certificates: Pick<Certificates, "options" | "follow">,
): HttpServer {
  const { settings, store, clock, log, bus } = services;
  const { baseUrl, limits, listen } = settings;
  const basePath = new URL(baseUrl).pathname;
  const tls: SecureServerOptions = {
    allowHTTP1: true,
    ...certificates.options,
    handshakeTimeout: HANDSHAKE_MILLISECONDS,
    settings: { maxConcurrentStreams: limits.streamsPerConnection, maxHeaderListSize: MAX_HEADER_BYTES },
  };
  const isProxy = "proxy" in settings.tls ? trustedProxies(settings.tls.proxy.from) : null;
  const unreadable = watchUnreadable(() => app.server);
  const app = createApp(isProxy === null ? tls : null, {
    logger: false,
    // Who stands behind a proxy that is trusted, as that one says.
    trustProxy: isProxy ?? false,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    rewriteUrl: (request) => leadTo(request.url ?? "/", basePath),
    frameworkErrors: (error, _request, reply) => {
      reply.headers(COMMON_HEADERS);
      void sendProblem(reply, asProblem(error, log));
    },
    clientErrorHandler: (error, socket) => unreadable.refuse(error, socket),
  });
  unreadable.watch();
  // Node would answer both without a problem document: the first is refused below, the second, which nobody has to know, is passed over.
  Object.assign(app.server, { requireHostHeader: false });
  app.server.on("checkExpectation", (request, response) => void app.server.emit("request", request, response));
  const connections = trackConnections(app.server, limits, isProxy);
  const budget = createBodyBudget({ total: limits.bodyBytes, peer: limits.bodyBytesPerPeer, least: LEAST_SHARE_BYTES });
  const underWay = isProxy === null ? null : countUnderWay(limits.connectionsPerAddress);
  const problems = new WeakMap<Request, string>();
  const holds = new WeakMap<Request, Hold>();
  let draining = false;

  // Bodies are read by the endpoints themselves, within their own bounds.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers(COMMON_HEADERS);
    reply.raw.once("close", connections.begin());
    try {
      if (underWay !== null) reply.raw.once("close", underWay.begin(request.ip));
      holds.set(request, beginHold(request, reply, budget, limits.stallSeconds));
    } catch (error) {
      // Without a body: whoever has so many open and reads none of them would not take that one either.
      const { code, retryAfter = 1 } = asProblem(error, log);
      problems.set(request, code);
      reply.code(statusOf(code)).header("retry-after", String(retryAfter)).send();
      return;
    }
    if (!isHttp(request.raw)) return done(new SmimpError("bad_request", "this is no HTTP that is spoken here"));
    // HTTP/2 is told once for the whole connection; here each answer says that it is the last.
    if (draining && request.raw.httpVersionMajor === 1) reply.header("connection", "close");
    if (request.method !== "OPTIONS") return done();
    reply.code(204).headers(PREFLIGHT_HEADERS).send();
  });
  app.addHook("onSend", (request, _reply, payload, done) => {
    if (typeof payload === "string" || payload instanceof Uint8Array) holds.get(request)?.expect(payload.length);
    done();
  });
  const holdOf = (request: Request): Hold => {
    const hold = holds.get(request);
    if (hold === undefined) throw new TypeError("every request that is served has a hold");
    return hold;
  };
  const refuse = (error: unknown, request: Request, reply: Reply): Reply => {
    const problem = asProblem(error, log);
    problems.set(request, problem.code);
    // Once more: what Fastify turns away by itself has seen no hook.
    return sendProblem(reply.headers(COMMON_HEADERS), problem);
  };
  app.addHook("onResponse", (request, reply, done) => {
    stopSending(request.raw, limits.idleSeconds);
    // The route's pattern, never the URL, which may hold a ticket.
    const { route = "unknown" } = request.routeOptions.config as RouteNotes;
    const code = problems.get(request);
    const ms = Math.round(reply.elapsedTime * 10) / 10;
    log.info({ method: request.method, route, status: reply.statusCode, ms, ...(code === undefined ? {} : { code }) }, "request");
    done();
  });
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply));
  app.setNotFoundHandler((request, reply) => refuse(unknownPath(request.url), request, reply));

  const routes = [
    ...endpointRoutes(handlers, { store, clock, limits }).map((route) => ({ ...route, inside: true })),
    ...siteRoutes({ settings, store, isDraining: () => draining }),
  ];
  for (const { methods, path, inside, serve } of routes) {
    app.route({
      method: [...methods],
      url: inside ? `${INSIDE}${path.replace(/\{([a-z_]+)\}/g, ":$1")}` : `/${path}`,
      config: { route: path } satisfies RouteNotes,
      handler: (request, reply) => serve(request, reply, holdOf(request)),
    });
  }

  return {
    async listen() {
      await app.listen({ host: listen.host, port: listen.port });
      await certificates.follow(app.server);
      const address = app.server.address();
      return typeof address === "object" && address !== null ? address.port : listen.port;
    },
    async close() {
      draining = true;
      bus.close();
      await connections.drain();
      await app.close();
    },
  };
}

/** HTTP/2 and HTTP/1.1 over TLS; without it HTTP/1.1 alone, whose requests and answers have the same members that are used here. */
function createApp(
  tls: SecureServerOptions | null,
  options: Omit<FastifyHttp2SecureOptions<Http2SecureServer>, "http2" | "https">,
): SecureApp {
  return tls === null ? (Fastify(options as object) as unknown as SecureApp) : Fastify({ ...options, http2: true, https: tls });
}

/** Whether a request says what it must: Node's parser also takes HTTP/0.9, HTTP/2.0 as text, and HTTP/1.1 without a host. */
function isHttp(request: RawRequest): boolean {
  if ("stream" in request || request.httpVersion === "1.0") return true;
  return request.httpVersion === "1.1" && request.headers.host !== undefined;
}

/** What a route carries for the log. */
interface RouteNotes {
  readonly route?: string;
}

function leadTo(url: string, basePath: string): string {
  const [path = ""] = url.split("?", 1);
  if (path === WELL_KNOWN) return url;
  return url.startsWith(basePath) ? `${INSIDE}${url.slice(basePath.length)}` : OUTSIDE;
}

/** The problem of a path that leads nowhere: another version of the protocol is told apart (protocol section 10). */
function unknownPath(url: string): SmimpError {
  const version = /^\/base\/([0-9]+\.[0-9]+)(?:\/|$|\?)/.exec(url)?.[1];
  if (version !== undefined && version !== PROTOCOL_VERSION) {
    return new SmimpError("unsupported_version", `this server speaks SMIMP ${PROTOCOL_VERSION}`);
  }
  return new SmimpError("not_found", "there is nothing here");
}

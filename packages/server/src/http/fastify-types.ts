import type { FastifyReply, FastifyRequest, RouteGenericInterface } from "fastify";
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from "node:http2";

/** Fastify's request as this server has it; over HTTP/1.1 `raw` is an IncomingMessage with the same members that are used here. */
export type Request = FastifyRequest<RouteGenericInterface, Http2SecureServer, Http2ServerRequest>;
/** Fastify's reply as this server has it. */
export type Reply = FastifyReply<RouteGenericInterface, Http2SecureServer, Http2ServerRequest, Http2ServerResponse>;

import { statusOf, type ProblemCode } from "@smimp/protocol";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Socket } from "node:net";
import { COMMON_HEADERS } from "./headers.ts";
import { problemBytes, PROBLEM_TYPE } from "./problem.ts";

/** Milliseconds for which what still comes is thrown away, so that the answer is not lost with a connection that is reset. */
const LINGER_MILLISECONDS = 1_000;
/** What Node's parser says where a head, or what stands between chunks, is longer than anybody needs. */
const TOO_LONG = new Set(["HPE_HEADER_OVERFLOW", "HPE_CHUNK_EXTENSIONS_OVERFLOW"]);

/** The last request of a connection, and its answer. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Takes over a connection on which something came that is no HTTP/1.1. */
export type RefuseUnreadable = (error: Error, socket: Socket) => void;

/**
 * Answers what is no HTTP/1.1 with a problem document where the answer can't be taken for another request's, and ends the connection in
 * any case: nobody can tell where the next request would begin. Nothing behind is read.
 */
export function watchUnreadable(server: () => Http2SecureServer): { readonly refuse: RefuseUnreadable; watch(): void } {
  const exchanges = new WeakMap<Socket, Exchange>();
  const refused = new WeakSet<Socket>();
  return {
    watch: () =>
      void server().on("request", (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) => {
        if (!("stream" in request)) exchanges.set(request.socket, { request, response: response as ServerResponse });
      }),
    refuse: (error, socket) => {
      // What still came while the answer is on its way.
      if (refused.has(socket)) return;
      refused.add(socket);
      socket.removeAllListeners("data").on("data", () => undefined);
      // Behind a request that said it was the last one: what it asked for is answered all the same.
      if (hasCode(error, "HPE_CLOSED_CONNECTION")) return;
      const code = codeOf(error);
      const answer = code === null || !socket.writable ? null : answerAfter(exchanges.get(socket), code);
      if (answer === null) return void socket.destroy();
      socket.end(answer);
      setTimeout(() => socket.destroy(), LINGER_MILLISECONDS).unref();
    },
  };
}

/** The code of what came; null for a connection that is gone, or on which nothing came for too long. */
function codeOf(error: Error): ProblemCode | null {
  const code = "code" in error ? String(error.code) : "";
  if (TOO_LONG.has(code)) return "too_large";
  return code.startsWith("HPE_") ? "bad_request" : null;
}

function hasCode(error: Error, code: string): boolean {
  return "code" in error && error.code === code;
}

/** What is still to be said on a connection: nothing more where the request that can't be read was answered; null where another waits for its answer. */
function answerAfter(last: Exchange | undefined, code: ProblemCode): Uint8Array | null {
  if (last === undefined) return unreadable(code);
  const { request, response } = last;
  if (request.complete) return response.writableFinished ? unreadable(code) : null;
  // It is this one's body that can't be read.
  if (!response.headersSent) return unreadable(code);
  return response.writableFinished ? new Uint8Array() : null;
}

function unreadable(code: ProblemCode): Uint8Array {
  const status = statusOf(code);
  const body = problemBytes(code, code === "too_large" ? "the request's head is too long" : "this is no HTTP/1.1");
  const headers = { ...COMMON_HEADERS, "content-type": PROBLEM_TYPE, "content-length": String(body.length), connection: "close" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status} ${status === 413 ? "Content Too Large" : "Bad Request"}\r\n${lines.join("")}\r\n`),
    body,
  ]);
}

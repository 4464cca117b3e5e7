import { gzipSync } from "node:zlib";
import type { Answer } from "./peer.ts";

/** Answers every request with that body. */
export function body(content: string | Uint8Array, type = "text/plain", status = 200): Answer {
  return (_request, response) => {
    response.writeHead(status, { "content-type": type });
    response.end(content);
  };
}

/** Answers every request with JSON. */
export function json(content: unknown, status = 200): Answer {
  return body(JSON.stringify(content), "application/json", status);
}

/** Answers by path; another path is 404. */
export function paths(answers: Readonly<Record<string, Answer>>): Answer {
  return (request, response) => (answers[decodeURIComponent(request.url ?? "")] ?? body("", "text/plain", 404))(request, response);
}

/** Sends the client elsewhere. */
export function redirect(to: string, status: 301 | 302 | 303 | 307 | 308 = 302): Answer {
  return (_request, response) => {
    response.writeHead(status, { location: to });
    response.end();
  };
}

/** Takes the request and never says a word. */
export const silence: Answer = () => undefined;

/** Closes the connection in the middle of an answer that was announced as longer. */
export const cut: Answer = (_request, response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "100000" });
  response.write("{");
  response.socket?.end();
};

/** Gives one byte each `everyMs` milliseconds and never comes to an end: every read succeeds, the whole never does. */
export function drip(everyMs = 50): Answer {
  return (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const timer = setInterval(() => response.write(" "), everyMs);
    response.on("close", () => clearInterval(timer));
  };
}

/** Drips header lines instead of a body, so that not even a status ever arrives. */
export function dripHeaders(everyMs = 50): Answer {
  return (request) => {
    request.socket.write("HTTP/1.1 200 OK\r\n");
    let line = 0;
    const timer = setInterval(() => request.socket.write(`x-${line++}: 0\r\n`), everyMs);
    request.socket.on("close", () => clearInterval(timer));
  };
}

const ENDLESS_CHUNK_BYTES = 64 * 1024;

/** As fast as the line carries, without end. */
export const endless: Answer = (_request, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  const chunk = Buffer.alloc(ENDLESS_CHUNK_BYTES, 0x20);
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on("drain", more);
  more();
};

/** A small compressed answer that unpacks to `bytes` of white space; marked as gzip whether the client asked for it or not. */
export function bomb(bytes = 512 * 1024 * 1024): Answer {
  // Two layers of one member each would not be opened by HTTP clients; many members in a row are.
  const member = gzipSync(Buffer.alloc(Math.min(bytes, 16 * 1024 * 1024), 0x20), { level: 9 });
  const members = Math.ceil(bytes / (16 * 1024 * 1024));
  return (_request, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
    for (let i = 0; i < members; i++) response.write(member);
    response.end();
  };
}

/** Headers far larger than anyone needs. */
export function hugeHeaders(bytes = 1024 * 1024): Answer {
  return (request) => {
    request.socket.write(`HTTP/1.1 200 OK\r\nx-padding: ${"a".repeat(bytes)}\r\ncontent-length: 0\r\n\r\n`);
  };
}

/** JSON nested so deeply that a careless parser runs out of stack. */
export function deepJson(depth = 100_000): Answer {
  return body("[".repeat(depth) + "]".repeat(depth), "application/json");
}

import { once } from "node:events";
import { createServer as createPlainServer } from "node:http";
import { createServer, type Server } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { KeyAndCertificate } from "../authority.ts";

/** How a peer answers one request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A peer that may do anything: a real HTTPS server on loopback. */
export interface Peer {
  /** `127.0.0.1:PORT`, as a development network names it. */
  readonly address: string;
  /** Requests that arrived, `GET /path`, in order; the way to show that nothing was sent. */
  readonly requests: readonly string[];
  /** TCP connections that were opened, whether a handshake followed or not. */
  connections(): number;
  /** Bytes that were written to all connections; the way to show that an endless answer was cut. */
  bytesWritten(): number;
  /** Answers differently from now on. */
  answer(answer: Answer): void;
  close(): Promise<void>;
}

/** Milliseconds that a connection may wait for its next request. */
const KEEP_ALIVE_MILLISECONDS = 75_000;

/** Starts a peer with that certificate; without one it speaks plain HTTP, which nobody may answer to. */
export async function startPeer(certificate: KeyAndCertificate | null, answer: Answer): Promise<Peer> {
  let current = answer;
  const requests: string[] = [];
  const sockets = new Set<import("node:net").Socket>();
  let connections = 0;
  let written = 0;
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(`${request.method} ${request.url}`);
    request.on("error", () => response.destroy());
    response.on("error", () => response.destroy());
    current(request, response);
  };
  const server: Server | ReturnType<typeof createPlainServer> =
    certificate === null
      ? createPlainServer(listener)
      : createServer({ key: certificate.key, cert: certificate.certificate, minVersion: "TLSv1.3" }, listener);
  // As servers of SMIMP have it: one that is ended just when it is used again would look like a fault.
  server.keepAliveTimeout = KEEP_ALIVE_MILLISECONDS;
  server.on("connection", (socket) => {
    connections++;
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      written += socket.bytesWritten;
      sockets.delete(socket);
    });
  });
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    address: `127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    bytesWritten: () => [...sockets].reduce((sum, socket) => sum + socket.bytesWritten, written),
    answer: (next) => {
      current = next;
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

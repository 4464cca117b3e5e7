import type { Http2SecureServer, ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import { peerOf } from "../accept/ip-prefix.ts";
import type { Limits } from "../bounds.ts";

/** Milliseconds that connections without requests are given to end by themselves when the server closes. */
const GOODBYE_MILLISECONDS = 250;
/** Seconds without any traffic after which a connection ends: three comment lines of an event stream. */
const CONNECTION_IDLE_SECONDS = 100;
/** Seconds that an HTTP/1.1 connection may wait for its next request. */
const KEEP_ALIVE_SECONDS = 75;

/** The open connections of a server. */
export interface Connections {
  /** A request began; the returned function ends it. */
  begin(): () => void;
  /** Refuses new connections, tells those that stand to send no further requests, waits for what is under way, and closes what is left. */
  drain(): Promise<void>;
}

/** Bounds a server's connections, in number and idle time, and keeps them for a graceful end. */
export function trackConnections(server: Http2SecureServer, limits: Limits): Connections {
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  const perAddress = new Map<string, number>();
  let running = 0;
  let closing = false;
  let allDone: (() => void) | null = null;

  server.maxConnections = limits.connections;
  // These five govern HTTP/1.1; bodies have bounds of their own (request-body.ts). Without the first, who asks and never
  // reads the answer would keep his connection for ever.
  Object.assign(server, {
    timeout: CONNECTION_IDLE_SECONDS * 1000,
    headersTimeout: limits.headerSeconds * 1000,
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_SECONDS * 1000,
    maxRequestsPerSocket: 0,
  });

  server.on("connection", (socket: Socket) => {
    const address = peerOf(socket.remoteAddress ?? "");
    const count = (perAddress.get(address) ?? 0) + 1;
    if (closing || count > limits.connectionsPerAddress) {
      socket.destroy();
      return;
    }
    perAddress.set(address, count);
    sockets.add(socket);
    // As Node's own HTTP/1.1 servers do it: a body must not wait for the receipt of its head, some 40 milliseconds.
    socket.setNoDelay(true);
    socket.once("close", () => {
      sockets.delete(socket);
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left === 0) perAddress.delete(address);
      else perAddress.set(address, left);
    });
  });
  server.on("session", (session: ServerHttp2Session) => {
    sessions.add(session);
    session.setTimeout(CONNECTION_IDLE_SECONDS * 1000, () => session.destroy());
    session.on("error", () => session.destroy());
    session.once("close", () => sessions.delete(session));
  });
  // A peer that breaks off the handshake is nobody's error.
  server.on("tlsClientError", () => undefined);

  return {
    begin() {
      running++;
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        if (--running === 0) allDone?.();
      };
    },
    async drain() {
      closing = true;
      // At once, so that a client takes its next request elsewhere: GOAWAY goes out, and the streams that are open go on.
      const goodbyes = [...sessions].map((session) => new Promise<void>((resolve) => session.close(resolve)));
      if (running > 0) await within(new Promise<void>((resolve) => void (allDone = resolve)), limits.drainSeconds * 1000);
      await within(Promise.all(goodbyes), GOODBYE_MILLISECONDS);
      for (const session of sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function within(work: Promise<unknown>, milliseconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}

import type { Http2SecureServer, ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import { peerOf } from "../accept/ip-prefix.ts";
import { ACME_TLS } from "../certificates/challenges.ts";
import type { Limits } from "../bounds.ts";

/** Milliseconds that connections without requests are given to end by themselves when the server closes. */
const GOODBYE_MILLISECONDS = 250;
/** Seconds that an HTTP/1.1 connection may wait for its next request. */
const KEEP_ALIVE_SECONDS = 75;

/** The open connections of a server. */
export interface Connections {
  /** A request began; the returned function ends it. */
  begin(): () => void;
  /** Refuses new connections, tells those that stand to send no further requests, waits for what is under way, and closes what is left. */
  drain(): Promise<void>;
}

/** Bounds a server's connections, in number and idle time, and keeps them for a graceful end. `isProxy`: nobody else may connect. */
export function trackConnections(
  server: Http2SecureServer,
  limits: Limits,
  isProxy: ((address: string) => boolean) | null = null,
): Connections {
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  const byPeer = new Map<string, Set<Socket>>();
  let running = 0;
  let closing = false;
  let allDone: (() => void) | null = null;

  // Where all are taken it is decided below who gives way; this is for what comes faster than that.
  server.maxConnections = 2 * limits.connections;
  // These five govern HTTP/1.1; bodies have bounds of their own (request-body.ts). Without the first, who asks and never
  // reads the answer would keep his connection for ever.
  Object.assign(server, {
    timeout: limits.stallSeconds * 1000,
    headersTimeout: limits.headerSeconds * 1000,
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_SECONDS * 1000,
    maxRequestsPerSocket: 0,
  });

  /** Ends the longest connection of the peer that has the most, where that is more than a newcomer would have: a few can't take all. */
  function makeRoom(newcomers: number): boolean {
    let most: ReadonlySet<Socket> = new Set();
    for (const theirs of byPeer.values()) if (theirs.size > most.size) most = theirs;
    const [longest] = most;
    if (longest === undefined || most.size <= newcomers + 1) return false;
    longest.destroy();
    return true;
  }

  server.on("connection", (socket: Socket) => {
    const peer = peerOf(socket.remoteAddress ?? "");
    const theirs = byPeer.get(peer) ?? new Set();
    const full = sockets.size >= limits.connections;
    // A proxy's connections are everybody's; and behind one that is to be trusted nobody else has anything to say, unencrypted.
    const most = isProxy === null ? limits.connectionsPerAddress : isProxy(socket.remoteAddress ?? "") ? limits.connections : 0;
    if (closing || theirs.size >= most || (full && !makeRoom(theirs.size))) {
      socket.destroy();
      return;
    }
    byPeer.set(peer, theirs.add(socket));
    sockets.add(socket);
    // As Node's own HTTP/1.1 servers do it: a body must not wait for the receipt of its head, some 40 milliseconds.
    socket.setNoDelay(true);
    socket.once("close", () => {
      sockets.delete(socket);
      theirs.delete(socket);
      if (theirs.size === 0) byPeer.delete(peer);
    });
  });
  server.on("session", (session: ServerHttp2Session) => {
    sessions.add(session);
    session.setTimeout(limits.stallSeconds * 1000, () => session.destroy());
    session.on("error", () => session.destroy());
    session.once("close", () => sessions.delete(session));
  });
  // An authority that asks for proof has it with the handshake.
  server.on("secureConnection", (socket) => {
    if (socket.alpnProtocol === ACME_TLS) socket.destroy();
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

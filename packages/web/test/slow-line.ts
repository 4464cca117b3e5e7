import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

// A slow line on loopback: connections to servers lead through it, so whatever a browser fetches, in a page or in a worker of a worker,
// is as slow as on the line, and is counted.

/** How slow a line is. */
export interface LineProfile {
  readonly name: string;
  /** Bits a second, to the browser and from it. */
  readonly down: number;
  readonly up: number;
  /** Milliseconds from one end to the other and back. */
  readonly roundTrip: number;
}

/** WebPageTest's and Lighthouse's "3G Fast". Each exchange of packets has its round trip, as on a line, so that a new connection costs three. */
export const FAST_3G: LineProfile = { name: "3G Fast", down: 1_600_000, up: 768_000, roundTrip: 150 };

/** A line that servers stand behind. */
export interface SlowLine {
  /** Where each host is found from the browser's side. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Whether it is as slow as its profile; until this is called it is as quick as loopback. */
  slow(isSlow: boolean): void;
  /** Ends all connections, as a network that was left. */
  drop(): void;
  /** Bytes that went to the browser so far, with everything that TLS and HTTP put around them. */
  bytes(): number;
  close(): Promise<void>;
}

/** Bytes of a packet; pieces of connections that are busy at once take turns. */
const PACKET = 1_460;
/** Packets that a server sends on a new connection before it has heard of the first one; twice as many with each round trip. */
const FIRST_WINDOW = 10 * PACKET;
/** As far as that goes. */
const LARGEST_WINDOW = 256 * 1_024;
/** Bytes of a connection that wait at the line's end before its sender is held up. */
const WAITING = 64 * 1_024;

/** Milliseconds that a connection stays open after one end has left it. */
const GOODBYE = 2_000;

/** Lays a line before these hosts: host name to `127.0.0.1:PORT`. */
export async function laySlowLine(profile: LineProfile, behind: Readonly<Record<string, string>>): Promise<SlowLine> {
  const connections = new Set<Socket>();
  const state = { isSlow: false, bytes: 0 };
  const down = direction(profile.down, profile.roundTrip / 2, state);
  const up = direction(profile.up, profile.roundTrip / 2, state);
  const servers: Server[] = [];
  const hosts: Record<string, string> = {};

  function join(near: Socket, address: string): void {
    const [host = "", port = ""] = address.split(":");
    const far = connect({ host, port: Number(port), noDelay: true });
    near.setNoDelay(true);
    // Packets that open a connection go there and back before the first byte does.
    const openAt = performance.now() + (state.isSlow ? profile.roundTrip : 0);
    up.lead(near, far, openAt, () => undefined);
    down.lead(far, near, openAt, (length) => (state.bytes += length));
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      connections.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        connections.delete(socket);
        // What is still on its way arrives.
        setTimeout(() => other.destroy(), state.isSlow ? GOODBYE : 0).unref();
      });
    }
  }

  for (const [host, address] of Object.entries(behind)) {
    const server = createServer((socket) => join(socket, address));
    // oxlint-disable-next-line no-await-in-loop -- a few of them
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    servers.push(server);
    hosts[host] = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const drop = (): void => {
    for (const socket of connections) socket.destroy();
  };
  return {
    hosts,
    slow: (isSlow) => void (state.isSlow = isSlow),
    drop,
    bytes: () => state.bytes,
    close: async () => {
      drop();
      await Promise.all(servers.map(async (server) => await new Promise((resolve) => server.close(resolve))));
    },
  };
}

interface Direction {
  /** Leads what one socket says to the other one; the first byte of it not before a moment of `performance.now()`. */
  lead(from: Socket, to: Socket, openAt: number, count: (length: number) => void): void;
}

/** One direction of a line, which all connections share. */
function direction(bitsPerSecond: number, delay: number, state: { readonly isSlow: boolean }): Direction {
  const lanes: Lane[] = [];
  let freeAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function pump(): void {
    clearTimeout(timer);
    const now = performance.now();
    freeAt = Math.max(freeAt, now - 20);
    while (freeAt <= now) {
      const lane = lanes.find((each) => each.mayGo(now));
      if (lane === undefined) break;
      // Whoever had its turn stands last.
      lanes.push(...lanes.splice(lanes.indexOf(lane), 1));
      freeAt += (lane.send(freeAt) * 8_000) / bitsPerSecond;
    }
    const next = Math.max(freeAt, Math.min(...lanes.map((each) => each.nextAt())));
    if (Number.isFinite(next)) timer = setTimeout(pump, Math.max(1, next - performance.now()));
  }

  return {
    lead: (from, to, openAt, count) => {
      const lane = createLane({ from, to, openAt, delay, count });
      lanes.push(lane);
      from.on("data", (bytes: Buffer) => {
        if (!state.isSlow && lane.isEmpty()) {
          count(bytes.length);
          return void to.write(bytes);
        }
        lane.take(bytes);
        pump();
      });
      from.on("close", () => void lanes.splice(lanes.indexOf(lane), 1));
    },
  };
}

interface Lane {
  /** Nothing waits, and nothing is on its way. */
  isEmpty(): boolean;
  take(bytes: Buffer): void;
  mayGo(now: number): boolean;
  /** When it can go on at the earliest; Infinity where nothing waits. */
  nextAt(): number;
  /** Sends a packet; returns its bytes. */
  send(at: number): number;
}

interface LaneParts {
  readonly from: Socket;
  readonly to: Socket;
  readonly openAt: number;
  readonly delay: number;
  readonly count: (length: number) => void;
}

/** One connection's way in one direction. */
function createLane({ from, to, openAt, delay, count }: LaneParts): Lane {
  const waiting: Buffer[] = [];
  /** Packets that the other end hasn't confirmed: when it will have, and their bytes. */
  const under: { readonly until: number; readonly length: number }[] = [];
  const arriving: Buffer[] = [];
  let length = 0;
  let flying = 0;
  let window = FIRST_WINDOW;

  function land(now: number): void {
    for (let first = under[0]; first !== undefined && first.until <= now; first = under[0]) {
      under.shift();
      flying -= first.length;
      window = Math.min(LARGEST_WINDOW, window + first.length);
    }
  }

  function arrive(): void {
    const packet = arriving.shift();
    if (packet === undefined || to.destroyed) return;
    count(packet.length);
    to.write(packet);
  }

  return {
    isEmpty: () => length === 0 && arriving.length === 0,
    take: (bytes) => {
      waiting.push(bytes);
      length += bytes.length;
      if (length > WAITING) from.pause();
    },
    mayGo: (now) => {
      land(now);
      return length > 0 && now >= openAt && flying < window;
    },
    nextAt: () => {
      if (length === 0) return Number.POSITIVE_INFINITY;
      return Math.max(openAt, flying < window ? 0 : (under[0]?.until ?? 0));
    },
    send: (at) => {
      const packet = Buffer.concat(waiting.splice(0));
      const [now, later] = [packet.subarray(0, PACKET), packet.subarray(PACKET)];
      if (later.length > 0) waiting.push(later);
      length -= now.length;
      flying += now.length;
      under.push({ until: at + 2 * delay, length: now.length });
      arriving.push(now);
      // Each moment brings whichever is next: timers don't keep the order.
      setTimeout(arrive, Math.max(0, at + delay - performance.now()));
      if (length <= WAITING && from.isPaused()) from.resume();
      return now.length;
    },
  };
}

import { once } from "node:events";
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from "node:http2";
import { connect as tlsConnect, type TLSSocket } from "node:tls";
import { randomBytes, toB64 } from "@smimp/protocol";
import { afterEach, beforeAll, afterAll, describe, expect, it } from "vitest";
import { joinRaw, rawCaller, rawSession, startNetwork, type Network } from "../src/index.ts";
import { generous } from "./generous.ts";

// docs/threat-model.md, "Somebody who wants to use it up": who asks and doesn't read, and who takes every connection there is.

const ALPHA = "alpha.example";
const MIB = 1024 * 1024;
let network: Network;
/** Of somebody with a large keystore, and of somebody with much in small pieces. */
let token: string;
let collector: string;
const sessions: ClientHttp2Session[] = [];
const sockets: TLSSocket[] = [];

beforeAll(async () => {
  network = await startNetwork({
    domains: [ALPHA],
    config: {
      ...generous,
      limits: {
        bodyBytes: 32 * MIB,
        bodyBytesPerPeer: 16 * MIB,
        stallSeconds: 3,
        connections: 24,
        connectionsPerAddress: 16,
        transfers: 1,
      },
    },
  });
  const { baseUrl } = network.server(ALPHA);
  const alice = await joinRaw(network, `alice#${ALPHA}`);
  token = await rawSession(network, baseUrl, alice);
  const keystore = Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]), Buffer.alloc(3 * MIB, 7)]);
  const put = await rawCaller(network.fetch, baseUrl)("putKeystore", { token, body: keystore, headers: { "if-none-match": "*" } });
  expect(put.status).toBe(204);
  const carol = await joinRaw(network, `carol#${ALPHA}`);
  collector = await rawSession(network, baseUrl, carol);
  const call = rawCaller(network.fetch, baseUrl);
  const entries = Array.from({ length: 300 }, (_, index) => `x${index}#${ALPHA}`);
  const note = toB64(randomBytes(1_000));
  await Promise.all(entries.map(async (entry) => await call("addToBlocklist", { token: collector, body: { entry, note } })));
});
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  for (const socket of sockets.splice(0)) socket.destroy();
  // The server has seen it once their requests are over there too.
  await expect.poll(async () => (await ask("127.0.0.1", "/1.0/keystore")).status).toBe(200);
});
afterAll(async () => {
  for (const session of sessions) session.destroy();
  await network.close();
});

/** Options to reach the server from one of this machine's many addresses. */
const from = (localAddress: string) => ({
  host: "127.0.0.1",
  port: network.server(ALPHA).port,
  servername: `smimp.${ALPHA}`,
  ca: network.authority.certificate,
  localAddress,
});

/** An HTTP/2 connection whose streams take so many bytes and then no more. */
function reader(localAddress: string, window: number): ClientHttp2Session {
  const session = connect(`https://smimp.${ALPHA}`, {
    settings: { initialWindowSize: window },
    createConnection: () => tlsConnect({ ...from(localAddress), ALPNProtocols: ["h2"] }),
  });
  session.on("error", () => undefined);
  sessions.push(session);
  return session;
}

function begin(session: ClientHttp2Session, path: string, by = token): ClientHttp2Stream {
  const stream = session.request({ ":path": path, "smimp-authentication": by });
  // Whatever its window lets through is thrown away.
  stream.on("error", () => undefined).resume();
  return stream;
}

async function statusOf(stream: ClientHttp2Stream): Promise<number> {
  const [headers] = (await once(stream, "response")) as [IncomingHttpHeaders];
  return Number(headers[constants.HTTP2_HEADER_STATUS]);
}

/** One request on a connection of its own, read to its end. */
async function ask(localAddress: string, path: string, by = token): Promise<{ readonly status: number; readonly bytes: number }> {
  const session = reader(localAddress, 65_535);
  const stream = begin(session, path, by);
  let bytes = 0;
  stream.on("data", (piece: Buffer) => void (bytes += piece.length));
  const status = await statusOf(stream);
  if (!stream.closed) await once(stream, "close");
  session.destroy();
  return { status, bytes };
}

describe("answers that nobody reads", () => {
  it("take a peer's share of the memory and no more, while others get theirs, even if all of it is taken", async () => {
    for (const address of ["127.6.0.1", "127.6.1.1"]) {
      const session = reader(address, 0);
      const statuses = await Promise.all(Array.from({ length: 60 }, async () => await statusOf(begin(session, "/1.0/keystore"))));
      expect(new Set(statuses)).toEqual(new Set([200, 429]));
      expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(5);
    }
    // Both shares together are all that there is.
    expect(await ask("127.6.2.1", "/1.0/keystore")).toMatchObject({ status: 200, bytes: 3 * MIB + 8 });
    const call = rawCaller(network.fetch, network.server(ALPHA).baseUrl);
    expect((await call("addEphemeralKeys", { token, body: { keys: [] } })).status).toBe(200);
  });

  it("hold up none that are put together after them", async () => {
    const session = reader("127.6.0.1", 0);
    await Promise.all(Array.from({ length: 30 }, async () => await statusOf(begin(session, "/1.0/folders"))));
    expect((await ask("127.6.2.1", "/1.0/folders")).status).toBe(200);
  });

  it("end after a while, whatever else the connection is used for", async () => {
    const session = reader("127.6.0.1", 0);
    const stream = begin(session, "/1.0/export", collector);
    expect(await statusOf(stream)).toBe(200);
    // The one place for a transfer is taken.
    expect((await ask("127.6.2.1", "/1.0/export", collector)).status).toBe(429);
    const others = setInterval(() => begin(session, "/version"), 300);
    if (!stream.closed) await once(stream, "close");
    clearInterval(others);
    expect([stream.rstCode, session.destroyed]).toEqual([constants.NGHTTP2_CANCEL, false]);
    await expect.poll(async () => (await ask("127.6.2.1", "/1.0/export", collector)).status).toBe(200);
  });
});

describe("connections", () => {
  it("of a few who take all there are give way to others", async () => {
    const open = async (localAddress: string): Promise<TLSSocket> => {
      const socket = tlsConnect(from(localAddress));
      sockets.push(socket);
      socket.on("error", () => undefined);
      // Where there is no room it ends before it stands.
      await once(socket, "secureConnect").catch(() => undefined);
      return socket;
    };
    for (let count = 0; count < 16; count++) await open("127.6.0.1");
    for (let count = 0; count < 16; count++) await open("127.6.1.1");
    const alive = sockets.filter((socket) => !socket.destroyed);
    expect(alive.length).toBeLessThanOrEqual(24);
    expect((await ask("127.6.2.1", "/version")).status).toBe(200);
    // Whoever has the most doesn't push others out.
    const friend = await open("127.6.3.1");
    for (let count = 0; count < 8; count++) await open("127.6.0.1");
    expect(friend.destroyed).toBe(false);
  });
});

import { createSecureServer } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { createAuthority, paths, startPeer, type Answer, type CertificateRequest, type Peer } from "@smimp/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { discard, exchange, expectSuccess, send } from "../src/http.ts";
import { createGuardedFetch, type GuardedFetch, type GuardedFetchOptions } from "../src/guarded-fetch.ts";

const HOST = "smimp.alpha.example";
const URL = `https://${HOST}/path?query=1`;
const BOUNDS = { maxBytes: 64 * 1024, seconds: 20 };
const authority = createAuthority();
const toClose: { close(): Promise<unknown> }[] = [];

async function peerOf(answer: Answer, certificate: Partial<CertificateRequest> = {}): Promise<Peer> {
  const peer = await startPeer(authority.issue({ hosts: [HOST], ...certificate }), answer);
  toClose.push(peer);
  return peer;
}

function fetchTo(peer: Peer, options: GuardedFetchOptions = {}): GuardedFetch {
  const fetch = createGuardedFetch({ developmentNetwork: { ca: authority.certificate, hosts: { [HOST]: peer.address } }, ...options });
  toClose.unshift(fetch);
  return fetch;
}

afterEach(async () => {
  // Clients first: servers wait for their connections.
  for (const each of toClose.splice(0)) await each.close(); // oxlint-disable-line no-await-in-loop
});

describe("the guarded fetch", () => {
  it("asks for what it was told, uncompressed, and adds nothing that identifies it", async () => {
    let headers: Readonly<Record<string, unknown>> = {};
    const peer = await peerOf((request, response) => {
      headers = request.headers;
      response.setHeader("etag", '"1"').end("hello");
    });
    const answer = await exchange(fetchTo(peer), URL, { headers: { "smimp-authentication": "token" } }, BOUNDS);
    expect([answer.status, answer.headers.get("ETag"), Buffer.from(answer.body).toString()]).toEqual([200, '"1"', "hello"]);
    expect(headers).toEqual({
      host: HOST,
      connection: "keep-alive",
      "accept-encoding": "identity",
      "smimp-authentication": "token",
    });
    expect(peer.requests).toEqual(["GET /path?query=1"]);
  });

  it("streams what it sends and what it gets", async () => {
    const peer = await peerOf((request, response) => request.pipe(response));
    const piece = new Uint8Array(1024 * 1024).fill(7);
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 8; i++) yield await Promise.resolve(piece);
    }
    const response = await send(fetchTo(peer), URL, { method: "PUT", body: pieces(), duplex: "half" });
    let bytes = 0;
    for await (const part of response.body ?? []) bytes += part.length;
    expect(bytes).toBe(8 * 1024 * 1024);
  });

  it("keeps its connections, and opens no more than it may to one host", async () => {
    const peer = await peerOf((_request, response) => void setTimeout(() => response.end("x"), 5));
    const fetch = fetchTo(peer, { connectionsPerOrigin: 3 });
    await Promise.all(Array.from({ length: 30 }, async () => await exchange(fetch, URL, {}, BOUNDS)));
    expect(peer.requests.length).toBe(30);
    expect(peer.connections()).toBeLessThanOrEqual(3);
  });

  it("ends with the reason of its caller's signal", async () => {
    const peer = await peerOf(() => undefined);
    const reason = new Error("enough");
    const controller = new AbortController();
    const asking = exchange(fetchTo(peer), URL, { signal: controller.signal }, BOUNDS);
    setTimeout(() => controller.abort(reason), 20);
    await expect(asking).rejects.toBe(reason);
    await expect(exchange(fetchTo(peer), URL, { signal: AbortSignal.abort(reason) }, BOUNDS)).rejects.toBe(reason);
  });

  it("survives uploads that are broken off while their answers come", async () => {
    const { key, certificate: cert } = authority.issue({ hosts: [HOST] });
    const server = createSecureServer({ key, cert, allowHTTP1: true }, (_request, response) => {
      response.on("error", () => undefined).writeHead(200);
      response.write("an answer that begins before the body is read");
    });
    await new Promise<void>((listening) => void server.listen(0, "127.0.0.1", listening));
    const sockets: Socket[] = [];
    server.on("secureConnection", (socket: Socket) => void sockets.push(socket));
    const destroyAll = (): void => sockets.forEach((socket) => void socket.destroy());
    toClose.push({ close: () => new Promise<void>((closed) => (server.close(() => closed()), destroyAll())) });
    const { port } = server.address() as AddressInfo;
    const developmentNetwork = { ca: authority.certificate, hosts: { [HOST]: `127.0.0.1:${port}` } };
    for (let round = 0; round < 12; round++) {
      const fetch = createGuardedFetch({ developmentNetwork });
      const controller = new AbortController();
      const upload = { method: "POST", body: "b".repeat(300_000), signal: controller.signal };
      const uploads = [1, 2, 3].map(async () => await exchange(fetch, URL, upload, BOUNDS));
      await new Promise((later) => void setTimeout(later, round));
      controller.abort(new Error("enough"));
      for (const each of await Promise.allSettled(uploads)) expect(each.status).toBe("rejected");
      await fetch.close();
    }
  });

  it("ends the connection of an answer that is given up unread", async () => {
    let ended: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => (ended = resolve));
    const peer = await peerOf((_request, response) => void response.on("close", () => ended()).write("x"));
    await discard(await send(fetchTo(peer), URL, {}));
    await closed;
  });

  it.each([
    ["gzip", "temporarily_unavailable"],
    ["br", "temporarily_unavailable"],
    ["identity", undefined],
  ])("takes no content-encoding but identity (%s)", async (encoding, code) => {
    const peer = await peerOf((_request, response) => void response.setHeader("content-encoding", encoding).end("x"));
    const asking = exchange(fetchTo(peer), URL, {}, BOUNDS);
    if (code === undefined) expect((await asking).status).toBe(200);
    else await expect(asking).rejects.toMatchObject({ code });
  });

  it("refuses a user in the URL as its caller's mistake", async () => {
    const peer = await peerOf(() => undefined);
    await expect(fetchTo(peer)(`https://user:word@${HOST}/`, { redirect: "manual" })).rejects.toThrow(TypeError);
    expect(peer.connections()).toBe(0);
  });

  it("reaches a host of the development network on port 443 alone", async () => {
    const peer = await peerOf((_request, response) => void response.end());
    const lookup = async (): Promise<{ address: string; family: number }[]> => await Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
    const fetch = fetchTo(peer, { lookup });
    const [, port] = peer.address.split(":");
    await expect(exchange(fetch, `https://${HOST}:${port}/`, {}, BOUNDS)).rejects.toMatchObject({ code: "insecure_transport" });
    expect(peer.connections()).toBe(0);
  });
});

describe("with certificate checks switched off in the environment", () => {
  const NAME = "NODE_TLS_REJECT_UNAUTHORIZED";
  let before: string | undefined;
  beforeEach(() => {
    before = process.env[NAME];
    process.env[NAME] = "0";
  });
  afterEach(() => {
    if (before === undefined) delete process.env[NAME];
    else process.env[NAME] = before;
  });

  it("certificates are checked all the same", async () => {
    const peer = await peerOf((_request, response) => void response.end("x"), { selfSigned: true });
    await expect(exchange(fetchTo(peer), URL, {}, BOUNDS)).rejects.toMatchObject({ code: "insecure_transport" });
    expect(peer.requests).toEqual([]);
  });
});

describe("problem documents", () => {
  const problem =
    (status: number, document: unknown): Answer =>
    (_request, response) =>
      void response.writeHead(status, { "content-type": "application/problem+json", "retry-after": "7" }).end(JSON.stringify(document));

  it.each<[string, Answer, string, unknown]>([
    ["a code with its status", problem(429, { code: "rate_limited", detail: "slow\u001b[2J down" }), "rate_limited", 7],
    ["a code of another status", problem(404, { code: "conflict" }), "not_found", undefined],
    ["a code that only clients find", problem(400, { code: "key_used_twice" }), "temporarily_unavailable", 7],
    ["an unknown code", problem(409, { code: "teapot" }), "temporarily_unavailable", 7],
    ["no document", paths({}), "not_found", undefined],
    ["a failing server", (_request, response) => void response.writeHead(502).end("<html>"), "temporarily_unavailable", undefined],
  ])("%s", async (_name, answer, code, retryAfter) => {
    const error: unknown = await exchange(fetchTo(await peerOf(answer)), URL, {}, BOUNDS)
      .then(expectSuccess)
      .catch((each: unknown) => each);
    expect(error).toMatchObject({ code, retryAfter });
    expect((error as Error).message).not.toContain("\u001b");
  });

  it("keep their further members", async () => {
    const pow = { algorithm: "blake2b", zero_bits: 1 };
    const answer = exchange(fetchTo(await peerOf(problem(403, { code: "pow_required", pow }))), URL, {}, BOUNDS);
    await expect(answer.then(expectSuccess)).rejects.toMatchObject({ code: "pow_required", members: { pow } });
  });
});

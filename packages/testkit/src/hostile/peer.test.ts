import { once } from "node:events";
import { request } from "node:https";
import type { IncomingMessage } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { createAuthority } from "../authority.ts";
import { bomb, body, cut, drip, endless, paths, redirect } from "./answers.ts";
import { startPeer, type Answer, type Peer } from "./peer.ts";

const HOST = "smimp.evil.example";
const authority = createAuthority();
const peers: Peer[] = [];

afterEach(async () => {
  await Promise.all(peers.splice(0).map(async (peer) => await peer.close()));
});

async function start(answer: Answer): Promise<Peer> {
  const peer = await startPeer(authority.issue({ hosts: [HOST] }), answer);
  peers.push(peer);
  return peer;
}

async function get(peer: Peer, path: string): Promise<IncomingMessage> {
  const [host, port] = peer.address.split(":");
  const outgoing = request({ host, port, path, servername: HOST, ca: authority.certificate, agent: false });
  outgoing.on("error", () => undefined);
  outgoing.end();
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  return response;
}

/** Reads until so many bytes came, or the end. */
async function read(response: IncomingMessage, limit = Infinity): Promise<{ bytes: number; ended: boolean }> {
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes >= limit) return { bytes, ended: false };
    }
    return { bytes, ended: true };
  } catch {
    return { bytes, ended: false };
  } finally {
    response.destroy();
  }
}

describe("hostile peers", () => {
  it("answer by path, change their mind, and note what arrived", async () => {
    const peer = await start(paths({ "/.well-known/smimp.txt": body("smimp.evil.example") }));
    expect((await get(peer, "/.well-known/smimp.txt")).statusCode).toBe(200);
    expect((await get(peer, "/else")).statusCode).toBe(404);
    peer.answer(redirect("https://elsewhere.example/", 308));
    const moved = await get(peer, "/else");
    expect([moved.statusCode, moved.headers.location]).toEqual([308, "https://elsewhere.example/"]);
    expect(peer.requests).toEqual(["GET /.well-known/smimp.txt", "GET /else", "GET /else"]);
    expect(peer.connections()).toBe(3);
  });

  it("drip without end", async () => {
    expect((await read(await get(await start(drip(1)), "/"), 10)).ended).toBe(false);
  });

  it("send without end", async () => {
    const { bytes, ended } = await read(await get(await start(endless), "/"), 4 * 1024 * 1024);
    expect([bytes >= 4 * 1024 * 1024, ended]).toEqual([true, false]);
  });

  it("break off", async () => {
    expect(await read(await get(await start(cut), "/"))).toEqual({ bytes: 1, ended: false });
  });

  it("send little that unpacks to much", async () => {
    const response = await get(await start(bomb()), "/");
    expect(response.headers["content-encoding"]).toBe("gzip");
    const { bytes, ended } = await read(response);
    expect([bytes < 1024 * 1024, ended]).toEqual([true, true]);
  });
});

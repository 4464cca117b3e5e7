import { once } from "node:events";
import { connect, type ClientHttp2Session } from "node:http2";
import { request as httpsRequest } from "node:https";
import {
  createIdentity,
  rawCaller,
  rawJoin,
  rawSession,
  startNetwork,
  type Network,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";

/** An answer over HTTP/1.1. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** A server, two people with accounts on it, and ways to talk to it without a client. */
export interface HttpWorld {
  readonly network: Network;
  readonly call: RawCaller;
  readonly alice: TestIdentity;
  readonly bob: TestIdentity;
  readonly aliceToken: string;
  readonly bobToken: string;
  /** HTTP/1.1 with any Host header, any bytes. */
  plain(path: string, options?: { method?: string; headers?: Record<string, string>; body?: string }): Promise<PlainAnswer>;
  /** An HTTP/2 connection of its own. */
  http2Session(): ClientHttp2Session;
}

/** Starts the server. */
export async function startHttp(): Promise<HttpWorld> {
  const config = { ...generous, limits: { messageBytes: 100_000, idleSeconds: 2 } };
  const network = await startNetwork({ domains: ["alpha.example"], config });
  const { baseUrl, port } = network.server("alpha.example");
  const alice = createIdentity("alice#alpha.example", baseUrl, network.clock());
  const bob = createIdentity("bob#alpha.example", baseUrl, network.clock());
  await rawJoin(network, alice, 4);
  await rawJoin(network, bob);
  const place = { host: "127.0.0.1", port, servername: "smimp.alpha.example", ca: network.authority.certificate };
  return {
    network,
    call: rawCaller(network.fetch, baseUrl),
    alice,
    bob,
    aliceToken: await rawSession(network, baseUrl, alice),
    bobToken: await rawSession(network, baseUrl, bob),
    plain: async (path, options = {}) => {
      const headers = { host: place.servername, ...options.headers };
      const request = httpsRequest({ ...place, path, method: options.method ?? "GET", headers, agent: false });
      request.end(options.body);
      const [response] = (await once(request, "response")) as [import("node:http").IncomingMessage];
      let body = "";
      for await (const part of response) body += String(part);
      return { status: response.statusCode ?? 0, headers: response.headers, body };
    },
    http2Session: () => {
      const session = connect(`https://${place.servername}`, place as object);
      session.on("error", () => undefined);
      return session;
    },
  };
}

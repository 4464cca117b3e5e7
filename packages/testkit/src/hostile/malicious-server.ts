import { once } from "node:events";
import { request as httpsRequest } from "node:https";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Network } from "../network.ts";
import { hostsOf } from "../server-config.ts";
import { startPeer, type Peer } from "./peer.ts";

/** A request that reached a malicious server. */
export interface ArrivedRequest {
  readonly method: string;
  /** Path and query below the host, decoded: `/1.0/get_user/bob#beta.example/history`. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An answer, true or not. */
export interface ToldAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** `half`: half of the body comes, then nothing; `drip`: the body comes over and over, bit by bit, and never ends. */
  readonly stop?: "half" | "drip";
}

/** Milliseconds between two drips. */
const DRIP_MILLISECONDS = 50;

/**
 * What a malicious server does with a request: it may ask the honest server behind it for the truth (as often as it likes, or with
 * another request), change that, keep it for later, or make something up; null stalls: the request stays unanswered.
 */
export type Lie = (
  request: ArrivedRequest,
  truth: (instead?: Partial<ArrivedRequest>) => Promise<ToldAnswer>,
) => Promise<ToldAnswer | null>;

/** A domain's server gone bad: everything that clients and other servers send to it goes through its hands. */
export interface MaliciousServer {
  /** All that arrived, in order. */
  readonly requests: readonly ArrivedRequest[];
  /** Lies from now on; null: behaves. */
  lie(how: Lie | null): void;
  /** Gives the domain back to its honest server. */
  close(): Promise<void>;
}

/** Headers that belong to one connection, or that the answer gets anew. */
const OWN_HEADERS: ReadonlySet<string> = new Set(["connection", "keep-alive", "transfer-encoding", "content-length", "date"]);

/** Puts a malicious server, with a valid certificate, before the honest one of a domain (`https://smimp.<domain>/` and its smimp.txt). */
export async function startMaliciousServer(network: Network, domain: string): Promise<MaliciousServer> {
  const { port } = network.server(domain);
  const hosts = hostsOf(domain);
  const requests: ArrivedRequest[] = [];
  let lie: Lie | null = null;

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrived = await arrivedOf(incoming);
    requests.push(arrived);
    const how = lie;
    const host = incoming.headers.host ?? hosts[0];
    // What never ends is passed on as it comes.
    if (arrived.path.endsWith("/events") && how === null) return await passOn(arrived, host, response);
    const truth = async (instead: Partial<ArrivedRequest> = {}): Promise<ToldAnswer> =>
      await collect(await ask({ ...arrived, ...instead }, host));
    const told = how === null ? await truth() : await how(arrived, truth);
    if (told === null) return;
    if (told.stop === "drip") {
      response.writeHead(told.status, told.headers);
      const timer = setInterval(() => response.write(told.body), DRIP_MILLISECONDS);
      response.on("close", () => clearInterval(timer));
      return;
    }
    response.writeHead(told.status, { ...told.headers, "content-length": told.body.length });
    if (told.stop === "half") response.write(told.body.subarray(0, Math.floor(told.body.length / 2)));
    else response.end(told.body);
  }

  async function ask({ method, path, headers, body }: ArrivedRequest, host: string): Promise<IncomingMessage> {
    const outgoing = httpsRequest({
      host: "127.0.0.1",
      port,
      servername: host.replace(/:\d+$/, ""),
      ca: network.authority.certificate,
      agent: false,
      method,
      path: path.replaceAll("#", "%23"),
      headers: { ...forwardable(headers), host, ...(body.length > 0 ? { "content-length": body.length } : {}) },
    });
    outgoing.on("error", () => outgoing.destroy());
    outgoing.end(body);
    const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
    return answer;
  }

  async function passOn(arrived: ArrivedRequest, host: string, response: ServerResponse): Promise<void> {
    const answer = await ask(arrived, host);
    response.writeHead(answer.statusCode ?? 502, forwardable(answer.headers));
    response.flushHeaders();
    answer.pipe(response);
    answer.on("error", () => response.destroy());
    response.on("close", () => answer.destroy());
  }

  const peer: Peer = await startPeer(network.authority.issue({ hosts: [...hosts] }), (incoming, response) => {
    serve(incoming, response).catch(() => response.destroy());
  });
  const pointAt = (address: string): void => {
    for (const host of hosts) network.addHost(host, address);
  };
  pointAt(peer.address);
  return {
    requests,
    lie: (how) => {
      lie = how;
    },
    close: async () => {
      pointAt(`127.0.0.1:${port}`);
      await peer.close();
    },
  };
}

/** An answer of JSON. */
export function tellJson(content: unknown, status = 200): ToldAnswer {
  const type = status >= 400 ? "application/problem+json" : "application/json";
  return { status, headers: { "content-type": type }, body: Buffer.from(JSON.stringify(content)) };
}

/** A problem document. */
export function tellProblem(code: string, status: number, more: Readonly<Record<string, unknown>> = {}): ToldAnswer {
  return tellJson({ type: "about:blank", code, detail: "so says the server", ...more }, status);
}

/** The JSON of an answer. */
export function toldJson<Content>({ body }: ToldAnswer): Content {
  return JSON.parse(Buffer.from(body).toString("utf8")) as Content;
}

async function arrivedOf(incoming: IncomingMessage): Promise<ArrivedRequest> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming as AsyncIterable<Buffer>) pieces.push(piece);
  const { method = "GET", url = "/", headers } = incoming;
  return { method, path: decodeURIComponent(url), headers, body: Buffer.concat(pieces) };
}

async function collect(answer: IncomingMessage): Promise<ToldAnswer> {
  const pieces: Buffer[] = [];
  for await (const piece of answer as AsyncIterable<Buffer>) pieces.push(piece);
  return { status: answer.statusCode ?? 502, headers: forwardable(answer.headers), body: Buffer.concat(pieces) };
}

function forwardable(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (OWN_HEADERS.has(name) || typeof value !== "string" ? [] : [[name, value]])),
  );
}

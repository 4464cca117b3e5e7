import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import type { Authority } from "../authority.ts";
import { startPeer, type Peer } from "./peer.ts";

/** An answer of the real server, read whole. */
export interface MirroredAnswer {
  readonly method: string;
  /** Path and query as they were asked for. */
  readonly path: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Answers in place of the real server; null lets its answer pass. */
export type Distort = (answer: MirroredAnswer) => ((request: IncomingMessage, response: ServerResponse) => void) | null;

/** A server that stands in for a real one: every request reaches it, every answer may come back changed. */
export interface Mirror {
  readonly peer: Peer;
  /** Distorts answers from now on; null: shows them as they are. */
  distort(how: Distort | null): void;
  close(): Promise<void>;
}

/** Headers that belong to a connection, not to an answer. */
const OF_CONNECTION = new Set(["connection", "keep-alive", "transfer-encoding", "date"]);

/** Starts a mirror of the server at a loopback port, with a valid certificate for its names. Streams of events pass as they come. */
export async function startMirror(
  authority: Authority,
  options: { readonly hosts: readonly [string, ...string[]]; readonly port: number },
): Promise<Mirror> {
  const { hosts, port } = options;
  const agent = new Agent({ keepAlive: true, ca: authority.certificate, servername: hosts[0] });
  let distort: Distort | null = null;
  const peer = await startPeer(authority.issue({ hosts }), (incoming, response) => {
    const outgoing = httpsRequest({
      agent,
      host: "127.0.0.1",
      port,
      method: incoming.method,
      path: incoming.url,
      headers: incoming.headers,
    });
    outgoing.on("error", () => response.destroy());
    response.on("close", () => outgoing.destroy());
    incoming.pipe(outgoing);
    void once(outgoing, "response").then(
      async ([answer]: IncomingMessage[]) => await show(answer, incoming, response, distort),
      () => undefined,
    );
  });
  return {
    peer,
    distort: (how) => {
      distort = how;
    },
    close: async () => {
      agent.destroy();
      await peer.close();
    },
  };
}

async function show(
  answer: IncomingMessage | undefined,
  incoming: IncomingMessage,
  response: ServerResponse,
  distort: Distort | null,
): Promise<void> {
  if (answer === undefined) return;
  answer.on("error", () => response.destroy());
  const status = answer.statusCode ?? 0;
  const headers = Object.fromEntries(
    Object.entries(answer.headers).flatMap(([name, value]) => (OF_CONNECTION.has(name) ? [] : [[name, String(value)] as const])),
  );
  const streams = headers["content-type"] === "text/event-stream";
  const body = streams ? new Uint8Array() : await readAll(answer).catch(() => null);
  if (body === null) return;
  const changed = distort?.({ method: incoming.method ?? "", path: incoming.url ?? "", status, headers, body }) ?? null;
  if (changed !== null) {
    answer.destroy();
    changed(incoming, response);
    return;
  }
  response.writeHead(status, headers);
  if (streams) answer.pipe(response);
  else response.end(body);
}

async function readAll(answer: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of answer as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";

/** Where a connection goes and whom it trusts. */
export interface Target {
  /** Port on loopback. */
  readonly port: number;
  /** Name that the certificate must be for. */
  readonly host: string;
  /** Certificate authority, PEM. */
  readonly ca: string;
}

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * One kept HTTP/1.1 connection over real TLS that sends one request after the other. It does little on purpose: the load
 * generator shares two cores with the server it measures, and a general client would cost as much as the server does.
 */
export interface Connection {
  request(bytes: Uint8Array): Promise<Answer>;
  close(): void;
}

/** Opens a connection; resolves after the handshake. */
export async function openConnection(target: Target): Promise<Connection> {
  const socket: TLSSocket = connect({
    host: "127.0.0.1",
    port: target.port,
    servername: target.host,
    ca: target.ca,
    minVersion: "TLSv1.3",
  });
  await once(socket, "secureConnect");
  socket.setNoDelay(true);
  let pending: { resolve(answer: Answer): void; reject(error: Error): void } | null = null;
  let received: Buffer = Buffer.alloc(0);
  const fail = (error: Error): void => {
    pending?.reject(error);
    pending = null;
  };
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the server closed the connection")));
  socket.on("data", (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const answer = parseAnswer(received);
    if (answer === null || pending === null) return;
    received = received.subarray(answer.length);
    const { resolve } = pending;
    pending = null;
    resolve(answer);
  });
  return {
    request: async (bytes) =>
      await new Promise<Answer>((resolve, reject) => {
        pending = { resolve, reject };
        socket.write(bytes);
      }),
    close: () => void socket.destroy(),
  };
}

/** The bytes of a POST of JSON. */
export function postBytes(target: Target, path: string, body: string, token?: string): Uint8Array {
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${target.host}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    ...(token === undefined ? [] : [`smimp-authentication: ${token}`]),
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}

const HEAD_END = "\r\n\r\n";

/** The answer at the start of the bytes and how long it is, or null while it is not complete. */
function parseAnswer(bytes: Buffer): (Answer & { readonly length: number }) | null {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd === -1) return null;
  const head = bytes.toString("latin1", 0, headEnd);
  const size = /\r\ncontent-length: *([0-9]+)/i.exec(head)?.[1];
  if (size === undefined) throw new Error("the benchmark reads answers with a content-length only");
  const start = headEnd + HEAD_END.length;
  const length = start + Number(size);
  if (bytes.length < length) return null;
  return { status: Number(head.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length)), body: bytes.toString("utf8", start, length), length };
}

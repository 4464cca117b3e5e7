import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";

/** Where a server listens, and what is trusted. */
export interface Target {
  readonly port: number;
  readonly host: string;
  readonly ca: string;
}

/** An answer, taken apart by a strict reader of HTTP/1.1. */
export interface WireAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** What came back for some bytes. */
export interface Talk {
  readonly answers: readonly WireAnswer[];
  /** The peer closed the connection. */
  readonly closed: boolean;
  /** What isn't HTTP in what came. */
  readonly fault: string | null;
  readonly milliseconds: number;
}

/** A TLS connection on which any bytes can be sent. */
export interface RawLine {
  readonly isOpen: boolean;
  /** Whether the last talk was not the first. */
  wasUsed(): boolean;
  /** Sends bytes and waits for `answers` answers (of GET and the like unless `head`), the end, or the deadline. */
  talk(bytes: Uint8Array | AsyncIterable<Uint8Array>, options: TalkOptions): Promise<Talk>;
  close(): void;
}

/** How long to listen. */
export interface TalkOptions {
  readonly milliseconds: number;
  /** Answers after which to stop listening; 1 where left out, Infinity: until the peer closes. */
  readonly answers?: number;
  /** The answer has no body, as those to HEAD. */
  readonly head?: boolean;
}

/** Opens a line that speaks HTTP/1.1, or another protocol of TLS's choice. */
export async function openLine(target: Target, protocol = "http/1.1"): Promise<RawLine & { readonly socket: TLSSocket }> {
  const socket = connect({ host: "127.0.0.1", port: target.port, servername: target.host, ca: target.ca, ALPNProtocols: [protocol] });
  // Faults show as the end of the line.
  socket.on("error", () => socket.destroy());
  await once(socket, "secureConnect");
  socket.setNoDelay(true);
  let talks = 0;
  return {
    socket,
    get isOpen() {
      return !socket.destroyed && socket.writable && socket.readable;
    },
    wasUsed: () => talks > 1,
    talk: (bytes, options) => {
      talks++;
      return talk(socket, bytes, options);
    },
    close: () => socket.destroy(),
  };
}

async function talk(socket: TLSSocket, bytes: Uint8Array | AsyncIterable<Uint8Array>, options: TalkOptions): Promise<Talk> {
  const { milliseconds, answers: wanted = 1, head = false } = options;
  const started = performance.now();
  let received = Buffer.alloc(0);
  const done = Promise.withResolvers<boolean>();
  const take = (piece: Buffer): void => {
    received = Buffer.concat([received, piece]);
    if (readAnswers(received, { head, ended: false }).answers.length >= wanted) done.resolve(false);
  };
  const end = (): void => done.resolve(true);
  const timer = setTimeout(() => done.resolve(false), milliseconds);
  socket.on("data", take).once("close", end).once("end", end);
  if (socket.destroyed) end();
  const sending = send(socket, bytes, done.promise);
  const closed = await done.promise;
  clearTimeout(timer);
  await sending;
  socket.off("data", take).off("close", end).off("end", end);
  const { answers, fault } = readAnswers(received, { head, ended: closed });
  return { answers, fault, closed, milliseconds: performance.now() - started };
}

async function send(socket: TLSSocket, bytes: Uint8Array | AsyncIterable<Uint8Array>, over: Promise<unknown>): Promise<void> {
  if (bytes instanceof Uint8Array) {
    socket.write(bytes);
    return;
  }
  let stop = false;
  void over.then(() => void (stop = true));
  for await (const piece of bytes) {
    if (stop || socket.destroyed) return;
    if (!socket.write(piece)) await Promise.race([once(socket, "drain").catch(() => undefined), over]);
  }
}

const STATUS_LINE = /^HTTP\/1\.1 ([1-5][0-9]{2}) [\x20-\x7e]*$/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\x20-\x7e\t]*)$/;

/** Reads answers from the start of what came; interim ones (1xx) are passed over. */
function readAnswers(bytes: Buffer, how: { head: boolean; ended: boolean }): { answers: WireAnswer[]; fault: string | null } {
  const answers: WireAnswer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf("\r\n\r\n", at);
    if (end < 0) return { answers, fault: how.ended ? "the end came in the middle of a head" : null };
    const [first = "", ...lines] = bytes.subarray(at, end).toString("latin1").split("\r\n");
    const status = Number(STATUS_LINE.exec(first)?.[1] ?? 0);
    if (status === 0) return { answers, fault: `no status line: ${JSON.stringify(first.slice(0, 80))}` };
    const headers = lines.map((line): readonly [string, string] => {
      const [, name, value] = HEADER_LINE.exec(line) ?? [];
      return name === undefined || value === undefined ? ["?", line] : [name.toLowerCase(), value];
    });
    const bad = headers.find(([name]) => name === "?");
    if (bad !== undefined) return { answers, fault: `no header line: ${JSON.stringify(bad[1].slice(0, 80))}` };
    const body = bodyAt(bytes, end + 4, status, headers, how);
    if (body === null) return { answers, fault: how.ended ? "the end came in the middle of a body" : null };
    if (status >= 200) answers.push({ status, headers, body: body.bytes });
    at = body.end;
  }
  return { answers, fault: null };
}

type Body = { readonly bytes: Uint8Array; readonly end: number } | null;

function bodyAt(
  bytes: Buffer,
  start: number,
  status: number,
  headers: WireAnswer["headers"],
  how: { head: boolean; ended: boolean },
): Body {
  const header = (wanted: string): string | undefined => headers.find(([name]) => name === wanted)?.[1];
  if (status < 200 || status === 204 || status === 304 || how.head) return { bytes: new Uint8Array(), end: start };
  if (header("transfer-encoding") === "chunked") return chunks(bytes, start, header("content-type") === "text/event-stream");
  const length = header("content-length");
  if (length === undefined) return how.ended ? { bytes: bytes.subarray(start), end: bytes.length } : null;
  const end = start + Number(length);
  return end > bytes.length ? null : { bytes: bytes.subarray(start, end), end };
}

/** A body in chunks; of a stream that doesn't end by itself, the first chunk is enough. */
function chunks(bytes: Buffer, start: number, first: boolean): Body {
  const parts: Buffer[] = [];
  for (let at = start; ;) {
    const line = bytes.indexOf("\r\n", at);
    if (line < 0) return null;
    const size = Number.parseInt(bytes.subarray(at, line).toString("latin1"), 16);
    const end = line + 2 + size;
    if (!(end + 2 <= bytes.length)) return null;
    if (size > 0) parts.push(bytes.subarray(line + 2, end));
    at = end + 2;
    if (size === 0 || first) return { bytes: Buffer.concat(parts), end: first ? bytes.length : at };
  }
}

import { concat, MAX_REQUEST_VALUES, parseJsonBytes, SmimpError, type JsonValue } from "@smimp/protocol";
import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { ByteBody } from "./endpoint.ts";

/** A request of either version of HTTP. */
export type RawRequest = IncomingMessage | Http2ServerRequest;

/** Bounds of a body. */
export interface BodyBounds {
  /** Notes bytes that are in memory from now on, until the answer is there: what was parsed of them is needed as long. Throws where there is no room. */
  readonly takeBody: (bytes: number) => void;
  readonly maxBytes: number;
  /** Seconds without a byte after which the connection is given up. */
  readonly idleSeconds: number;
}

/** Slowest body that is put up with, of a request once the grace is over, and of an answer, bytes a second, and the grace in seconds: no endless dripping. */
export const LEAST_BYTES_A_SECOND = 1_024;
const GRACE_SECONDS = 60;

/** A body of raw bytes, of no type, application/octet-stream or `own`. Throws `bad_request` for another content type. */
export function byteBody(request: RawRequest, bounds: BodyBounds, own?: string): ByteBody {
  const type = mediaType(request);
  if (type !== null && type !== "application/octet-stream" && type !== own) {
    throw new SmimpError("bad_request", `the content type must be ${own ?? "application/octet-stream"}`);
  }
  return {
    length: announcedLength(request),
    stream: boundedBytes(request, bounds.idleSeconds),
    all: () => readAll(request, bounds),
  };
}

/** A body of strict JSON (protocol section 1). Throws `bad_request`, `too_large`. */
export async function jsonBody(request: RawRequest, bounds: BodyBounds): Promise<JsonValue> {
  if (mediaType(request) !== "application/json") throw new SmimpError("bad_request", "the content type must be application/json");
  // Bounded in values as well: megabytes of tiny ones would hold everybody up for seconds.
  return parseJsonBytes(await readAll(request, bounds), MAX_REQUEST_VALUES);
}

async function readAll(request: RawRequest, { takeBody, maxBytes, idleSeconds }: BodyBounds): Promise<Uint8Array> {
  const refusal = (): SmimpError => new SmimpError("too_large", `this request has ${maxBytes} bytes at the most`);
  if ((announcedLength(request) ?? 0) > maxBytes) throw refusal();
  const parts: Uint8Array[] = [];
  let length = 0;
  let taken = 0;
  try {
    for await (const part of boundedBytes(request, idleSeconds)) {
      length += part.length;
      if (length > maxBytes) throw refusal();
      taken += part.length;
      takeBody(part.length);
      parts.push(part);
    }
  } catch (error) {
    // Nobody has it: a refusal that waits to be read is no body.
    takeBody(-taken);
    throw error;
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : concat(...parts);
}

async function* boundedBytes(request: RawRequest, idleSeconds: number): AsyncGenerator<Uint8Array> {
  const started = performance.now();
  let length = 0;
  const idle = setTimeout(() => request.destroy(new SmimpError("temporarily_unavailable", "the body did not come")), idleSeconds * 1000);
  try {
    // Not destroyed when left early, so that a refusal can still be answered.
    for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      idle.refresh();
      length += part.length;
      const seconds = (performance.now() - started) / 1000;
      if (seconds > GRACE_SECONDS && length < seconds * LEAST_BYTES_A_SECOND) {
        throw new SmimpError("temporarily_unavailable", "the body comes too slowly");
      }
      yield part;
    }
  } finally {
    clearTimeout(idle);
  }
  const announced = announcedLength(request);
  if (wasBrokenOff(request) || (announced !== null && announced !== length)) throw new SmimpError("bad_request", "the body is not whole");
}

/** HTTP/2 ends the body of a request that was broken off as if it were whole: only its stream tells. */
function wasBrokenOff(request: RawRequest): boolean {
  if (request.aborted) return true;
  if (!("stream" in request)) return !request.complete;
  const { stream } = request;
  return stream.aborted || stream.destroyed || (stream.rstCode ?? 0) !== 0;
}

/**
 * Ends a request that was answered before its body was whole. What is left is taken in and thrown away, for some seconds: the
 * sender sees the answer and stops, or is through, and the connection serves the next request. Then the connection ends.
 */
export function stopSending(request: RawRequest, seconds: number): void {
  if (request.complete || isGone(request)) return;
  // Node does this by itself only where nothing of the body was read.
  request.resume();
  const timer = setTimeout(() => {
    if (request.complete || isGone(request)) return;
    if ("stream" in request) request.stream.close();
    else request.socket.destroy();
  }, seconds * 1000);
  timer.unref();
}

/** Whether nobody waits for the answer any more. */
export function isGone(request: RawRequest): boolean {
  return "stream" in request ? request.stream.destroyed || request.stream.closed : request.socket.destroyed;
}

function announcedLength(request: RawRequest): number | null {
  const text = request.headers["content-length"];
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : null;
}

function mediaType(request: RawRequest): string | null {
  const [type] = (request.headers["content-type"] ?? "").split(";");
  const name = type?.trim().toLowerCase() ?? "";
  return name === "" ? null : name;
}

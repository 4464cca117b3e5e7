import {
  concat,
  fromUtf8,
  isProblemCode,
  isSmimpError,
  parseJsonBytes,
  parseShape,
  problemDocument,
  SmimpError,
  statusOf,
  isServerCode,
} from "@smimp/protocol";
import type { GenericSchema, InferOutput } from "valibot";
import type { Fetch, FetchInit, FetchResponse } from "./fetch.ts";

/** Bounds of one exchange; both always apply. */
export interface Bounds {
  /** Bytes of the answer's body at most. */
  readonly maxBytes: number;
  /** Seconds for the whole exchange at most. */
  readonly seconds: number;
}

/** An answer that was read whole, within its bounds. */
export interface Answer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: Uint8Array;
}

/** Longest Retry-After that is believed, seconds. */
const MAX_RETRY_AFTER = 86_400;

/**
 * Sends a request and reads its answer within bounds. Redirects are refused (protocol section 1). Throws
 * `insecure_transport` where the certificate doesn't hold or the URL is not https, `temporarily_unavailable` where the
 * server can't be reached or answers too slowly, `too_large` where it answers too much; the reason of `init.signal`
 * once that is aborted.
 */
export async function exchange(fetch: Fetch, url: string, init: Omit<FetchInit, "redirect">, bounds: Bounds): Promise<Answer> {
  const timeout = AbortSignal.timeout(bounds.seconds * 1000);
  const signal = init.signal === undefined ? timeout : AbortSignal.any([init.signal, timeout]);
  try {
    const response = await send(fetch, url, { ...init, signal });
    const body = await readAll(response, bounds.maxBytes);
    return { status: response.status, headers: response.headers, body };
  } catch (error) {
    if (init.signal?.aborted === true) throw init.signal.reason;
    if (timeout.aborted) throw new SmimpError("temporarily_unavailable", "the server answers too slowly", { cause: error });
    throw asTransportError(error);
  }
}

/** Sends a request whose answer is read as a stream by the caller; who bounds it in size and time is the caller. Throws as `exchange` does. */
export async function send(fetch: Fetch, url: string, init: Omit<FetchInit, "redirect">): Promise<FetchResponse> {
  if (!url.startsWith("https://")) throw new SmimpError("insecure_transport", "only https is spoken");
  let response: FetchResponse;
  try {
    response = await fetch(url, { ...init, redirect: "manual" });
  } catch (error) {
    if (init.signal?.aborted === true) throw init.signal.reason;
    throw asTransportError(error);
  }
  // A browser shows a redirect that it did not follow as status 0.
  if (response.status === 0 || (response.status >= 300 && response.status < 400 && response.status !== 304)) {
    await discard(response);
    throw new SmimpError("temporarily_unavailable", "the server redirects, which is not allowed");
  }
  return response;
}

async function readAll(response: FetchResponse, maxBytes: number): Promise<Uint8Array> {
  if (Number(response.headers.get("content-length") ?? 0) > maxBytes) {
    await discard(response);
    throw tooLarge();
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    // Leaving the loop cancels the body: nothing more is read.
    if (length > maxBytes) throw tooLarge();
    parts.push(part);
  }
  return concat(...parts);
}

/** Gives up an answer's body without reading it. */
export async function discard(response: FetchResponse): Promise<void> {
  const iterator = response.body?.[Symbol.asyncIterator]();
  try {
    await iterator?.return?.();
  } catch {
    // The connection is gone already, which is all that was wanted.
  }
}

/** The JSON of a successful answer, parsed by a schema. Throws what the problem document says, or `temporarily_unavailable` for nonsense. */
export function processJson<Schema extends GenericSchema>(schema: Schema, answer: Answer): InferOutput<Schema> {
  expectSuccess(answer);
  try {
    return parseShape(schema, parseJsonBytes(answer.body));
  } catch (cause) {
    if (!isSmimpError(cause)) throw cause;
    throw new SmimpError("temporarily_unavailable", "the server's answer makes no sense", { cause });
  }
}

/** Throws what an answer that is no success says (protocol section 10). */
export function expectSuccess(answer: Answer): void {
  if (answer.status < 200 || answer.status >= 300) throw problemOf(answer);
}

/**
 * The error that an answer stands for. Codes are taken over only with the status that belongs to them, so that no server
 * speaks for what clients find out themselves; a peer's detail is cut to one printable line.
 */
export function problemOf(answer: Answer): SmimpError {
  const retryAfter = retryAfterOf(answer);
  try {
    const document = parseShape(problemDocument, parseJsonBytes(answer.body));
    if (isProblemCode(document.code) && isServerCode(document.code) && statusOf(document.code) === answer.status) {
      const { code, detail, type: _type, ...members } = document;
      return new SmimpError(document.code, printable(detail ?? code), { retryAfter, members });
    }
  } catch (error) {
    if (!isSmimpError(error)) throw error;
  }
  if (answer.status === 404) return new SmimpError("not_found", "there is nothing at this address of the server");
  return new SmimpError("temporarily_unavailable", `the server answered with status ${answer.status}`, { retryAfter });
}

function printable(text: string): string {
  // A peer's words end up on people's screens: no control or format characters.
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ").slice(0, 300);
}

function retryAfterOf(answer: Answer): number | undefined {
  const value = answer.headers.get("retry-after");
  return value !== null && /^[0-9]{1,9}$/.test(value) ? Math.min(Number(value), MAX_RETRY_AFTER) : undefined;
}

/** The text of an answer that is plain text. Throws `bad_request` where it is not UTF-8. */
export function textOf(answer: Answer): string {
  return fromUtf8(answer.body);
}

const CERTIFICATE_CODES =
  /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_|ERR_SSL_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED)/;

/** What a failed fetch stands for: `insecure_transport` where the certificate or the protocol is at fault, else `temporarily_unavailable`. */
export function asTransportError(error: unknown): unknown {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if (isSmimpError(cause)) return cause;
    const code = (cause as { code?: unknown }).code;
    if (typeof code === "string" && CERTIFICATE_CODES.test(code)) {
      return new SmimpError("insecure_transport", "the server's certificate is not valid: nothing was sent", { cause: error });
    }
  }
  if (!(error instanceof Error)) return error;
  return new SmimpError("temporarily_unavailable", "the server can't be reached", { cause: error });
}

function tooLarge(): SmimpError {
  return new SmimpError("too_large", "the server's answer is too large");
}

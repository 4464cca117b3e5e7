import {
  exchange,
  expectSuccess,
  processJson,
  PROTOCOL_VERSION,
  type Answer,
  type Fetch,
  type FetchInit,
  type FetchResponse,
} from "@smimp/identity";
import {
  ENDPOINTS,
  SmimpError,
  type AnswerOf,
  type BaseUrl,
  type BodyInputOf,
  type Endpoint,
  type EndpointName,
  type SealedEnvelope,
} from "@smimp/protocol";
import { sendSteadily, type Pace } from "./steady.ts";

/** Bytes of the largest JSON answer: a full page of a folder is about a megabyte. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** Seconds for one exchange, bodies included, and for each step of an answer that is read as a stream; bytes of such a step. */
const EXCHANGE_SECONDS = 60;
const STREAM_STEP = 64 * 1024;
/** Seconds without a sign of life of an event stream: three of its comment lines (protocol section 12). */
const EVENTS_SECONDS = 90;
/** Bytes of a problem document. */
const MAX_PROBLEM_BYTES = 64 * 1024;

/** Parts of a call beside its server and endpoint. */
export interface CallOptions {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** The session's token, for endpoints that need one. */
  readonly token?: string;
  /** `If-Match`, `If-None-Match` and the like. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** A JSON body, exactly where the endpoint takes one. */
type WithBody<Name extends EndpointName> = undefined extends BodyInputOf<Name> ? object : { readonly body: BodyInputOf<Name> };

/** Endpoints whose body is JSON and not a sealed message, which has its own way out. */
export type JsonEndpoint = Exclude<
  EndpointName,
  | "sendMessage"
  | "putBlob"
  | "putKeystore"
  | "getBlob"
  | "getEvents"
  | "getMessages"
  | "getKeystore"
  | "postUserAvatar"
  | "getUserAvatar"
  | "exportAccount"
  | "importAccount"
>;

/** Typed calls of the endpoints of protocol section 12. All throw what the server's problem document says, or a transport's error. */
export interface Api {
  /** Calls an endpoint that answers with JSON or nothing. */
  call<Name extends JsonEndpoint>(server: BaseUrl, name: Name, options: CallOptions & WithBody<Name>): Promise<AnswerOf<Name>>;
  /** As `call`, with the answer's ETag. */
  callWithEtag<Name extends JsonEndpoint>(
    server: BaseUrl,
    name: Name,
    options: CallOptions & WithBody<Name>,
  ): Promise<{ readonly answer: AnswerOf<Name>; readonly etag: string | null }>;
  /** The one way out for a message: it takes nothing but what was sealed (protocol section 0). */
  sendMessage(
    server: BaseUrl,
    envelope: SealedEnvelope,
    options: Pick<CallOptions, "token" | "query" | "signal">,
  ): Promise<AnswerOf<"sendMessage">>;
  /** Reads an answer of bytes whole. */
  readBytes(server: BaseUrl, name: "getKeystore" | "getUserAvatar", options: CallOptions & { readonly maxBytes: number }): Promise<Answer>;
  /** Starts an answer that the caller reads as a stream. */
  open(
    server: BaseUrl,
    name: "getBlob" | "getEvents" | "getMessages" | "exportAccount",
    options: CallOptions & { readonly json?: unknown },
  ): Promise<FetchResponse>;
  /** Sends bytes. `length` is null where nobody knows it before the end. */
  put(
    server: BaseUrl,
    name: "putBlob" | "putKeystore" | "postUserAvatar" | "importAccount",
    options: CallOptions & { readonly bytes: NonNullable<FetchInit["body"]>; readonly length: number | null; readonly seconds: number },
  ): Promise<Answer>;
}

/** Calls through a fetch. `patience`: seconds in the place of those that an exchange may take. */
export function createApi(fetch: Fetch, patience: number | undefined = EXCHANGE_SECONDS): Api {
  const bounds = { maxBytes: MAX_ANSWER_BYTES, seconds: patience };
  const pace: Pace = { seconds: patience, step: STREAM_STEP };
  const pulse: Pace = { seconds: Math.max(patience, EVENTS_SECONDS), step: 1 };

  async function json(server: BaseUrl, name: EndpointName, options: CallOptions & { readonly body?: unknown }): Promise<Answer> {
    const request = requestOf(server, name, options);
    return await exchange(fetch, request.url, { ...request.init, ...jsonBody(request.init, options.body) }, bounds);
  }

  async function callWithEtag<Name extends JsonEndpoint>(
    server: BaseUrl,
    name: Name,
    options: CallOptions & WithBody<Name>,
  ): Promise<{ readonly answer: AnswerOf<Name>; readonly etag: string | null }> {
    const answer = await json(server, name, options);
    const etag = etagOf(answer);
    const definition: Endpoint = ENDPOINTS[name];
    if (typeof definition.answer === "object") return { answer: processJson(definition.answer, answer) as AnswerOf<Name>, etag };
    expectSuccess(answer);
    return { answer: undefined as AnswerOf<Name>, etag };
  }

  return {
    callWithEtag,
    call: async (server, name, options) => (await callWithEtag(server, name, options)).answer,
    sendMessage: async (server, envelope, options) => {
      const { data, signature } = envelope.statement;
      const params = { address: envelope.document.to };
      const answer = await json(server, "sendMessage", { ...options, params, body: { data, signature } });
      return processJson(ENDPOINTS.sendMessage.answer, answer);
    },
    readBytes: async (server, name, options) => {
      const { url, init } = requestOf(server, name, options);
      const answer = await exchange(fetch, url, init, { maxBytes: options.maxBytes, seconds: patience });
      // What was asked for with If-None-Match and hasn't changed.
      if (answer.status !== 304) expectSuccess(answer);
      return answer;
    },
    open: async (server, name, options) => {
      const { url, init } = requestOf(server, name, options);
      const request = { ...init, ...jsonBody(init, options.json) };
      const response = await sendSteadily(fetch, url, request, name === "getEvents" ? pulse : pace);
      if (response.status < 200 || response.status >= 300) expectSuccess(await readProblem(response));
      return response;
    },
    put: async (server, name, options) => {
      const { url, init } = requestOf(server, name, options);
      const length: Readonly<Record<string, string>> = options.length === null ? {} : { "content-length": String(options.length) };
      const headers = { ...init.headers, ...length, "content-type": "application/octet-stream" };
      const request = { ...init, headers, body: options.bytes, duplex: "half" as const };
      const answer = await exchange(fetch, url, request, { maxBytes: MAX_PROBLEM_BYTES, seconds: options.seconds });
      expectSuccess(answer);
      return answer;
    },
  };
}

/** The ETag of an answer; null where there is none that a condition could be made of: a server that sends another would never take it back. */
export function etagOf({ headers }: Pick<Answer, "headers">): string | null {
  const etag = headers.get("etag");
  return etag !== null && /^"[!#-[\]-~]{1,128}"$/.test(etag) ? etag : null;
}

function requestOf(server: BaseUrl, name: EndpointName, options: CallOptions): { url: string; init: Omit<FetchInit, "redirect"> } {
  const { method, path } = ENDPOINTS[name];
  const filled = path.replaceAll(/\{([a-z_]+)\}/g, (_, parameter: string) => {
    const value = options.params?.[parameter];
    if (value === undefined) throw new TypeError(`${name} needs ${parameter}`);
    return encodeURIComponent(value);
  });
  const query = options.query === undefined ? "" : `?${new URLSearchParams(options.query).toString()}`;
  const base = name === "getVersion" ? server : `${server}${PROTOCOL_VERSION}/`;
  const headers = { ...options.headers, ...(options.token === undefined ? {} : { "smimp-authentication": options.token }) };
  return {
    url: `${base}${filled}${query}`,
    init: { method, headers, ...(options.signal === undefined ? {} : { signal: options.signal }) },
  };
}

function jsonBody({ headers }: Omit<FetchInit, "redirect">, body: unknown): Pick<FetchInit, "headers" | "body"> {
  if (body === undefined) return {};
  return { headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
}

async function readProblem(response: FetchResponse): Promise<Answer> {
  const body = new Uint8Array(MAX_PROBLEM_BYTES);
  let length = 0;
  for await (const piece of response.body ?? []) {
    if (length + piece.length > body.length) throw new SmimpError("too_large", "the server's answer is too large");
    body.set(piece, length);
    length += piece.length;
  }
  return { status: response.status, headers: response.headers, body: body.subarray(0, length) };
}

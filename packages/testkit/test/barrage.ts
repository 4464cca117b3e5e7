import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http2";
import { connect as tlsConnect } from "node:tls";
import { ENDPOINTS, type Endpoint } from "@smimp/protocol";
import type { Network } from "../src/index.ts";

// Requests that carry planted texts in every place that a request has, over both versions of HTTP, well-formed and not.

/** What one request was answered with. */
export interface Answered {
  /** Which request; names no secret. */
  readonly what: string;
  /** Null where the connection ended without an answer. */
  readonly status: number | null;
  /** Headers and body. */
  readonly text: string;
}

/** Where the requests go. */
export interface Target {
  readonly network: Network;
  readonly domain: string;
  readonly port: number;
  /** A session's token that holds. */
  readonly token: string;
  /** The planted texts. */
  readonly texts: readonly string[];
}

/** Milliseconds after which a request that gets no answer is given up. */
const PATIENCE = 2_000;
/** A little more than what a request of JSON may have. */
const OVERSIZED = 70_000;

/** Sends everything. */
export async function barrage(target: Target): Promise<readonly Answered[]> {
  const session = openSession(target);
  try {
    return [...(await toEveryEndpoint(session, target)), ...(await malformed(session, target)), ...(await raw(target))];
  } finally {
    session.destroy();
  }
}

const hostOf = ({ domain }: Target): string => `smimp.${domain}`;

function tlsOptions(target: Target, protocol: string) {
  const { network, port } = target;
  return { host: "127.0.0.1", port, servername: hostOf(target), ca: network.authority.certificate, ALPNProtocols: [protocol] };
}

function openSession(target: Target): ClientHttp2Session {
  const session = connect(`https://${hostOf(target)}`, { createConnection: () => tlsConnect(tlsOptions(target, "h2")) });
  session.on("error", () => undefined);
  return session;
}

interface Sending {
  readonly body?: Uint8Array | string;
  /** Ends in the middle of the body. */
  readonly cut?: boolean;
  readonly trailers?: OutgoingHttpHeaders;
}

async function ask(session: ClientHttp2Session, what: string, headers: OutgoingHttpHeaders, sending: Sending = {}): Promise<Answered> {
  const { body, cut = false, trailers } = sending;
  const stream = session.request(headers, { endStream: body === undefined, waitForTrailers: trailers !== undefined });
  stream.on("error", () => undefined);
  if (trailers !== undefined) stream.once("wantTrailers", () => stream.sendTrailers(trailers));
  let text = "";
  let status: number | null = null;
  stream.on("response", (answer: IncomingHttpHeaders) => {
    status = Number(answer[constants.HTTP2_HEADER_STATUS]);
    text += JSON.stringify(answer);
  });
  stream.on("data", (piece: Buffer) => void (text += piece.toString("latin1")));
  if (cut) {
    stream.write(body);
    setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), 20);
  } else if (body !== undefined) stream.end(body);
  const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), PATIENCE);
  // Not `once`, which an error would end.
  if (!stream.closed) await new Promise((resolve) => void stream.once("close", resolve));
  clearTimeout(timer);
  return { what, status, text };
}

/** Each text in path, query, headers and body of each endpoint. */
async function toEveryEndpoint(session: ClientHttp2Session, { texts, token }: Target): Promise<readonly Answered[]> {
  const answers: Answered[] = [];
  for (const [name, endpoint] of Object.entries<Endpoint>(ENDPOINTS)) {
    const asked = texts.map(async (text, index) => {
      // With the session that holds it would end, or never come to an end.
      const mayUse = name !== "destroySession" && name !== "getEvents" && index % 2 === 0;
      return await ask(session, `${name} ${index}`, headersOf(endpoint, text, mayUse ? token : text), bodyOf(endpoint, text, index));
    });
    answers.push(...(await Promise.all(asked)));
  }
  return answers;
}

function headersOf({ method, path, body }: Endpoint, text: string, authentication: string): OutgoingHttpHeaders {
  const value = encodeURIComponent(text);
  const filled = path.replace(/\{\w+\}/g, value);
  const query = ["since", "ticket", "cursor", "limit", "version", "keep", "address", "received_via", "unknown"].map(
    (each) => `${each}=${value}`,
  );
  const plain = header(text);
  return {
    ":method": method,
    ":path": `/1.0/${filled}?${query.join("&")}&${value}`,
    "smimp-authentication": header(authentication),
    ...(body === undefined ? {} : { "content-type": body === "bytes" ? "application/octet-stream" : "application/json" }),
    "if-match": `"${plain}"`,
    "if-none-match": `"${plain}"`,
    "if-range": `"${plain}"`,
    range: `bytes=${plain}`,
    cookie: plain,
    "user-agent": plain,
    referer: `https://${wordOf(text)}/`,
    authorization: `Bearer ${plain}`,
    "x-forwarded-for": plain,
    forwarded: `for="${plain}"`,
    "x-request-id": plain,
    traceparent: plain,
  };
}

/** Valid JSON of wrong members, JSON that breaks off, twice the same name, wrong types, too much, and bodies that are cut off. */
function bodyOf({ body }: Endpoint, text: string, index: number): Sending {
  if (body === undefined) return {};
  const quoted = JSON.stringify(text);
  const forms = [
    `{${quoted}:${quoted}}`,
    `{${quoted}:${quoted}`,
    `{${quoted}:1,${quoted}:1}`,
    `[${quoted}]`,
    text,
    `{"code":${quoted},"data":${quoted},"signature":${quoted},"entry":${quoted},"address":${quoted},"ids":[${quoted}],"name":{${quoted}:[]}}`,
    text.repeat(Math.ceil(OVERSIZED / text.length)),
  ];
  return { body: forms[index % forms.length] ?? text, cut: index % 5 === 4 };
}

/** What HTTP/2 lets through, and paths that lead nowhere. */
async function malformed(session: ClientHttp2Session, { texts, domain }: Target): Promise<readonly Answered[]> {
  const asked = texts.flatMap((text, index) => {
    const value = encodeURIComponent(text);
    const word = wordOf(text);
    return [
      ask(session, `a path ${index}`, { ":path": `/${value}` }),
      ask(session, `a path of this version ${index}`, { ":path": `/1.0/${value}/${value}?${value}` }),
      ask(session, `a path of another version ${index}`, { ":path": `/9.9/${value}` }),
      ask(session, `a path that can't be decoded ${index}`, { ":path": `/1.0/get_user/${value}%zz/history` }),
      ask(session, `a longer path than any ${index}`, { ":path": `/1.0/get_user/${value}${"a".repeat(2_000)}/history` }),
      ask(session, `a method ${index}`, { ":method": word, ":path": "/1.0/quota" }),
      ask(session, `the wrong method ${index}`, { ":method": "DELETE", ":path": `/1.0/get_user/${value}/history` }),
      ask(session, `a host ${index}`, { ":authority": `${word}.${domain}`, ":path": "/.well-known/smimp.txt" }),
      ask(session, `a header's name ${index}`, { ":path": "/health", [`x-${word.toLowerCase()}`]: "1" }),
      ask(
        session,
        `a content type ${index}`,
        { ":method": "POST", ":path": "/1.0/messages", "content-type": `${word}/${word}` },
        { body: "{}" },
      ),
      ask(session, `an expectation ${index}`, { ":method": "PUT", ":path": "/1.0/keystore", expect: word }, { body: text }),
      ask(session, `trailers ${index}`, { ":method": "POST", ":path": "/1.0/messages" }, { body: text, trailers: { "x-more": word } }),
    ];
  });
  return await Promise.all(asked);
}

/** Bytes on the line that are no HTTP, or just so. */
async function raw(target: Target): Promise<readonly Answered[]> {
  const answers: Answered[] = [];
  for (const [index, text] of target.texts.entries()) {
    const word = wordOf(text);
    const plain = header(text);
    const host = `host: ${hostOf(target)}\r\n`;
    const post = `POST /1.0/initialize_account HTTP/1.1\r\n${host}content-type: application/json\r\n`;
    const requests: readonly (readonly [string, string])[] = [
      ["no HTTP at all", `${plain}\r\n\r\n`],
      ["another method", `${word} / HTTP/1.1\r\n${host}\r\n`],
      ["another version", `GET / ${word}/1.1\r\n${host}\r\n`],
      ["spaces in the path", `GET /1.0/${plain} ${plain} HTTP/1.1\r\n${host}\r\n`],
      ["a whole URL", `GET https://${word}.example/1.0/${word} HTTP/1.1\r\n${host}connection: close\r\n\r\n`],
      ["a wrong header", `GET /health HTTP/1.1\r\n${host}${plain} ${plain}: ${plain}\r\n\r\n`],
      ["a folded header", `GET /health HTTP/1.1\r\n${host}x: ${plain}\r\n ${plain}\r\n\r\n`],
      ["a control character", `GET /health HTTP/1.1\r\n${host}x: ${plain}\u0000${plain}\r\n\r\n`],
      ["a wrong length", `${post}content-length: ${word}\r\n\r\n${text}`],
      ["two lengths", `${post}content-length: 3\r\ncontent-length: 5\r\n\r\n${text}`],
      ["length and pieces", `${post}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\n${text}`],
      ["a wrong encoding", `${post}transfer-encoding: ${word}\r\n\r\n${text}`],
      ["a wrong piece", `${post}transfer-encoding: chunked\r\n\r\n${word}\r\n${text}\r\n`],
      ["a piece's extension", `${post}transfer-encoding: chunked\r\n\r\n1;${word}=${word}\r\n{\r\n0\r\nx: ${plain}\r\n\r\n`],
      ["a body that ends early", `${post}content-length: 100000\r\n\r\n${text}`],
      ["an upgrade", `GET /health HTTP/1.1\r\n${host}connection: upgrade\r\nupgrade: ${word}\r\n\r\n`],
      ["a tunnel", `CONNECT ${word}.example:443 HTTP/1.1\r\n${host}\r\n`],
      ["too many bytes of headers", `GET /health HTTP/1.1\r\n${host}x: ${plain.repeat(Math.ceil(20_000 / plain.length))}\r\n\r\n`],
    ];
    answers.push(...(await Promise.all(requests.map(async ([what, bytes]) => await send(target, `${what} ${index}`, bytes)))));
  }
  return answers;
}

/** Sends bytes over a connection of its own, says no more, and listens until it ends. */
async function send(target: Target, what: string, bytes: string): Promise<Answered> {
  const socket = tlsConnect(tlsOptions(target, "http/1.1"));
  let text = "";
  socket.on("error", () => undefined).on("data", (piece: Buffer) => void (text += piece.toString("latin1")));
  socket.end(bytes);
  const timer = setTimeout(() => socket.destroy(), PATIENCE);
  await new Promise((resolve) => void socket.once("close", resolve));
  clearTimeout(timer);
  const status = /^HTTP\/1\.1 ([0-9]{3})/.exec(text)?.[1];
  return { what, status: status === undefined ? null : Number(status), text };
}

/** A text as a header's value may hold it. */
function header(text: string): string {
  return text
    .replace(/[^\u0020-\u007e]/g, "")
    .replaceAll('"', "")
    .trim();
}

/** A text as one word, as a method or the name of a header may be. */
function wordOf(text: string): string {
  return text.replace(/[^A-Za-z0-9#_.-]/g, "-");
}

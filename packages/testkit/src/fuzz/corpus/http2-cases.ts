import { concat, utf8 } from "@smimp/protocol";
import type { NamedCase } from "../report.ts";
import { isHealthy, watchGrowth } from "../server/health.ts";
import { faultsOfLog } from "../server/judge.ts";
import type { World } from "../server/world.ts";
import { FLAG, FRAME, frame, framesIn, headerBlock, plainRequest, PREFACE, uint32 } from "../wire/frames.ts";
import { openLine } from "../wire/http1.ts";
import type { Arena } from "./schema-cases.ts";

// HTTP/2 by hand. What a server does with nonsense is up to it, as long as it ends or refuses it: nothing is carried out, nothing
// grows, nobody else notices.

/** Milliseconds to wait for the end of a connection, or for an answer. */
const PATIENCE = 10_000;

/** How a case must end: the connection is over, or the stream was refused, or either, or it goes on as if nothing were. */
type Ending = "connection" | "refused" | "answered" | "any";

type Frames = (world: World) => Uint8Array | readonly Uint8Array[];

const SETTINGS = frame(FRAME.settings, 0, 0);
const HOST = "smimp.alpha.example";
const GET = plainRequest(HOST, "/version");
const END = FLAG.endHeaders | FLAG.endStream;

/** A request on stream 1 with exactly these headers. */
const asked = (headers: readonly (readonly [string, string])[], flags: number = END): Uint8Array =>
  concat(PREFACE, SETTINGS, frame(FRAME.headers, flags, 1, headerBlock(headers)));

const withHeader =
  (...header: readonly [string, string]): Frames =>
  () =>
    asked([...GET, header]);
const without =
  (name: string): Frames =>
  () =>
    asked(GET.filter(([each]) => each !== name));
const begun =
  (...frames: readonly Uint8Array[]): Frames =>
  () =>
    concat(PREFACE, SETTINGS, ...frames);
const many = (count: number, make: (i: number) => Uint8Array): Uint8Array => concat(...Array.from({ length: count }, (_, i) => make(i)));
const request = (stream: number): Uint8Array => frame(FRAME.headers, END, stream, headerBlock(GET));

const CASES: readonly (readonly [what: string, frames: Frames, ending: Ending])[] = [
  ["as it should be", () => asked(GET), "answered"],
  ["no preface", () => concat(SETTINGS, request(1)), "connection"],
  ["a wrong preface", () => concat(utf8("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r"), SETTINGS), "connection"],
  ["HTTP/1.1 where HTTP/2 was agreed on", () => utf8(`GET /version HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`), "connection"],
  ["no settings first", () => concat(PREFACE, request(1)), "connection"],
  ["zero bytes", () => concat(PREFACE, new Uint8Array(5_000)), "connection"],
  ["settings of a wrong length", begun(frame(FRAME.settings, 0, 0, new Uint8Array(5))), "connection"],
  ["settings on a stream", begun(frame(FRAME.settings, 0, 1)), "connection"],
  ["a settings acknowledgement with content", begun(frame(FRAME.settings, FLAG.ack, 0, new Uint8Array(6))), "connection"],
  ["a window beyond 2^31", begun(frame(FRAME.settings, 0, 0, concat(Uint8Array.of(0, 4), uint32(0xffffffff)))), "connection"],
  ["frames of 100 bytes allowed", begun(frame(FRAME.settings, 0, 0, concat(Uint8Array.of(0, 5), uint32(100)))), "connection"],
  ["push that is neither on nor off", begun(frame(FRAME.settings, 0, 0, concat(Uint8Array.of(0, 2), uint32(2)))), "connection"],
  ["a frame of 16 MiB", begun(frame(FRAME.data, 0, 1, new Uint8Array(10), 0xffffff)), "connection"],
  ["a frame one byte too large", begun(frame(FRAME.headers, END, 1, new Uint8Array(16_385))), "connection"],
  ["an unknown frame", begun(frame(0xbb, 0xff, 0, new Uint8Array(100)), request(1)), "answered"],
  ["a push promise", begun(frame(FRAME.push, FLAG.endHeaders, 1, concat(uint32(2), headerBlock(GET)))), "connection"],
  ["data on no stream", begun(frame(FRAME.data, 0, 0, utf8("x"))), "connection"],
  ["data on a stream that was never opened", begun(frame(FRAME.data, 0, 5, utf8("x"))), "connection"],
  ["data on a stream that is over", begun(request(1), frame(FRAME.data, 0, 1, utf8("x"))), "any"],
  ["headers on no stream", begun(frame(FRAME.headers, END, 0, headerBlock(GET))), "connection"],
  ["headers on a server's stream", begun(frame(FRAME.headers, END, 2, headerBlock(GET))), "connection"],
  ["streams in the wrong order", begun(request(3), request(1)), "any"],
  ["a reset of no stream", begun(frame(FRAME.reset, 0, 0, uint32(0))), "connection"],
  ["a reset of a stream that was never opened", begun(frame(FRAME.reset, 0, 7, uint32(0))), "connection"],
  ["a reset of three bytes", begun(request(1), frame(FRAME.reset, 0, 1, new Uint8Array(3))), "connection"],
  ["a window that grows by nothing", begun(frame(FRAME.window, 0, 0, uint32(0))), "connection"],
  [
    "a window that grows beyond 2^31",
    begun(frame(FRAME.window, 0, 0, uint32(0x7fffffff)), frame(FRAME.window, 0, 0, uint32(0x7fffffff))),
    "connection",
  ],
  [
    "a stream's window that grows by nothing",
    begun(frame(FRAME.headers, FLAG.endHeaders, 1, headerBlock(GET)), frame(FRAME.window, 0, 1, uint32(0))),
    "any",
  ],
  ["a stream that depends on itself", begun(frame(FRAME.headers, END | FLAG.priority, 1, concat(uint32(1), 0, headerBlock(GET)))), "any"],
  ["a priority of four bytes", begun(frame(FRAME.priority, 0, 1, new Uint8Array(4))), "any"],
  ["more padding than there is frame", begun(frame(FRAME.headers, END | FLAG.padded, 1, concat(255, headerBlock(GET)))), "connection"],
  ["a continuation of nothing", begun(frame(FRAME.continuation, FLAG.endHeaders, 1, headerBlock(GET))), "connection"],
  [
    "another frame between headers and their continuation",
    begun(frame(FRAME.headers, 0, 1, headerBlock(GET)), frame(FRAME.ping, 0, 0, new Uint8Array(8))),
    "connection",
  ],
  ["a ping of seven bytes", begun(frame(FRAME.ping, 0, 0, new Uint8Array(7))), "connection"],
  ["a goodbye of four bytes", begun(frame(FRAME.goaway, 0, 0, new Uint8Array(4))), "connection"],
  ["headers that can't be unpacked", begun(frame(FRAME.headers, END, 1, Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff))), "connection"],
  ["a header from beyond the table", begun(frame(FRAME.headers, END, 1, Uint8Array.of(0xfe))), "connection"],
  ["header zero of the table", begun(frame(FRAME.headers, END, 1, Uint8Array.of(0x80))), "connection"],
  ["a table of 4 GiB", begun(frame(FRAME.headers, END, 1, Uint8Array.of(0x3f, 0xe1, 0xff, 0xff, 0xff, 0x0f))), "connection"],
  [
    "a header that ends in its length",
    begun(frame(FRAME.headers, END, 1, Uint8Array.of(0x00, 0x7f, 0xff, 0xff, 0xff, 0x07))),
    "connection",
  ],
  ["no method", without(":method"), "refused"],
  ["no path", without(":path"), "refused"],
  ["no scheme", without(":scheme"), "refused"],
  ["no authority", without(":authority"), "any"],
  ["an empty path", () => asked([...GET.filter(([name]) => name !== ":path"), [":path", ""]]), "refused"],
  ["a path twice", withHeader(":path", "/ready"), "refused"],
  ["a pseudo-header that is none", withHeader(":admin", "true"), "refused"],
  ["a status", withHeader(":status", "200"), "refused"],
  ["a pseudo-header after the others", () => asked([["x-one", "1"], ...GET]), "refused"],
  ["a name in upper case", withHeader("X-One", "1"), "refused"],
  ["a name with a colon, which is left out", withHeader("x:one", "1"), "any"],
  ["a name with a space, which is left out", withHeader("x one", "1"), "any"],
  ["an empty name, which is left out", withHeader("", "1"), "any"],
  ["a value with a line break, which is left out", withHeader("x-one", "1\r\nsmimp-authentication: x"), "any"],
  ["a value with a zero byte, which is left out", withHeader("x-one", "1\u0000"), "any"],
  ["a path with a line break", () => asked(plainRequest(HOST, "/version HTTP/1.1\r\nx-one: 1")), "refused"],
  ["a path with a zero byte", () => asked(plainRequest(HOST, "/version\u0000")), "refused"],
  ["a path with a space", () => asked(plainRequest(HOST, "/ver sion")), "refused"],
  ["a path without a slash", () => asked(plainRequest(HOST, "version")), "refused"],
  ["a method with a space", () => asked([[":method", "GET /health"], ...GET.slice(1)]), "refused"],
  ["a connection header", withHeader("connection", "close"), "refused"],
  ["a transfer coding", withHeader("transfer-encoding", "chunked"), "refused"],
  ["an upgrade", withHeader("upgrade", "h2c"), "refused"],
  ["trailers that aren't asked for", withHeader("te", "gzip"), "refused"],
  ["a length, and no body", withHeader("content-length", "10"), "refused"],
  ["a length that is none", withHeader("content-length", "+0"), "refused"],
  ["two lengths", () => asked([...GET, ["content-length", "0"], ["content-length", "0"]]), "any"],
  [
    "a tunnel",
    () =>
      asked(
        [
          [":method", "CONNECT"],
          [":authority", "127.0.0.1:22"],
        ],
        FLAG.endHeaders,
      ),
    "refused",
  ],
  [
    "a tunnel for web sockets",
    () => asked([[":method", "CONNECT"], [":protocol", "websocket"], ...GET.slice(1)], FLAG.endHeaders),
    "refused",
  ],
  [
    "headers of 64 KiB",
    () => [
      PREFACE,
      SETTINGS,
      ...inContinuations(headerBlock([...GET, ...Array.from({ length: 16 }, (_, i) => [`x-${i}`, "a".repeat(4_000)] as const)])),
    ],
    "any",
  ],
  [
    "3,000 headers",
    () => [PREFACE, SETTINGS, ...inContinuations(headerBlock([...GET, ...Array.from({ length: 3_000 }, () => ["a", "b"] as const)]))],
    "any",
  ],
  [
    "100,000 continuations without an end",
    begun(
      frame(FRAME.headers, FLAG.endStream, 1, headerBlock(GET)),
      many(100_000, () => frame(FRAME.continuation, 0, 1)),
    ),
    "connection",
  ],
  [
    "4 MiB of continuations",
    begun(
      frame(FRAME.headers, FLAG.endStream, 1, headerBlock(GET)),
      many(300, () => frame(FRAME.continuation, 0, 1, headerBlock([["a", "b".repeat(14_000)]]))),
    ),
    "connection",
  ],
  ["20,000 settings", begun(many(20_000, () => SETTINGS)), "any"],
  ["50,000 pings", begun(many(50_000, () => frame(FRAME.ping, 0, 0, new Uint8Array(8)))), "any"],
  [
    "100,000 empty frames of data",
    begun(
      frame(
        FRAME.headers,
        FLAG.endHeaders,
        1,
        headerBlock([[":method", "POST"], ...plainRequest(HOST, "/1.0/initialize_account").slice(1), ["content-type", "application/json"]]),
      ),
      many(100_000, () => frame(FRAME.data, 0, 1)),
    ),
    "any",
  ],
  [
    "10,000 requests that are taken back at once",
    begun(many(10_000, (i) => concat(request(2 * i + 1), frame(FRAME.reset, 0, 2 * i + 1, uint32(8))))),
    "any",
  ],
  ["2,000 requests at once", begun(many(2_000, (i) => request(2 * i + 1))), "any"],
  [
    "10,000 priorities",
    begun(
      many(10_000, (i) => frame(FRAME.priority, 0, 2 * i + 1, concat(uint32(0), 16))),
      request(20_001),
    ),
    "any",
  ],
  [
    "answers that nobody takes",
    begun(
      frame(FRAME.settings, 0, 0, concat(Uint8Array.of(0, 4), uint32(0))),
      many(100, (i) => frame(FRAME.headers, END, 2 * i + 1, headerBlock(plainRequest(HOST, "/1.0/openapi.json")))),
    ),
    "any",
  ],
];

function inContinuations(block: Uint8Array): readonly Uint8Array[] {
  const size = 16_000;
  const parts = Array.from({ length: Math.ceil(block.length / size) }, (_, i) => block.subarray(i * size, (i + 1) * size));
  return parts.map((part, i) =>
    frame(
      i === 0 ? FRAME.headers : FRAME.continuation,
      (i === 0 ? FLAG.endStream : 0) | (i === parts.length - 1 ? FLAG.endHeaders : 0),
      1,
      part,
    ),
  );
}

/** Connections of HTTP/2 that break its rules, or keep them to excess. */
export function http2Cases(): readonly NamedCase<Arena>[] {
  return CASES.map(([what, frames, ending]) => ({
    name: `HTTP/2: ${what}`,
    run: async ({ world }) => await run(world, frames(world), ending),
  }));
}

async function run(world: World, frames: Uint8Array | readonly Uint8Array[], ending: Ending): Promise<readonly string[]> {
  world.state.mark();
  const logged = world.process.logs().length;
  const grown = await watchGrowth(world);
  const { socket, close } = await openLine(world.target, "h2");
  let received = Buffer.alloc(0);
  const ended = new Promise<void>((resolve) => void socket.once("close", () => resolve()));
  const decided = Promise.withResolvers<void>();
  socket.on("data", (piece: Buffer) => {
    received = Buffer.concat([received, piece]);
    if (endingOf(received) !== null) decided.resolve();
  });
  const timer = setTimeout(() => decided.resolve(), PATIENCE);
  socket.write(frames instanceof Uint8Array ? frames : concat(...frames));
  // Where the connection must end, only its end will do: a server says goodbye first.
  await (ending === "connection" ? Promise.race([ended, timed(PATIENCE)]) : Promise.race([ended, decided.promise]));
  clearTimeout(timer);
  const closed = socket.destroyed || socket.readableEnded;
  close();
  const came = endingOf(received) ?? (closed ? "connection" : "nothing");
  return [
    ...faultsOfEnding(ending, came, closed),
    ...grown(),
    ...world.state.changed().map((table) => `changed ${table}`),
    ...faultsOfLog(world, world.process.logs().slice(logged)),
    ...((await isHealthy(world)) ? [] : ["the server is not healthy afterwards"]),
  ];
}

async function timed(milliseconds: number): Promise<void> {
  await new Promise<void>((resolve) => void setTimeout(resolve, milliseconds).unref());
}

function faultsOfEnding(due: Ending, came: string, closed: boolean): readonly string[] {
  if (due === "any") return [];
  if (due === "connection") return closed ? [] : ["the connection was not ended"];
  if (due === "answered") return came === "answered" ? [] : [`${came} instead of an answer`];
  // A connection that is ended refuses whatever was on it.
  return came === "answered" || (came === "nothing" && !closed) ? [`${came} instead of a refusal`] : [];
}

/** What the frames that came say about a stream or the connection, the first that does; null: nothing yet. */
function endingOf(received: Buffer): "connection" | "refused" | "answered" | null {
  for (const { type, stream, payload } of framesIn(received)) {
    if (type === FRAME.goaway) return "connection";
    if (type === FRAME.reset && stream > 0) return "refused";
    // The first header of an answer is its status: 0x88 stands for 200, the first of the table's seven.
    if (type === FRAME.headers) return payload[0] === 0x88 ? "answered" : "refused";
  }
  return null;
}

import type { NamedCase } from "../report.ts";
import { validDraft } from "../server/valid.ts";
import { encodeHttp1 } from "../server/draft.ts";
import { isHealthy } from "../server/health.ts";
import { faultsOfAnswer, faultsOfLog } from "../server/judge.ts";
import { wireOf } from "../server/mutate-request.ts";
import type { World } from "../server/world.ts";
import { openLine, type Talk } from "../wire/http1.ts";
import type { Arena } from "./schema-cases.ts";

// Requests whose beginning or end two readers could see differently. Behind each stands a whole request that deletes a message, as a
// smuggler would have it: it must not be carried out, whatever the first reader thought.

/** Milliseconds until the server must have ended the line: its own bounds are two seconds. */
const LINE_ENDS = 15_000;

const POST = "POST /1.0/messages HTTP/1.1\r\nHost: smimp.alpha.example\r\nContent-Type: application/json\r\n";
const BODY = '{"ids":[]}';

/** What is answered to what can't be read, unless something else is said (decision 21): one problem document, and the connection ends. */
const UNREADABLE: readonly string[] = ["bad_request"];

/**
 * Heads, and what follows, that are neither one request nor the other; nothing behind them may be carried out. `codes`: those of all
 * answers, one after the other; none where the connection is closed without a word.
 */
const AMBIGUOUS: readonly (readonly [what: string, bytes: string, codes?: readonly string[]])[] = [
  ["a length, then chunks", `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["chunks, then a length", `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
  ["chunks, and a length of zero", `${POST}Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n`],
  ["two lengths", `${POST}Content-Length: 10\r\nContent-Length: 0\r\n\r\n`],
  ["two lengths in one", `${POST}Content-Length: 10, 0\r\n\r\n`],
  ["the same length twice", `${POST}Content-Length: 0\r\nContent-Length: 0\r\n\r\n`],
  ["a length with a plus", `${POST}Content-Length: +10\r\n\r\n`],
  ["a length below zero", `${POST}Content-Length: -1\r\n\r\n`],
  ["a hexadecimal length", `${POST}Content-Length: 0x0a\r\n\r\n`],
  ["a length with an exponent", `${POST}Content-Length: 1e1\r\n\r\n`],
  ["a length with a fraction", `${POST}Content-Length: 0.0\r\n\r\n`],
  ["a length with a space inside", `${POST}Content-Length: 1 0\r\n\r\n`],
  ["an empty length", `${POST}Content-Length: \r\n\r\n`],
  ["a length beyond 2^64", `${POST}Content-Length: 18446744073709551626\r\n\r\n`],
  ["a length in other digits", `${POST}Content-Length: \u00b2\r\n\r\n`],
  ["a space before the colon of the length", `${POST}Content-Length : 10\r\n\r\n`],
  ["a length with a zero byte", `${POST}Content-Length: 0\u0000\r\n\r\n`],
  ["another coding after chunks", `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
  ["another coding", `${POST}Transfer-Encoding: identity\r\n\r\n`],
  ["an unknown coding", `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ["chunked in quotation marks", `${POST}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n`],
  ["chunked with a vertical tab", `${POST}Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n`],
  ["chunked with a zero byte", `${POST}Transfer-Encoding: chunked\u0000\r\n\r\n0\r\n\r\n`],
  ["a space before the colon of the coding", `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
  ["codings in two lines", `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`],
  ["a folded coding", `${POST}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`],
  ["a folded header", `${POST}X-Folded: a\r\n Content-Length: 10\r\n\r\n`],
  ["a header that begins with a space", `POST /1.0/messages HTTP/1.1\r\n Host: smimp.alpha.example\r\n\r\n`],
  ["bare line feeds", "POST /1.0/messages HTTP/1.1\nHost: smimp.alpha.example\nContent-Length: 0\n\n"],
  ["a bare line feed in the head", `${POST}X-One: 1\nContent-Length: 0\r\n\r\n`],
  ["a bare carriage return in the head", `${POST}X-One: 1\rContent-Length: 0\r\n\r\n`],
  ["a bare carriage return in a value", `${POST}X-One: a\rb\r\nContent-Length: 0\r\n\r\n`],
  ["a zero byte in a value", `${POST}X-One: a\u0000b\r\nContent-Length: 0\r\n\r\n`],
  ["a zero byte in a name", `${POST}X-\u0000One: a\r\nContent-Length: 0\r\n\r\n`],
  ["a name with a space", `${POST}X One: a\r\nContent-Length: 0\r\n\r\n`],
  ["a name with a slash", `${POST}X/One: a\r\nContent-Length: 0\r\n\r\n`],
  ["an empty name", `${POST}: a\r\nContent-Length: 0\r\n\r\n`],
  ["a line without a colon", `${POST}X-One\r\nContent-Length: 0\r\n\r\n`],
  ["a name with a letter of Latin-1", `${POST}X-\u00e9: a\r\nContent-Length: 0\r\n\r\n`],
  ["a chunk size below zero", `${POST}Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n0\r\n\r\n`],
  ["a chunk size with a prefix", `${POST}Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n`],
  ["a chunk size with an underscore", `${POST}Transfer-Encoding: chunked\r\n\r\n0_a\r\n{"ids":[]}\r\n0\r\n\r\n`],
  ["a chunk size beyond 2^64", `${POST}Transfer-Encoding: chunked\r\n\r\n1000000000000000a\r\n{"ids":[]}\r\n0\r\n\r\n`],
  ["a chunk size of nothing", `${POST}Transfer-Encoding: chunked\r\n\r\n\r\n0\r\n\r\n`],
  ["a chunk that is longer than it says", `${POST}Transfer-Encoding: chunked\r\n\r\n5\r\n${BODY}\r\n0\r\n\r\n`],
  ["chunks that end in bare line feeds", `${POST}Transfer-Encoding: chunked\r\n\r\na\n${BODY}\n0\n\n`],
  ["a chunk size that ends in a bare carriage return", `${POST}Transfer-Encoding: chunked\r\n\r\na\r${BODY}\r\n0\r\n\r\n`],
  ["a chunk extension with a bare line feed", `${POST}Transfer-Encoding: chunked\r\n\r\n0;\n\r\n\r\n`],
  ["chunks under HTTP/1.0", `POST /1.0/messages HTTP/1.0\r\nHost: smimp.alpha.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["a request line with a tab", "GET\t/version\tHTTP/1.1\r\nHost: smimp.alpha.example\r\n\r\n"],
  ["a path with a space", "GET /ver sion HTTP/1.1\r\nHost: smimp.alpha.example\r\n\r\n"],
  ["a path with a zero byte", "GET /version\u0000 HTTP/1.1\r\nHost: smimp.alpha.example\r\n\r\n"],
  ["a path with a bare carriage return", "GET /version\r HTTP/1.1\r\nHost: smimp.alpha.example\r\n\r\n"],
  ["no version", "GET /version\r\nHost: smimp.alpha.example\r\n\r\n"],
  ["HTTP/0.9", "GET /version\r\n\r\n"],
  ["HTTP/2.0 in words", "GET /version HTTP/2.0\r\nHost: smimp.alpha.example\r\n\r\n"],
  ["HTTP/1.9", "GET /version HTTP/1.9\r\nHost: smimp.alpha.example\r\n\r\n"],
  ["a method that is none", "FOO /version HTTP/1.1\r\nHost: smimp.alpha.example\r\n\r\n"],
  ["a method of 10,000 letters", `${"A".repeat(10_000)} /version HTTP/1.1\r\nHost: smimp.alpha.example\r\n\r\n`],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["a tunnel", "CONNECT smimp.alpha.example:443 HTTP/1.1\r\nHost: smimp.alpha.example\r\n\r\n", []],
  ["TLS inside TLS", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003"],
  ["another protocol's greeting", "SSH-2.0-OpenSSH_9.9\r\n"],
  ["zero bytes", "\u0000".repeat(1_000)],
  ["headers of 100,000 bytes", `${POST}X-Long: ${"a".repeat(100_000)}\r\n\r\n`, ["too_large"]],
  ["50,000 headers", `${POST}${"A: b\r\n".repeat(50_000)}\r\n`, ["too_large"]],
  [
    "a chunk extension of 100,000 bytes",
    `${POST}Transfer-Encoding: chunked\r\n\r\n1;${"a".repeat(100_000)}\r\n{\r\n0\r\n\r\n`,
    ["too_large"],
  ],
  ["trailers of 100,000 bytes", `${POST}Transfer-Encoding: chunked\r\n\r\n0\r\nX-Long: ${"a".repeat(100_000)}\r\n\r\n`, ["too_large"]],
];

/** Odd, but every reader finds the same end; what comes back for them and for what stands behind. */
const HARMLESS: readonly (readonly [what: string, bytes: string, statuses: readonly number[]])[] = [
  ["a request line with two spaces", "GET  /version  HTTP/1.1\r\nHost: smimp.alpha.example\r\n\r\n", [200, 204, 200]],
  ["empty lines before", "\r\n\r\nGET /version HTTP/1.1\r\nHost: smimp.alpha.example\r\n\r\n", [200, 204, 200]],
  ["chunks with an extension", `${POST}Transfer-Encoding: chunked\r\n\r\n0;a=b\r\n\r\n`, [401, 204, 200]],
  ["chunks in capitals", `${POST}Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n`, [401, 204, 200]],
  ["a body that nobody asked for", "GET /version HTTP/1.1\r\nHost: smimp.alpha.example\r\nContent-Length: 3\r\n\r\nabc", [200, 204, 200]],
  ["another host", "GET /version HTTP/1.1\r\nHost: evil.example\r\n\r\n", [200, 204, 200]],
  ["the whole URL", "GET https://evil.example/version HTTP/1.1\r\nHost: smimp.alpha.example\r\n\r\n", [404, 204, 200]],
  ["a star", "OPTIONS * HTTP/1.1\r\nHost: smimp.alpha.example\r\n\r\n", [204, 204, 200]],
  // The name is not looked at; what this version means is that nothing comes behind.
  ["another protocol", "GET /version RTSP/1.0\r\nHost: smimp.alpha.example\r\n\r\n", [200]],
  // What comes after an upgrade is no HTTP any more: nobody reads it.
  [
    "an upgrade to HTTP/2",
    "GET /version HTTP/1.1\r\nHost: smimp.alpha.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    [200],
  ],
  [
    "an upgrade to a web socket",
    "GET /version HTTP/1.1\r\nHost: smimp.alpha.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    [200],
  ],
];

/** Ends by itself, so that a line on which all was well ends too. */
const LAST = "GET /version HTTP/1.1\r\nHost: smimp.alpha.example\r\nConnection: close\r\n\r\n";

/** Requests that are no HTTP, or two at once. */
export function framingCases(): readonly NamedCase<Arena>[] {
  return [
    ...AMBIGUOUS.map(([what, bytes, codes = UNREADABLE]): NamedCase<Arena> => ({
      name: `on the wire: ${what}`,
      run: async ({ world }) => await nothingBehind(world, bytes, codes),
    })),
    ...HARMLESS.map(([what, bytes, statuses]): NamedCase<Arena> => ({
      name: `on the wire: ${what}, read as one request`,
      run: async ({ world }) => await readAsOne(world, bytes, statuses),
    })),
    {
      name: "on the wire: no host",
      async run({ world }) {
        const line = await openLine(world.target);
        const { answers } = await line.talk(Buffer.from("GET /version HTTP/1.1\r\n\r\n"), { milliseconds: LINE_ENDS });
        line.close();
        return faultsOfAnswer(world, answers[0] ?? null, { codes: UNREADABLE });
      },
    },
    {
      name: "on the wire: 200 requests at once, each answered in its turn",
      run: async ({ world }) =>
        await readAsOne(world, "GET /version HTTP/1.1\r\nHost: smimp.alpha.example\r\n\r\n".repeat(200), [
          ...Array.from({ length: 200 }, () => 200),
          204,
          200,
        ]),
    },
  ];
}

async function readAsOne(world: World, bytes: string, statuses: readonly number[]): Promise<readonly string[]> {
  const { answers, fault } = await talkWith(world, bytes, statuses.length);
  const got = answers.map(({ status }) => status);
  return [
    ...(fault === null ? [] : [`the answer is no HTTP: ${fault}`]),
    ...(got.join() === statuses.join() ? [] : [`answered with ${got.join(", ")}`]),
    ...(statuses.length === 1 ? world.state.changed().map((table) => `changed ${table}`) : []),
  ];
}

/** Sends bytes, and behind them what deletes a message and what ends the line. */
async function talkWith(world: World, bytes: string, answers: number): Promise<Talk> {
  const smuggled = wireOf(await validDraft(world, "deleteMessage"), "DELETE");
  world.state.mark();
  const line = await openLine(world.target);
  const all = Buffer.concat([Buffer.from(bytes, "latin1"), encodeHttp1(smuggled, world.target.host), Buffer.from(LAST)]);
  const talk = await line.talk(all, { milliseconds: LINE_ENDS, answers });
  line.close();
  return talk;
}

async function nothingBehind(world: World, bytes: string, codes: readonly string[]): Promise<readonly string[]> {
  const logged = world.process.logs().length;
  // As somebody who may ask, so that a refusal is about what can't be read.
  const asAlice = bytes.replaceAll(/^POST .*/gm, (line) => `${line}\r\nSMIMP-Authentication: ${world.tokens.alice}`);
  const { answers, closed, fault } = await talkWith(world, asAlice, Infinity);
  const refusals = answers.flatMap((answer, i) => faultsOfAnswer(world, answer, { codes: codes.slice(i, i + 1) }));
  return [
    ...(closed ? [] : ["the line was not ended"]),
    ...(fault === null ? [] : [`the answer is no HTTP: ${fault}`]),
    ...(answers.length === codes.length
      ? []
      : [`${answers.length} answers (${answers.map(({ status }) => status).join()}) instead of ${codes.length}`]),
    ...refusals,
    ...world.state.changed().map((table) => `changed ${table}: what stood behind was carried out`),
    ...faultsOfLog(world, world.process.logs().slice(logged)),
    ...((await isHealthy(world)) ? [] : ["the server is not healthy afterwards"]),
  ];
}

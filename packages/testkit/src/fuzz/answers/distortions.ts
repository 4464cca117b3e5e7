import { PROBLEM_CODES, concat, utf8 } from "@smimp/protocol";
import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { bomb, cut, deepJson, drip, dripHeaders, endless, hugeHeaders, silence } from "../../hostile/answers.ts";
import type { MirroredAnswer } from "../../hostile/mirror.ts";
import type { Choices } from "../input/choices.ts";
import { mutateBytes, mutateText, mutateTree } from "../input/mutate.ts";
import { encodeTree, placesOf, raw, readTree, treeAt, withPiece, type Tree } from "../input/tree.ts";
import { NEVER, TYPES } from "../input/values.ts";

/** What answers instead, and how it is told. */
export interface Distortion {
  readonly what: string;
  answer(request: IncomingMessage, response: ServerResponse): void;
}

type Maker = (answer: MirroredAnswer, choices: Choices) => Distortion | null;

/** An answer whose parts were changed. */
function changed(what: string, { status, headers, body }: Pick<MirroredAnswer, "status" | "headers" | "body">): Distortion {
  return {
    what,
    answer: (_request, response) => {
      const { "content-length": _length, ...others } = headers;
      response.writeHead(status, others);
      response.end(body);
    },
  };
}

const isJson = ({ headers, body }: MirroredAnswer): boolean => /json/.test(headers["content-type"] ?? "") && body.length > 0;
const lines = (body: Uint8Array): readonly string[] =>
  Buffer.from(body)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");

/** The tree of a JSON answer; of NDJSON that of one line, and how it goes back. */
function partOf(answer: MirroredAnswer, choices: Choices): { readonly tree: Tree; back(tree: Tree): Uint8Array } | null {
  if (!isJson(answer)) return null;
  const all = lines(answer.body);
  if (all.length === 0) return null;
  const at = choices.below(all.length);
  const back = (tree: Tree): Uint8Array =>
    concat(
      utf8(
        all
          .slice(0, at)
          .map((line) => `${line}\n`)
          .join(""),
      ),
      encodeTree(tree),
      utf8(`\n${all.slice(at + 1).join("\n")}`),
    );
  const tree = readTree(all[at] ?? "");
  return tree === null ? null : { tree, back };
}

const changeTree: Maker = (answer, choices) => {
  const part = partOf(answer, choices);
  if (part === null) return null;
  const { output, what } = mutateTree(part.tree, choices);
  return changed(what, { ...answer, body: part.back(output) });
};

/** Changes what stands inside of a statement, whose signature then says otherwise. */
const changeSigned: Maker = (answer, choices) => {
  const part = partOf(answer, choices);
  if (part === null) return null;
  const places = placesOf(part.tree).filter((place) => isDocument(treeAt(part.tree, place)));
  if (places.length === 0) return null;
  const place = choices.of(places);
  const piece = treeAt(part.tree, place);
  const { output, what } = mutateTree((piece.kind === "text" ? readTree(piece.value) : null) ?? piece, choices);
  const value = Buffer.from(encodeTree(output)).toString("utf8");
  return changed(`inside of a statement: ${what}`, { ...answer, body: part.back(withPiece(part.tree, place, { kind: "text", value })) });
};

function isDocument(piece: Tree): boolean {
  return piece.kind === "text" && /^\s*\{/.test(piece.value) && /\}\s*$/.test(piece.value);
}

const changeLines: Maker = (answer, choices) => {
  if (!isJson(answer)) return null;
  const all = lines(answer.body);
  const joined = choices.of([
    [...all, ...all].join("\n"),
    all.toReversed().join("\n"),
    all.join(""),
    all.join("\r\n"),
    `${all.join("\n")}\n{"x":`,
    `\n\n\n${all.join("\n\n")}\n`,
    "\n".repeat(100_000),
    all.slice(1).join("\n"),
  ]);
  return changed("lines", { ...answer, body: utf8(joined) });
};

const changeBytes: Maker = (answer, choices) => {
  const { output, what } = mutateBytes(answer.body, choices);
  return changed(`body: ${what}`, { ...answer, body: output });
};

const STATUSES = [
  200, 201, 202, 204, 205, 206, 207, 226, 300, 301, 302, 304, 307, 400, 401, 403, 404, 409, 410, 412, 413, 416, 418, 428, 429, 451, 500,
  502, 503, 507, 599, 999,
];

const changeStatus: Maker = (answer, choices) => {
  const status = choices.of(STATUSES);
  return changed(`status ${status}`, { ...answer, status });
};

const problem: Maker = (_answer, choices) => {
  const code = choices.of([...PROBLEM_CODES, "__proto__", "constructor", "toString", "", "nonsense", "x".repeat(200)]);
  const status = choices.of([...STATUSES.filter((each) => each >= 400), 401, 403, 404, 409, 410, 412, 428, 429, 503]);
  const retry = choices.of(["0", "1", "-1", "999999999999", "1e9", "Wed, 21 Oct 2099 07:28:00 GMT", ""]);
  const pow = choices.of<unknown>([
    undefined,
    null,
    "x",
    { algorithm: "blake2b", zero_bits: 64, count: 64, nonce: "0".repeat(64), expires_at: "9999-12-31T23:59:59Z" },
    { zero_bits: -1 },
  ]);
  const detail = choices.of<unknown>(["no", "\u001b[2J\u202e\u0000", "x".repeat(5_000), null, { a: 1 }]);
  const body = utf8(JSON.stringify({ type: "about:blank", code, status, detail, pow }));
  return changed(`problem ${code.slice(0, 30)} with status ${status}`, {
    status,
    headers: { "content-type": "application/problem+json", "retry-after": retry },
    body,
  });
};

const HEADERS: readonly (readonly [string, string])[] = [
  ["etag", ""],
  ["etag", '"'],
  ["etag", `"${"e".repeat(8_000)}"`],
  ["etag", 'W/"x"'],
  ["etag", "\u00e9"],
  ["etag", '"0"'],
  ["content-type", "text/html"],
  ["content-type", ""],
  ["content-type", "application/json; charset=utf-16"],
  ["content-encoding", "gzip"],
  ["content-encoding", "identity"],
  ["content-encoding", "br, gzip"],
  ["location", "https://127.0.0.1/"],
  ["set-cookie", "a=b"],
  ["retry-after", "99999999999999999999"],
  ["content-range", "bytes 5-1/-1"],
  ["alt-svc", 'h2="evil.example:443"'],
  ["link", "<https://evil.example/>; rel=preload"],
];

const changeHeaders: Maker = (answer, choices) => {
  const [name, value] = choices.of(HEADERS);
  const { [name]: _old, ...others } = answer.headers;
  return changed(`header ${name}: ${value.slice(0, 30)}`, {
    ...answer,
    headers: choices.below(3) === 2 ? others : { ...others, [name]: value },
  });
};

/** Other bytes than HTTP has. */
const RAW: readonly (readonly [what: string, bytes: string])[] = [
  ["nothing at all", ""],
  ["no HTTP", "SSH-2.0-OpenSSH_9.9\r\n"],
  ["HTTP/0.9", "<html></html>"],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\n{}"],
  ["a status of four digits", "HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n"],
  ["a status below zero", "HTTP/1.1 -200 OK\r\ncontent-length: 0\r\n\r\n"],
  ["a length and chunks", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"],
  ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\ncontent-length: 5\r\n\r\nabcde"],
  ["a length below zero", "HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n"],
  ["a length beyond 2^64", "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n{}"],
  ["a wrong chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"],
  ["a header with a zero byte", "HTTP/1.1 200 OK\r\nx: a\u0000b\r\ncontent-length: 2\r\n\r\n{}"],
  ["a header with a space", "HTTP/1.1 200 OK\r\nx y: a\r\ncontent-length: 2\r\n\r\n{}"],
  ["a folded header", "HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length: 2\r\n\r\n{}"],
  ["an answer before the answer", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"],
  ["1,000 answers before the answer", "HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n".repeat(1_000)],
  ["another protocol", "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"],
  ["one answer too many", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"],
];

const rawBytes: Maker = (_answer, choices) => {
  const [what, bytes] = choices.of(RAW);
  return { what: `on the wire: ${what}`, answer: (request) => request.socket.end(Buffer.from(bytes, "latin1")) };
};

const whole: Maker = (answer, choices) =>
  choices.of<Distortion>([
    { what: "broken off", answer: cut },
    { what: "without end", answer: endless },
    { what: "a bomb", answer: bomb(32 * 1024 * 1024) },
    { what: "huge headers", answer: hugeHeaders(64 * 1024) },
    { what: "100,000 arrays deep", answer: deepJson() },
    {
      what: "one line of 20 MiB",
      answer: (_request, response) =>
        void response
          .writeHead(200, answer.headers["content-type"] === undefined ? {} : { "content-type": answer.headers["content-type"] })
          .end(Buffer.alloc(20 * 1024 * 1024, 0x61)),
    },
    changed("packed, and said so", { ...answer, headers: { ...answer.headers, "content-encoding": "gzip" }, body: gzipSync(answer.body) }),
    changed("packed, and not said so", { ...answer, body: gzipSync(answer.body) }),
    changed("an event stream", {
      status: 200,
      headers: { "content-type": "text/event-stream" },
      body: utf8(`event: state\ndata: ${mutateText('{"state":"1"}', choices).output}\n\n`.repeat(3)),
    }),
    changed("a line without end in an event stream", {
      status: 200,
      headers: { "content-type": "text/event-stream" },
      body: new Uint8Array(100_000).fill(0x64),
    }),
  ]);

const MAKERS: readonly Maker[] = [
  changeTree,
  changeTree,
  changeSigned,
  changeBytes,
  changeStatus,
  problem,
  changeHeaders,
  changeLines,
  rawBytes,
  whole,
];

/** A random distortion of an answer. */
export function distortionOf(answer: MirroredAnswer, choices: Choices): Distortion {
  return choices.of(MAKERS)(answer, choices) ?? changeBytes(answer, choices) ?? changed("as it is", answer);
}

/** An answer that never comes, one that stops in the middle, and two that come a byte at a time, as long as somebody listens. */
export function slowDistortions(answer: MirroredAnswer): readonly Distortion[] {
  return [
    { what: "silence", answer: silence },
    {
      what: "half of it, and silence",
      answer: (_request, response) => {
        const { "content-length": _length, ...others } = answer.headers;
        response.writeHead(answer.status === 204 ? 200 : answer.status, { ...others, "content-length": String(answer.body.length + 2) });
        response.write(Buffer.concat([answer.body.subarray(0, answer.body.length / 2), Buffer.from(" ")]));
      },
    },
    { what: "a byte at a time", answer: drip() },
    { what: "a header at a time", answer: dripHeaders() },
  ];
}

/** One value of each type: enough for members, of which there are many. */
const FEW = TYPES.filter(({ name }) => ["null", "a number", "an object", "a text"].includes(name));

/** What may pass for a value, and is another: hex and b64 stay what they are, numbers are counted on, yes becomes no. Null: there is none. */
function another(piece: Tree): Tree | null {
  if (piece.kind === "text") return { kind: "text", value: Array.from(piece.value).toReversed().join("") };
  if (piece.kind !== "raw") return null;
  const text = Buffer.from(piece.bytes).toString("utf8");
  if (/^[0-9]+$/.test(text)) return raw(String(Number(text) + 1));
  return text === "true" ? raw("false") : text === "false" ? raw("true") : null;
}

/** Distortions that every answer is tried with, by name. */
export function namedDistortions(answer: MirroredAnswer): readonly Distortion[] {
  const first = { below: () => 0, of: <Item>(list: readonly Item[]): Item => list[0] as Item };
  const part = partOf(answer, first);
  const members = part === null || part.tree.kind !== "object" ? [] : part.tree.members.map((_member, i) => [i]);
  const trees =
    part === null
      ? []
      : [[] as readonly number[], ...members].flatMap((place) => [
          ...(place.length === 0 ? [...TYPES, ...NEVER.slice(0, 3)] : FEW).map(({ name, tree }) =>
            changed(`member ${place.join(".")}: ${name}`, { ...answer, body: part.back(withPiece(part.tree, place, tree)) }),
          ),
          ...(place.length === 0
            ? []
            : [
                changed(`member ${place.join(".")}: missing`, { ...answer, body: part.back(withPiece(part.tree, place, null)) }),
                ...[another(treeAt(part.tree, place))].flatMap((piece) =>
                  piece === null
                    ? []
                    : [
                        changed(`member ${place.join(".")}: another of its kind`, {
                          ...answer,
                          body: part.back(withPiece(part.tree, place, piece)),
                        }),
                      ],
                ),
              ]),
        ]);
  return [
    ...trees,
    ...["", "x", '"', `"${"e".repeat(200)}"`, 'W/"x"', "\u00e9"].map((etag) =>
      changed(`ETag ${etag.slice(0, 10)}`, { ...answer, headers: { ...answer.headers, etag } }),
    ),
    changed("status 200 with nothing", { ...answer, status: 200, body: new Uint8Array() }),
    changed("status 204", { ...answer, status: 204, body: new Uint8Array() }),
    changed("status 206", { ...answer, status: 206 }),
    changed("status 304", { ...answer, status: 304, body: new Uint8Array() }),
    changed("status 500", { ...answer, status: 500 }),
    changed("no text at all", { ...answer, body: Uint8Array.of(0xff, 0xfe, 0x00) }),
    changed("a problem that only clients find", {
      status: 400,
      headers: { "content-type": "application/problem+json" },
      body: utf8('{"code":"decryption_failed"}'),
    }),
    changed("work without parameters", {
      status: 403,
      headers: { "content-type": "application/problem+json" },
      body: utf8('{"code":"pow_required"}'),
    }),
    { what: "broken off", answer: cut },
    { what: "no HTTP", answer: (request) => request.socket.end("SSH-2.0-x\r\n") },
  ];
}

import { toB64, randomBytes, utf8 } from "@smimp/protocol";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { encodeTree, treeOf } from "../input/tree.ts";
import type { NamedCase } from "../report.ts";
import { encodeHttp1, type Draft } from "../server/draft.ts";
import { isHealthy, MOST_GROWTH, residentBytes } from "../server/health.ts";
import { faultsOfAnswer, faultsOfLog } from "../server/judge.ts";
import { wireOf } from "../server/mutate-request.ts";
import { tryRequest } from "../server/try-request.ts";
import { signedAnew } from "../server/mutate-request.ts";
import { WORLD_BLOB_BYTES, WORLD_MESSAGE_BYTES, type World } from "../server/world.ts";
import { openLine } from "../wire/http1.ts";
import type { Arena } from "./schema-cases.ts";

const CHUNK = Buffer.alloc(64 * 1024, 0x20);
/** Milliseconds in which an endless body must have been cut off. */
const CUT_OFF = 30_000;
/** Bytes of zeros that a bomb unpacks to. */
const BOMB_BYTES = 64 * 1024 * 1024;

type Change = (draft: Draft, world: World) => Draft;

const text =
  (json: string | Uint8Array): Change =>
  (draft) => ({ ...draft, json: { kind: "raw", bytes: typeof json === "string" ? utf8(json) : json } });

/** Bodies of get_message_key (64 KiB at most) as a whole. */
const DOCUMENTS: readonly (readonly [what: string, change: Change, codes: readonly string[]])[] = [
  ["nothing", text(""), ["bad_request"]],
  ["white space", text(" \n\t "), ["bad_request"]],
  ["null", text("null"), ["bad_request"]],
  ["an array", text("[]"), ["bad_request"]],
  ["two documents", text("{}{}"), ["bad_request"]],
  [
    "a byte-order mark",
    (draft) => ({
      ...draft,
      json: { kind: "raw", bytes: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), encodeTree(draft.json ?? treeOf(null))]) },
    }),
    ["bad_request"],
  ],
  ["UTF-16", text(Buffer.from('{"address":"alice#alpha.example"}', "utf16le")), ["bad_request"]],
  [
    "a zero byte after",
    (draft) => ({ ...draft, json: { kind: "raw", bytes: Buffer.concat([encodeTree(draft.json ?? treeOf(null)), Buffer.of(0)]) } }),
    ["bad_request"],
  ],
  [
    "a name twice with the same value",
    text('{"address":"alice#alpha.example","address":"alice#alpha.example","message_type":"email"}'),
    ["bad_request"],
  ],
  [
    "a name twice, deep in a member that nobody knows",
    text('{"address":"alice#alpha.example","message_type":"email","x":[{"y":{"a":1,"a":2}}]}'),
    ["bad_request"],
  ],
  [
    "a lone surrogate in a member that nobody knows",
    text('{"address":"alice#alpha.example","message_type":"email","x":"\\ud800"}'),
    ["bad_request"],
  ],
  [
    "a lone surrogate in a name that nobody knows",
    text('{"address":"alice#alpha.example","message_type":"email","\\ud800":1}'),
    ["bad_request"],
  ],
  ["1e400 in a member that nobody knows", text('{"address":"alice#alpha.example","message_type":"email","x":1e400}'), ["bad_request"]],
  [
    "30,000 arrays deep in a member that nobody knows",
    text(`{"address":"alice#alpha.example","message_type":"email","x":${"[".repeat(30_000)}${"]".repeat(30_000)}}`),
    ["bad_request"],
  ],
  ["10,001 values", text(`{"address":"alice#alpha.example","message_type":"email","x":[${"1,".repeat(9_996)}1]}`), ["bad_request"]],
  ["9,999 values", text(`{"address":"alice#alpha.example","message_type":"email","x":[${"1,".repeat(9_990)}1]}`), []],
  ["__proto__ as a member", text('{"__proto__":{"address":"alice#alpha.example"},"message_type":"email"}'), ["bad_request", "bad_address"]],
  ["__proto__ beside what is due", text('{"__proto__":{"pow":1},"address":"alice#alpha.example","message_type":"email"}'), []],
  [
    "constructor and friends beside what is due",
    text('{"constructor":1,"hasOwnProperty":1,"toString":1,"address":"alice#alpha.example","message_type":"email"}'),
    [],
  ],
  ["one byte more than allowed", text(`{"address":"alice#alpha.example","message_type":"email"${" ".repeat(64 * 1024)}}`), ["too_large"]],
  [
    "60,000 bytes of a member that nobody knows",
    text(`{"address":"alice#alpha.example","message_type":"email","x":"${"a".repeat(60_000)}"}`),
    [],
  ],
  ["a name of 60,000 bytes", text(`{"address":"alice#alpha.example","message_type":"email","${"a".repeat(60_000)}":1}`), []],
  ["labelled as gzip", (draft) => ({ ...draft, headers: [...draft.headers, ["content-encoding", "gzip"]] }), []],
  [
    "packed with gzip",
    (draft) => ({
      ...draft,
      headers: [...draft.headers, ["content-encoding", "gzip"]],
      json: { kind: "raw", bytes: gzipSync(encodeTree(draft.json ?? treeOf(null))) },
    }),
    ["bad_request"],
  ],
  [
    "a gzip bomb",
    (draft) => ({
      ...draft,
      headers: [...draft.headers, ["content-encoding", "gzip"]],
      json: { kind: "raw", bytes: gzipSync(Buffer.alloc(BOMB_BYTES, 0x20), { level: 9 }) },
    }),
    ["bad_request"],
  ],
  [
    "a Brotli bomb",
    (draft) => ({
      ...draft,
      headers: [...draft.headers, ["content-encoding", "br"]],
      json: { kind: "raw", bytes: brotliCompressSync(Buffer.alloc(BOMB_BYTES), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }) },
    }),
    ["bad_request"],
  ],
];

/** Bodies: whole documents, too large, without end, packed, and texts inside of statements that take long. */
export function bodyCases(): readonly NamedCase<Arena>[] {
  return [
    ...DOCUMENTS.map(([what, change, codes]): NamedCase<Arena> => ({
      name: `a body: ${what}`,
      async run({ world, drafts }) {
        const draft = change(await drafts.get("getMessageKey"), world);
        // What arrives must not differ between a length and chunks.
        const whole = wireOf(draft, "POST");
        const expected = { codes, success: codes.length === 0 };
        const first = await tryRequest(world, whole, expected);
        const second = await tryRequest(world, { ...whole, framing: "chunked" }, expected);
        return [...first.faults, ...second.faults.map((fault) => `in chunks: ${fault}`)];
      },
    })),
    ...["sendMessage", "putBlob", "putKeystore", "addEphemeralKeys"].map((endpoint): NamedCase<Arena> => ({
      name: `a body without end: ${endpoint}`,
      run: async ({ world, drafts }) => await endless(world, await drafts.get(endpoint as Draft["endpoint"])),
    })),
    {
      name: "a body one byte too large: putBlob",
      async run({ world, drafts }) {
        const draft = await drafts.get("putBlob");
        return (await tryRequest(world, wireOf({ ...draft, bytes: new Uint8Array(WORLD_BLOB_BYTES + 1) }, "PUT"), { codes: ["too_large"] }))
          .faults;
      },
    },
    {
      name: "a body that is announced and never comes",
      run: async ({ world, drafts }) => await neverComes(world, await drafts.get("getMessageKey")),
    },
    {
      name: "an envelope whose text holds 40,000 values",
      run: async (arena) =>
        await envelopeOf(arena, (document) => ({ ...document, x: Array.from({ length: 40_000 }, () => 1) }), ["bad_request"]),
    },
    {
      name: "an envelope whose text is 30,000 arrays deep",
      run: async (arena) => await envelopeOf(arena, () => "[".repeat(30_000), ["bad_request"]),
    },
    {
      name: "an envelope with a ciphertext of no padded length",
      run: async (arena) => await envelopeOf(arena, (document) => ({ ...document, ciphertext: toB64(randomBytes(32 + 300 + 16)) }), null),
    },
    {
      name: "an envelope with 65 blobs",
      run: async (arena) =>
        await envelopeOf(
          arena,
          (document) => ({
            ...document,
            blobs: Array.from({ length: 65 }, (_, i) => ({ hash: i.toString(16).padStart(64, "0"), size: 1 })),
          }),
          ["bad_request"],
        ),
    },
    {
      name: "an envelope with the same blob twice",
      run: async (arena) =>
        await envelopeOf(arena, (document) => ({ ...document, blobs: [0, 0].map(() => ({ hash: "0".repeat(64), size: 1 })) }), [
          "blob_missing",
          "bad_request",
        ]),
    },
    {
      name: "an envelope with a blob of 2^53-1 bytes",
      run: async (arena) =>
        await envelopeOf(arena, (document) => ({ ...document, blobs: [{ hash: "0".repeat(64), size: Number.MAX_SAFE_INTEGER }] }), [
          "blob_missing",
          "quota_exceeded",
        ]),
    },
  ];
}

/** Sends an envelope whose signed text was changed; `codes` null: any refusal or success will do. */
async function envelopeOf(
  { world, drafts }: Arena,
  change: (document: Record<string, unknown>) => unknown,
  codes: readonly string[] | null,
): Promise<readonly string[]> {
  const draft = await drafts.get("sendMessage");
  const [signer] = draft.signers;
  if (draft.json?.kind !== "object" || signer === undefined) return ["there is no envelope"];
  const statement = JSON.parse(Buffer.from(encodeTree(draft.json)).toString("utf8")) as { data: string };
  const changed = change(JSON.parse(statement.data) as Record<string, unknown>);
  const data = typeof changed === "string" ? changed : JSON.stringify(changed);
  if (data.length > WORLD_MESSAGE_BYTES) return ["the envelope is too large for this case"];
  const json = signedAnew(draft.json, signer, data);
  const { faults, answer } = await tryRequest(world, wireOf({ ...draft, json }, "POST"), codes === null ? { success: true } : { codes });
  if (answer !== null && answer.status < 400) drafts.usedUp("sendMessage");
  return faults;
}

async function endless(world: World, draft: Draft): Promise<readonly string[]> {
  world.state.mark();
  const logged = world.process.logs().length;
  const before = residentBytes(world);
  const method = draft.endpoint.startsWith("put") ? "PUT" : "POST";
  const [head = ""] = Buffer.from(encodeHttp1({ ...wireOf(draft, method), framing: "chunked" }, world.target.host))
    .toString("latin1")
    .split("\r\n\r\n");
  async function* forEver(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(`${head}\r\n\r\n`, "latin1");
    for (;;) yield Buffer.concat([Buffer.from(`${CHUNK.length.toString(16)}\r\n`), CHUNK, Buffer.from("\r\n")]);
  }
  const line = await openLine(world.target);
  const { answers, closed } = await line.talk(forEver(), { milliseconds: CUT_OFF, answers: Infinity });
  line.close();
  // A server that has seen enough may also end the line while its answer is on the way.
  const refusal =
    answers[0] === undefined
      ? []
      : faultsOfAnswer(world, answers[0], { codes: ["too_large", "quota_exceeded", "bad_request", "rate_limited"] });
  return [
    ...refusal,
    ...(closed ? [] : ["the line was not ended"]),
    ...(residentBytes(world) - before < MOST_GROWTH ? [] : ["the server grew by more than its bound"]),
    ...world.state.changed().map((table) => `changed ${table}`),
    ...faultsOfLog(world, world.process.logs().slice(logged)),
    ...((await isHealthy(world)) ? [] : ["the server is not healthy afterwards"]),
  ];
}

async function neverComes(world: World, draft: Draft): Promise<readonly string[]> {
  const line = await openLine(world.target);
  const request = wireOf({ ...draft, json: treeOf({}) }, "POST");
  const bytes = Buffer.from(encodeHttp1(request, world.target.host))
    .toString("latin1")
    .replace(/content-length: \d+/, "content-length: 60000");
  const { closed } = await line.talk(Buffer.from(bytes, "latin1"), { milliseconds: CUT_OFF, answers: Infinity });
  line.close();
  return closed ? [] : ["the line was not ended"];
}

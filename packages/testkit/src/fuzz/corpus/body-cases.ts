import { concat, ENDPOINTS, randomBytes, toB64, utf8, type Endpoint, type EndpointName } from "@smimp/protocol";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { encodeTree, raw, treeOf, type Tree } from "../input/tree.ts";
import type { NamedCase } from "../report.ts";
import { encodeHttp1, type Draft } from "../server/draft.ts";
import { BOMB_BYTES, isHealthy, MOST_HELD, heldBytes, watchGrowth } from "../server/health.ts";
import { faultsOfAnswer, faultsOfLog } from "../server/judge.ts";
import { wireOf } from "../server/mutate-request.ts";
import { tryRequest } from "../server/try-request.ts";
import { signedAnew } from "../server/mutate-request.ts";
import { WORLD_BLOB_BYTES, WORLD_MESSAGE_BYTES, type World } from "../server/world.ts";
import { openLine } from "../wire/http1.ts";
import type { Arena } from "./schema-cases.ts";

const CHUNK = Buffer.alloc(64 * 1024, 0x20);
/** Milliseconds in which an endless body must have been cut off: the server under test waits two seconds. */
const CUT_OFF = 10_000;

/** Milliseconds of an endless body after which is looked what the server holds of it. */
const FLOOD_MIDDLE = 1_000;

type Change = (json: Tree) => Uint8Array;

/** Bytes of the whole in place of the honest document. */
const text =
  (bytes: string | Uint8Array): Change =>
  () =>
    typeof bytes === "string" ? utf8(bytes) : bytes;
/** The honest document, with a member more. */
const beside =
  (name: string, value: string): Change =>
  (json) =>
    json.kind === "object" ? encodeTree({ ...json, members: [...json.members, [name, raw(value)]] }) : encodeTree(json);
const deep = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

interface Document {
  readonly what: string;
  readonly change: Change;
  /** The code of the refusal; null: the request is taken. */
  readonly code: string | null;
  readonly headers?: readonly (readonly [string, string])[];
}

const refused = (what: string, change: Change, headers: Document["headers"] = []): Document => ({
  what,
  change,
  code: "bad_request",
  headers,
});
const taken = (what: string, change: Change, headers: Document["headers"] = []): Document => ({ what, change, code: null, headers });
const packed = (what: string, encoding: string, pack: (bytes: Uint8Array) => Uint8Array): Document =>
  refused(what, (json) => pack(encodeTree(json)), [["content-encoding", encoding]]);

/** Bodies as a whole, the same for every endpoint that takes JSON. */
const DOCUMENTS: readonly Document[] = [
  refused("nothing", text("")),
  refused("white space", text(" \n\t ")),
  refused("null", text("null")),
  refused("an array", text("[]")),
  refused("two documents", (json) => concat(encodeTree(json), encodeTree(json))),
  refused("a byte-order mark", (json) => concat(Uint8Array.of(0xef, 0xbb, 0xbf), encodeTree(json))),
  refused("UTF-16", (json) => Buffer.from(Buffer.from(encodeTree(json)).toString("utf8"), "utf16le")),
  refused("a zero byte after", (json) => concat(encodeTree(json), 0)),
  refused("cut in the middle", (json) => encodeTree(json).subarray(0, -5)),
  refused("every name twice with the same value", (json) =>
    encodeTree(json.kind === "object" ? { ...json, members: [...json.members, ...json.members] } : json),
  ),
  refused("a name twice, deep in a member that nobody knows", beside("x", '[{"y":{"a":1,"a":2}}]')),
  refused("a lone surrogate in a member that nobody knows", beside("x", '"\\ud800"')),
  refused("a lone surrogate in a name that nobody knows", (json) =>
    Buffer.from(Buffer.from(beside("x", "1")(json)).toString("latin1").replace('"x":1', '"\\ud800":1'), "latin1"),
  ),
  refused("1e400 in a member that nobody knows", beside("x", "1e400")),
  refused("30,000 arrays deep in a member that nobody knows", beside("x", deep(30_000))),
  refused("10,001 values", beside("x", `[${"1,".repeat(9_999)}1]`)),
  taken("9,000 values", beside("x", `[${"1,".repeat(8_999)}1]`)),
  refused("all of it in __proto__", (json) => concat(utf8('{"__proto__":'), encodeTree(json), utf8("}"))),
  taken("__proto__ beside what is due", beside("__proto__", '{"pow":1}')),
  taken("constructor beside what is due", beside("constructor", "1")),
  taken("hasOwnProperty beside what is due", beside("hasOwnProperty", "1")),
  taken("30,000 bytes of a member that nobody knows", beside("x", `"${"a".repeat(30_000)}"`)),
  taken("a name of 30,000 bytes", beside("a".repeat(30_000), "1")),
  taken("labelled as gzip", (json) => encodeTree(json), [["content-encoding", "gzip"]]),
  packed("packed with gzip", "gzip", (bytes) => gzipSync(bytes)),
  packed("packed with gzip, not said", "identity", (bytes) => gzipSync(bytes)),
];

/** Small enough for every endpoint, and far beyond all bounds once they are unpacked. */
const BOMBS: readonly Document[] = [packed("a gzip bomb", "gzip", () => GZIP_BOMB()), packed("a Brotli bomb", "br", () => BROTLI_BOMB())];

const once = (make: () => Uint8Array): (() => Uint8Array) => {
  let made: Uint8Array | null = null;
  return () => (made ??= make());
};
const GZIP_BOMB = once(() => gzipSync(Buffer.alloc(BOMB_BYTES, 0x20), { level: 9 }));
const BROTLI_BOMB = once(() =>
  brotliCompressSync(Buffer.alloc(BOMB_BYTES), { params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 24 } }),
);

/** Endpoints that take JSON. */
const JSON_ENDPOINTS = (Object.keys(ENDPOINTS) as EndpointName[]).filter((name) => typeof (ENDPOINTS[name] as Endpoint).body === "object");
/** Those whose documents may be larger than 64 KiB (protocol section 12), and the bytes that they may have here. */
const LARGE: Readonly<Partial<Record<EndpointName, number>>> = {
  initializeAccount: 12_233_387,
  updateProfile: 1_048_576,
  addEphemeralKeys: 1_048_576,
  replaceEphemeralKeys: 1_048_576,
  sendMessage: WORLD_MESSAGE_BYTES,
};
const SMALL = 65_536;

/** Bodies of exactly so many bytes, and of such a depth that careless parsers run out of stack. */
function sizesOf(endpoint: EndpointName): readonly Document[] {
  const most = LARGE[endpoint] ?? SMALL;
  const filled =
    (length: number): Change =>
    (json) => {
      const bytes = encodeTree(json);
      return concat(bytes, new Uint8Array(length - bytes.length).fill(0x20));
    };
  const deepest = (what: string, bytes: string): Document => ({
    what,
    change: text(bytes),
    code: bytes.length > most ? "too_large" : "bad_request",
  });
  return [
    { what: "one byte more than allowed", change: filled(most + 1), code: "too_large" },
    taken("as many bytes as allowed", filled(most)),
    deepest("arrays 100,000 deep", deep(100_000)),
    deepest("objects 100,000 deep", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`),
    deepest("100,000 open brackets", "[".repeat(100_000)),
  ];
}

/** Bodies: whole documents, too large, without end, packed, and texts inside of statements that take long. */
export function bodyCases(): readonly NamedCase<Arena>[] {
  return [
    ...JSON_ENDPOINTS.map((endpoint): NamedCase<Arena> => ({
      name: `${endpoint}: whole bodies that are none`,
      run: async (arena, count) => await everyDocument(arena, endpoint, [...DOCUMENTS, ...sizesOf(endpoint)], count),
    })),
    {
      name: "bombs, at every endpoint",
      async run(arena, count) {
        const grown = await watchGrowth(arena.world);
        const found: string[] = [];
        for (const endpoint of JSON_ENDPOINTS) {
          // oxlint-disable-next-line no-await-in-loop
          found.push(...(await everyDocument(arena, endpoint, BOMBS, count)).map((fault) => `${endpoint}: ${fault}`));
        }
        return [...found, ...grown()];
      },
    },
    ...ENDLESS.map((endpoint): NamedCase<Arena> => ({
      name: `a body without end: ${endpoint}`,
      run: async ({ world, drafts }) => await endless(world, await drafts.get(endpoint)),
    })),
    {
      name: "a body one byte too large: putBlob",
      async run({ world, drafts }) {
        const draft = await drafts.get("putBlob");
        return (await tryRequest(world, wireOf({ ...draft, bytes: new Uint8Array(WORLD_BLOB_BYTES + 1) }, "PUT"), { codes: ["too_large"] }))
          .faults;
      },
    },
    ...(["getMessageKey", "sendMessage"] as const).map((endpoint): NamedCase<Arena> => ({
      name: `a body that is announced and never comes: ${endpoint}`,
      run: async ({ world, drafts }) => await neverComes(world, await drafts.get(endpoint)),
    })),
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

/** Endpoints of every kind of body. */
const ENDLESS = ["sendMessage", "putBlob", "putKeystore", "addEphemeralKeys", "getMessageKey", "postUserAvatar", "importAccount"] as const;

async function everyDocument(
  { world, drafts }: Arena,
  endpoint: EndpointName,
  documents: readonly Document[],
  count: () => void,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { what, change, code, headers = [] } of documents) {
    // What arrives must not differ between a length and chunks.
    for (const framing of ["length", "chunked"] as const) {
      count();
      // oxlint-disable-next-line no-await-in-loop
      const draft = await drafts.get(endpoint);
      if (draft.json === null) return ["there is no JSON body"];
      const changed: Draft = { ...draft, headers: [...draft.headers, ...headers], json: raw(change(draft.json)) };
      const codes = code === null ? [] : [code];
      // oxlint-disable-next-line no-await-in-loop
      const { faults, answer } = await tryRequest(
        world,
        { ...wireOf(changed, ENDPOINTS[endpoint].method), framing },
        { codes, success: code === null },
      );
      if (answer === null || answer.status < 400) drafts.usedUp(endpoint);
      found.push(...faults.map((fault) => `${what} (${framing}): ${fault}`));
    }
  }
  return found;
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
  const before = await heldBytes(world);
  const method = draft.endpoint.startsWith("put") ? "PUT" : "POST";
  const [head = ""] = Buffer.from(encodeHttp1({ ...wireOf(draft, method), framing: "chunked" }, world.target.host))
    .toString("latin1")
    .split("\r\n\r\n");
  async function* forEver(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(`${head}\r\n\r\n`, "latin1");
    for (;;) yield Buffer.concat([Buffer.from(`${CHUNK.length.toString(16)}\r\n`), CHUNK, Buffer.from("\r\n")]);
  }
  const line = await openLine(world.target);
  // In the middle of it, without what only waits to be thrown away.
  const held = new Promise((resolve) => setTimeout(resolve, FLOOD_MIDDLE)).then(async () => (await heldBytes(world)) - before);
  const { answers, closed } = await line.talk(forEver(), { milliseconds: CUT_OFF, answers: Infinity });
  line.close();
  return [
    // The refusal comes while the body still does, and is read by who listens.
    ...faultsOfAnswer(world, answers[0] ?? null, { codes: ["too_large"] }),
    ...(answers.length > 1 ? [`${answers.length} answers`] : []),
    ...(closed ? [] : ["the line was not ended"]),
    ...((await held) < MOST_HELD ? [] : [`the server held ${await held} bytes of it`]),
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
  world.state.mark();
  const { closed, answers } = await line.talk(Buffer.from(bytes, "latin1"), { milliseconds: CUT_OFF, answers: Infinity });
  line.close();
  return [
    ...(closed ? [] : ["the line was not ended"]),
    // Nobody was heard to the end: there is nothing to answer (decision 21).
    ...(answers.length === 0 ? [] : [`answered with ${answers.map(({ status }) => status).join()}`]),
    ...world.state.changed().map((table) => `changed ${table}`),
    ...((await isHealthy(world)) ? [] : ["the server is not healthy afterwards"]),
  ];
}

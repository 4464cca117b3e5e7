import { utf8 } from "@smimp/protocol";
import type { TestIdentity } from "../../identity.ts";
import { rawSession } from "../../raw-caller.ts";
import { encodeTree, nameOfPlace, placesOf, raw, treeAt, treeOf, withPiece, type Place, type Tree } from "../input/tree.ts";
import { NEVER, TYPES } from "../input/values.ts";
import type { NamedCase } from "../report.ts";
import type { WireRequest } from "../server/draft.ts";
import { tryRequest } from "../server/try-request.ts";
import { importBody, movingLines } from "../server/valid/moving.ts";
import { WORLD_MESSAGE_BYTES, type World } from "../server/world.ts";
import { NO_NUMBERS, ODD_NUMBERS, oddTexts, verdictOf, type Line } from "./import-formats.ts";
import type { Arena } from "./schema-cases.ts";

// An account that moves here line by line, with something wrong in one of them: it comes whole or not at all (protocol section 8).

interface Moving {
  readonly identity: TestIdentity;
  readonly token: string;
  readonly code: string;
  readonly lines: readonly object[];
}

/** What began to arrive goes again, and with it the session that brought it. */
const MAY_CHANGE: readonly string[] = ["sessions"];

type OrderFault = readonly [what: string, change: (lines: readonly object[]) => readonly object[], code: string];

const isKind =
  (...kinds: readonly string[]) =>
  (line: object): boolean =>
    "kind" in line && kinds.includes(String(line.kind));

/** Changes of the lines as a whole, which nobody may take; lines[0] is the account, the last one the end. */
const ORDERS: readonly OrderFault[] = [
  ["no lines", () => [], "bad_request"],
  ["no end", (lines) => lines.slice(0, -1), "bad_request"],
  ["two ends", (lines) => [...lines, ...lines.slice(-1)], "bad_request"],
  ["lines after the end", (lines) => [...lines, ...lines.slice(0, 1)], "bad_request"],
  ["backwards", (lines) => lines.toReversed(), "bad_request"],
  ["the account twice", (lines) => [...lines.slice(0, 1), ...lines], "history_invalid"],
  ["the account again at the end", (lines) => [...lines.slice(0, -1), ...lines.slice(0, 1)], "bad_request"],
  ["no account", (lines) => lines.slice(1), "bad_request"],
  ["no records", (lines) => lines.filter((line) => !isKind("record")(line)), "history_invalid"],
  ["the records twice", (lines) => lines.flatMap((line) => (isKind("record")(line) ? [line, line] : [line])), "history_invalid"],
  ["the records behind something else", (lines) => [...lines.slice(0, -1), ...lines.filter(isKind("record"))], "bad_request"],
  ["bytes that nobody announced", (lines) => lines.filter((line) => !isKind("keystore", "avatar")(line)), "bad_request"],
  ["announced bytes that don't come", (lines) => lines.filter((line) => !isKind("bytes")(line)), "bad_request"],
  ["a message's blob that doesn't come", (lines) => lines.filter((line) => !isKind("blob")(line)), "bad_request"],
  ["a blob of no message", (lines) => lines.filter((line) => !isKind("message")(line)), "bad_request"],
  ["two avatars", (lines) => again(lines, "avatar", 2), "bad_request"],
  ["11 keystores", (lines) => again(lines, "keystore", 11, 2), "too_large"],
  ["33 hand-overs", (lines) => again(lines, "hand_over", 33), "too_large"],
  ["an end that counts one too few", (lines) => [...lines.slice(0, -1), { kind: "end", lines: lines.length - 2 }], "bad_request"],
  ["an end that counts one too many", (lines) => [...lines.slice(0, -1), { kind: "end", lines: lines.length }], "bad_request"],
  ["a kind that is none", (lines) => [...lines.slice(0, -1), { kind: "__proto__" }, { kind: "end", lines: lines.length }], "bad_request"],
  ["no kind", (lines) => [...lines.slice(0, -1), {}, { kind: "end", lines: lines.length }], "bad_request"],
];

/** A line, with so many behind it that belong to it, so many times. */
function again(lines: readonly object[], kind: string, times: number, behind = kind === "hand_over" ? 1 : 2): readonly object[] {
  const at = lines.findIndex(isKind(kind));
  const all = Array.from({ length: times }, () => lines.slice(at, at + behind)).flat();
  const content = [...lines.slice(0, at), ...all, ...lines.slice(at + behind, -1)];
  return [...content, { kind: "end", lines: content.length }];
}

/** Changes of the body's bytes. */
const BODIES: readonly (readonly [what: string, change: (body: Uint8Array) => Uint8Array, code: string])[] = [
  [
    "one line of 300,000 bytes",
    (body) => Buffer.concat([body.subarray(0, 10), Buffer.alloc(300_000, 0x61), body.subarray(10)]),
    "bad_request",
  ],
  [
    "one line that is longer than any",
    (body) => Buffer.concat([body.subarray(0, 10), Buffer.alloc(WORLD_MESSAGE_BYTES + 512 * 1024 + 1, 0x61), body.subarray(10)]),
    "too_large",
  ],
  ["another protocol's greeting", (body) => Buffer.concat([Buffer.from("SSH-2.0-OpenSSH_9.9\r\n"), body]), "bad_request"],
  ["a byte-order mark", (body) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]), "bad_request"],
  ["no code", (body) => body.subarray(body.indexOf(0x0a) + 1), "bad_request"],
  ["cut in the middle", (body) => body.subarray(0, body.length / 2), "bad_request"],
  ["no last line feed, and cut before it", (body) => body.subarray(0, -3), "bad_request"],
  ["nothing", () => new Uint8Array(), "bad_request"],
  ["zero bytes", () => new Uint8Array(10_000), "bad_request"],
];

/** The kinds of lines; `movingLines` makes one of each. */
const KINDS = [
  "account",
  "record",
  "nonephemeral_key",
  "known_key",
  "keystore",
  "bytes",
  "avatar",
  "hand_over",
  "folder",
  "list_entry",
  "correspondent",
  "remembered",
  "message",
  "blob",
  "end",
];

/** First lines, and what comes of them. */
const HEADS: readonly (readonly [what: string, head: string, code: string])[] = [
  ["no object", "[]", "bad_request"],
  ["no code", "{}", "bad_request"],
  ["a number", '{"code":1}', "bad_request"],
  ["a list", '{"code":["x"]}', "bad_request"],
  ["a code of 65 characters", `{"code":"${"A".repeat(65)}"}`, "bad_request"],
  ["two codes", '{"code":null,"code":null}', "bad_request"],
  ["1e400 beside it", '{"code":null,"x":1e400}', "bad_request"],
  ["no code that is one", '{"code":"x"}', "unauthenticated"],
  ["an empty code", '{"code":""}', "unauthenticated"],
  ["null", '{"code":null}', "unauthenticated"],
  ["another's code", `{"code":"${"A".repeat(32)}"}`, "unauthenticated"],
];

/** Imports with faults. */
export function importCases(): readonly NamedCase<Arena>[] {
  return [
    ...ORDERS.map(([what, change, code]): NamedCase<Arena> => ({
      name: `an import: ${what}`,
      async run({ world }) {
        const moving = await begin(world);
        return await refused(world, moving.token, importBody(moving.code, change(moving.lines)), code);
      },
    })),
    ...BODIES.map(([what, change, code]): NamedCase<Arena> => ({
      name: `an import: ${what}`,
      async run({ world }) {
        const moving = await begin(world);
        return await refused(world, moving.token, change(importBody(moving.code, moving.lines)), code);
      },
    })),
    {
      name: "an import: every fault of its first line",
      run: async ({ world }, count) => await everyHead(world, count),
    },
    ...KINDS.map((kind): NamedCase<Arena> => ({
      name: `an import: every fault of a line of kind ${kind}`,
      run: async ({ world }, count) => await everyFault(world, kind, count),
    })),
  ];
}

/** The kinds of lines that have their faults here. */
export const IMPORTED_KINDS: readonly string[] = KINDS;

async function begin(world: World): Promise<Moving> {
  const { identity, code, lines } = await movingLines(world);
  return { identity, code, lines, token: await sessionOf(world, { identity }) };
}

async function sessionOf(world: World, { identity }: Pick<Moving, "identity">): Promise<string> {
  return await rawSession(world.network, world.server.baseUrl, identity);
}

async function refused(world: World, token: string, body: Uint8Array, code: string): Promise<readonly string[]> {
  return (await tryRequest(world, request(token, body), { codes: [code], mayChange: MAY_CHANGE })).faults;
}

function request(token: string, body: Uint8Array): WireRequest {
  return {
    method: "POST",
    target: "/1.0/import_account",
    headers: [
      ["smimp-authentication", token],
      ["content-type", "application/octet-stream"],
    ],
    body,
    framing: "length",
  };
}

async function everyHead(world: World, count: () => void): Promise<readonly string[]> {
  const found: string[] = [];
  const { token, lines } = await begin(world);
  for (const [what, head, code] of HEADS) {
    count();
    const body = Buffer.concat([Buffer.from(`${head}\n`), ...lines.map((line) => Buffer.from(`${JSON.stringify(line)}\n`))]);
    // oxlint-disable-next-line no-await-in-loop
    found.push(...(await refused(world, token, body, code)).map((fault) => `${what}: ${fault}`));
  }
  return found;
}

async function everyFault(world: World, kind: string, count: () => void): Promise<readonly string[]> {
  const found: string[] = [];
  let moving = await begin(world);
  const at = moving.lines.findIndex(isKind(kind));
  for (const place of placesOf(treeOf(moving.lines[at]))) {
    const honest = treeAt(treeOf(moving.lines[at]), place);
    for (const fault of faultsAt(honest, place)) {
      count();
      // Another mover has other values, so the fault is made of this one's.
      const tree = treeOf(moving.lines[at]);
      const bytes = encodeTree(withPiece(tree, place, fault.make(treeAt(tree, place))));
      const code = fault.isJson ? verdictOf(moving.lines[at] as Line, JSON.parse(Buffer.from(bytes).toString("utf8"))) : "bad_request";
      const expected = code === null ? { codes: [], success: true } : { codes: [code], mayChange: MAY_CHANGE };
      // oxlint-disable-next-line no-await-in-loop
      const { faults, answer, changed } = await tryRequest(world, request(moving.token, withLine(moving, at, bytes)), expected);
      found.push(...faults.map((wrong) => `${nameOfPlace(tree, place)}: ${fault.what}: ${wrong}`));
      // What was taken in is here for good: the next one is somebody else. A refusal may have ended the session.
      // oxlint-disable-next-line no-await-in-loop
      if (answer === null || answer.status < 400) moving = await begin(world);
      // oxlint-disable-next-line no-await-in-loop
      else if (changed.length > 0) moving = { ...moving, token: await sessionOf(world, moving) };
    }
  }
  return found;
}

function withLine({ code, lines }: Moving, at: number, changed: Uint8Array): Uint8Array {
  const all = [{ code }, ...lines].map((line) => utf8(JSON.stringify(line)));
  return Buffer.concat(all.map((line, i) => Buffer.concat([i === at + 1 ? changed : line, Buffer.from("\n")])));
}

interface LineFault {
  readonly what: string;
  /** Whether what stands there then is JSON of SMIMP at all. */
  readonly isJson: boolean;
  make(honest: Tree): Tree | null;
}

const edit = (what: string, change: (value: string) => string): LineFault => ({
  what,
  isJson: true,
  make: (honest) => ({ kind: "text", value: honest.kind === "text" ? change(honest.value) : "" }),
});

const EDGES = [
  edit("one character more", (value) => `${value}A`),
  edit("one character less", (value) => value.slice(0, -1)),
  edit("a zero byte after", (value) => `${value}\u0000`),
  edit("padding after", (value) => `${value}=`),
  edit("upper case", (value) => value.toUpperCase()),
];

function faultsAt(honest: Tree, place: Place): readonly LineFault[] {
  const instead = (what: string, tree: Tree, isJson = true): LineFault => ({ what, isJson, make: () => tree });
  const isNumber = honest.kind === "raw" && /^[0-9]/.test(Buffer.from(honest.bytes).toString("utf8"));
  return [
    ...(place.length === 0 ? [] : [{ what: "missing", isJson: true, make: () => null }]),
    ...TYPES.map(({ name, tree }) => instead(name, tree)),
    ...NEVER.slice(0, 3).map(({ name, tree }) => instead(name, tree, false)),
    instead("a name twice", raw('{"a":1,"a":1}'), false),
    ...(honest.kind === "text" ? EDGES : []),
    ...(honest.kind === "text"
      ? oddTexts(honest.value).map((value) => instead(`the text ${value.slice(0, 40)}`, { kind: "text", value }))
      : []),
    ...(isNumber ? ODD_NUMBERS.map((text) => instead(text, raw(text))) : []),
    ...(isNumber ? NO_NUMBERS.map((text) => instead(text, raw(text), false)) : []),
  ];
}

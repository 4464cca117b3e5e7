import { utf8 } from "@smimp/protocol";
import { rawSession } from "../../raw-caller.ts";
import { encodeTree, nameOfPlace, placesOf, raw, treeAt, treeOf, withPiece, type Place, type Tree } from "../input/tree.ts";
import { NEVER, TYPES } from "../input/values.ts";
import type { NamedCase } from "../report.ts";
import type { WireRequest } from "../server/draft.ts";
import { tryRequest } from "../server/try-request.ts";
import { importBody, movingLines } from "../server/valid/moving.ts";
import type { World } from "../server/world.ts";
import type { Arena } from "./schema-cases.ts";

// An account that moves here line by line, with something wrong in one of them: it comes whole or not at all (protocol section 8).

interface Moving {
  readonly token: string;
  readonly code: string;
  readonly lines: readonly object[];
}

/** What began to arrive goes again, and with it the session that brought it. */
const MAY_CHANGE: readonly string[] = ["sessions"];

/** Changes of the lines as a whole, which nobody may take; lines[0] is the account, the last one the end. */
const ORDERS: readonly (readonly [what: string, change: (lines: readonly object[]) => readonly object[]])[] = [
  ["no lines", () => []],
  ["no end", (lines) => lines.slice(0, -1)],
  ["two ends", (lines) => [...lines, ...lines.slice(-1)]],
  ["lines after the end", (lines) => [...lines, ...lines.slice(0, 1)]],
  ["backwards", (lines) => lines.toReversed()],
  ["the account twice", (lines) => [...lines.slice(0, 1), ...lines]],
  ["no account", (lines) => lines.slice(1)],
  ["no records", (lines) => lines.filter((line) => !("kind" in line && line.kind === "record"))],
  ["the records twice", (lines) => lines.flatMap((line) => ("kind" in line && line.kind === "record" ? [line, line] : [line]))],
  ["the records backwards", (lines) => [...lines.slice(0, 1), ...lines.slice(1, 3).toReversed(), ...lines.slice(3)]],
  ["bytes that nobody announced", (lines) => lines.filter((line) => !("kind" in line && line.kind === "keystore"))],
  ["announced bytes that don't come", (lines) => lines.filter((line) => !("kind" in line && line.kind === "bytes"))],
  ["an end that counts one too few", (lines) => [...lines.slice(0, -1), { kind: "end", lines: lines.length - 2 }]],
  ["an end that counts one too many", (lines) => [...lines.slice(0, -1), { kind: "end", lines: lines.length }]],
  ["a kind that is none", (lines) => [...lines.slice(0, -1), { kind: "__proto__" }, { kind: "end", lines: lines.length }]],
  ["no kind", (lines) => [...lines.slice(0, -1), {}, { kind: "end", lines: lines.length }]],
];

/** The kinds of lines that `movingLines` makes. */
const KINDS = [
  "account",
  "record",
  "nonephemeral_key",
  "known_key",
  "keystore",
  "bytes",
  "folder",
  "list_entry",
  "correspondent",
  "remembered",
  "message",
  "end",
];

/** Imports with faults. */
export function importCases(): readonly NamedCase<Arena>[] {
  return [
    ...ORDERS.map(([what, change]): NamedCase<Arena> => ({
      name: `an import: ${what}`,
      async run({ world }) {
        const { token, code, lines } = await begin(world);
        return await refused(world, token, importBody(code, change(lines)));
      },
    })),
    ...(
      [
        [
          "one line of 300,000 bytes",
          (body: Uint8Array) => Buffer.concat([body.subarray(0, 10), Buffer.alloc(300_000, 0x61), body.subarray(10)]),
        ],
        ["another protocol's greeting", (body: Uint8Array) => Buffer.concat([Buffer.from("SSH-2.0-OpenSSH_9.9\r\n"), body])],
        ["a byte-order mark", (body: Uint8Array) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body])],
        ["no code", (body: Uint8Array) => body.subarray(body.indexOf(0x0a) + 1)],
        ["cut in the middle", (body: Uint8Array) => body.subarray(0, body.length / 2)],
        ["no last line feed, and cut before it", (body: Uint8Array) => body.subarray(0, -3)],
        ["nothing", () => new Uint8Array()],
        ["zero bytes", () => new Uint8Array(10_000)],
      ] as const
    ).map(([what, change]): NamedCase<Arena> => ({
      name: `an import: ${what}`,
      async run({ world }) {
        const { token, code, lines } = await begin(world);
        return await refused(world, token, change(importBody(code, lines)));
      },
    })),
    ...KINDS.map((kind): NamedCase<Arena> => ({
      name: `an import: every fault of a line of kind ${kind}`,
      run: async ({ world }, count) => await everyFault(world, kind, count),
    })),
  ];
}

async function begin(world: World): Promise<Moving> {
  const { identity, code, lines } = await movingLines(world);
  return { token: await rawSession(world.network, world.server.baseUrl, identity), code, lines };
}

async function refused(world: World, token: string, body: Uint8Array): Promise<readonly string[]> {
  return (await tryRequest(world, request(token, body), { mayChange: MAY_CHANGE })).faults;
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

async function everyFault(world: World, kind: string, count: () => void): Promise<readonly string[]> {
  const found: string[] = [];
  let moving = await begin(world);
  const at = moving.lines.findIndex((line) => "kind" in line && line.kind === kind);
  const tree = treeOf(moving.lines[at]);
  for (const place of placesOf(tree)) {
    for (const [what, piece] of faultsAt(treeAt(tree, place), place)) {
      count();
      const bytes = encodeTree(withPiece(treeOf(moving.lines[at]), place, piece));
      const expected = { success: mayPass(tree, place), mayChange: MAY_CHANGE };
      // oxlint-disable-next-line no-await-in-loop
      const { faults, answer, changed } = await tryRequest(world, request(moving.token, withLine(moving, at, bytes)), expected);
      found.push(...faults.map((fault) => `${nameOfPlace(tree, place)}: ${what}: ${fault}`));
      // What was taken in is here for good, and a refusal may have ended the session: the next one is somebody else.
      // oxlint-disable-next-line no-await-in-loop
      if (answer === null || answer.status < 400 || changed.length > 0) moving = await begin(world);
    }
  }
  return found;
}

function withLine({ code, lines }: Moving, at: number, changed: Uint8Array): Uint8Array {
  const all = [{ code }, ...lines].map((line) => utf8(JSON.stringify(line)));
  return Buffer.concat(all.map((line, i) => Buffer.concat([i === at + 1 ? changed : line, Buffer.from("\n")])));
}

function faultsAt(piece: Tree, place: Place): readonly (readonly [string, Tree | null])[] {
  const edges = piece.kind === "text" ? [`${piece.value}A`, piece.value.slice(0, -1), `${piece.value}\u0000`] : [];
  return [
    ...(place.length === 0 ? [] : [["missing", null] as const]),
    ...TYPES.map(({ name, tree }) => [name, tree] as const),
    ...NEVER.slice(0, 3).map(({ name, tree }) => [name, tree] as const),
    ["a name twice", raw('{"a":1,"a":1}')] as const,
    ...edges.map((value) => [JSON.stringify(value.slice(-8)), { kind: "text", value } as const] as const),
  ];
}

/** Members that may be this or that: null, another number, another text. What is signed or counted may not. */
function mayPass(line: Tree, place: Place): boolean {
  const name = nameOfPlace(line, place);
  return /^(?:profile|state|created_at|accepted_at|list_key|key_id|expires_at|stored_at|version|size|bytes|name|parent|display_name|note|hash|list|address|first_accepted_at|destroyed_at|message_id|received_at|received_via|read|folder|pow|archive|summary|extensions|protocol_version|message_type|first_accepted_at|envelope\.signature)$/.test(
    name,
  );
}

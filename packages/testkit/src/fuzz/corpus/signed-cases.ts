import { ENDPOINTS, type EndpointName } from "@smimp/protocol";
import { raw, encodeTree, nameOfPlace, placesOf, treeAt, withPiece, type Place, type Tree } from "../input/tree.ts";
import { TYPES } from "../input/values.ts";
import type { NamedCase } from "../report.ts";
import type { Draft, Signer } from "../server/draft.ts";
import { signedAnew, signedDocument, wireOf } from "../server/mutate-request.ts";
import { tryRequest } from "../server/try-request.ts";
import type { Arena } from "./schema-cases.ts";

/** Endpoints whose bodies hold statements, and how many. */
const SIGNED: Readonly<Partial<Record<EndpointName, number>>> = {
  initializeAccount: 3,
  updateProfile: 1,
  createSession: 1,
  addEphemeralKeys: 2,
  replaceEphemeralKeys: 2,
  putNonephemeralKey: 1,
  sendMessage: 1,
  deleteAccount: 1,
};

/** What stands in a signed text instead; most of it no honest signer would ever sign. */
const TEXTS: readonly (readonly [what: string, text: string])[] = [
  ["nothing", ""],
  ["null", "null"],
  ["a text", '"x"'],
  ["an array", "[]"],
  ["an empty object", "{}"],
  ["1e400", "1e400"],
  ["no JSON", "{"],
  ["a name twice", '{"address":"a#b.example","address":"a#b.example"}'],
  ["__proto__", '{"__proto__":{"address":"alice#alpha.example"}}'],
  ["2,000 arrays deep", "[".repeat(2_000)],
  ["a byte-order mark", "\ufeff{}"],
  ["a zero byte", '{"a":"\u0000"}'],
];

/** Statements that are signed as they should be, over documents that are not: what a signature alone must never let pass. */
export function signedCases(): readonly NamedCase<Arena>[] {
  return (Object.keys(SIGNED) as EndpointName[]).flatMap((endpoint) =>
    Array.from({ length: SIGNED[endpoint] ?? 0 }, (_, i): NamedCase<Arena> => ({
      name: `${endpoint}: every fault of what is signed (${i + 1})`,
      run: async (arena, count) => await everyFault(arena, endpoint, i, count),
    })),
  );
}

async function everyFault(arena: Arena, endpoint: EndpointName, which: number, count: () => void): Promise<readonly string[]> {
  const found: string[] = [];
  const { document } = await signedPart(arena, endpoint, which);
  for (const [what, text] of TEXTS) {
    count();
    // oxlint-disable-next-line no-await-in-loop
    const wrong = await send(arena, endpoint, which, () => text, false);
    found.push(...wrong.map((each) => `${what}: ${each}`));
  }
  for (const place of placesOf(document)) {
    for (const { what, piece, refused } of faultsAt(document, place)) {
      count();
      const change = (tree: Tree): string => Buffer.from(encodeTree(withPiece(tree, place, piece))).toString("utf8");
      // oxlint-disable-next-line no-await-in-loop
      const wrong = await send(arena, endpoint, which, change, !refused);
      found.push(...wrong.map((each) => `${nameOfPlace(document, place)}: ${what}: ${each}`));
    }
  }
  return found;
}

/** Faults of a place; `refused`: no server may take it, whatever the member means. */
function faultsAt(document: Tree, place: Place): readonly { what: string; piece: Tree | null; refused: boolean }[] {
  const piece = treeAt(document, place);
  const type = typeOf(piece);
  const types = TYPES.map(({ name, tree }) => ({
    what: name,
    piece: tree,
    refused: typeOf(tree) !== type && typeOf(tree) !== "null" && type !== "null",
  }));
  const duplicate: Tree = piece.kind === "object" ? { kind: "object", members: [...piece.members, ...piece.members] } : piece;
  const edges =
    piece.kind !== "text"
      ? []
      : [`${piece.value}A`, piece.value.slice(0, -1), `${piece.value}\n`, `${piece.value}\u0000`, piece.value.toUpperCase()];
  return [
    { what: "missing", piece: null, refused: place.length === 1 },
    ...types,
    ...edges.map((value) => ({ what: JSON.stringify(value.slice(-12)), piece: { kind: "text", value } as const, refused: false })),
    ...(piece.kind === "object" && piece.members.length > 0 ? [{ what: "all names twice", piece: duplicate, refused: true }] : []),
  ];
}

function typeOf(tree: Tree): string {
  if (tree.kind !== "raw") return tree.kind;
  const text = Buffer.from(tree.bytes).toString("utf8");
  return /^[{[]/.test(text)
    ? text.startsWith("{")
      ? "object"
      : "array"
    : /^(?:true|false)$/.test(text)
      ? "boolean"
      : text === "null"
        ? "null"
        : "number";
}

async function signedPart(arena: Arena, endpoint: EndpointName, which: number): Promise<{ draft: Draft; signer: Signer; document: Tree }> {
  const draft = await arena.drafts.get(endpoint);
  const signer = draft.signers[which];
  if (draft.json === null || signer === undefined) throw new TypeError(`${endpoint} has no such statement`);
  const document = signedDocument(draft.json, signer);
  if (document === null) throw new TypeError(`${endpoint} signs no document`);
  return { draft, signer, document };
}

async function send(
  arena: Arena,
  endpoint: EndpointName,
  which: number,
  change: (document: Tree) => string,
  success: boolean,
): Promise<readonly string[]> {
  const { draft, signer, document } = await signedPart(arena, endpoint, which);
  const json = signedAnew(draft.json ?? raw("null"), signer, change(document));
  if (json === null) return ["the statement could not be signed"];
  const { faults, answer } = await tryRequest(arena.world, wireOf({ ...draft, json }, ENDPOINTS[endpoint].method), { success });
  if (answer === null || answer.status < 400) arena.drafts.usedUp(endpoint);
  return faults;
}

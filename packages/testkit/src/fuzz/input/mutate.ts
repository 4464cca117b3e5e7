import { concat, utf8 } from "@smimp/protocol";
import type { Choices } from "./choices.ts";
import { encodeTree, nameOfPlace, placesOf, raw, treeAt, withPiece, type Place, type Tree } from "./tree.ts";
import { NEVER, ODD, TYPES } from "./values.ts";

/** What was changed, and how it is told. */
export interface Mutated<Output> {
  readonly output: Output;
  readonly what: string;
}

type TreeChange = (tree: Tree, place: Place, choices: Choices) => Mutated<Tree>;

/** Characters that some code takes for another one, or for none. */
const LOOK_ALIKES = [
  "\u212a",
  "\u0131",
  "\uff21",
  "\uff03",
  "\u00ad",
  "\u200b",
  "\u0000",
  " ",
  ".",
  "%",
  "\u{1d44e}",
  "\u0430",
  "\r\n",
  "=",
];

const replace: TreeChange = (tree, place, choices) => {
  const { name, tree: piece } = choices.of([...TYPES, ...ODD, ...NEVER]);
  return { output: withPiece(tree, place, piece), what: `${nameOfPlace(tree, place)}: ${name}` };
};

const remove: TreeChange = (tree, place) => ({ output: withPiece(tree, place, null), what: `${nameOfPlace(tree, place)}: removed` });

const wrap: TreeChange = (tree, place, choices) => {
  const piece = treeAt(tree, place);
  const wrapped = choices.of<Tree>([
    { kind: "array", items: [piece] },
    { kind: "array", items: Array.from({ length: 300 }, () => piece) },
    { kind: "object", members: [["0", piece]] },
    { kind: "text", value: Buffer.from(encodeTree(piece)).toString("utf8") },
  ]);
  return { output: withPiece(tree, place, wrapped), what: `${nameOfPlace(tree, place)}: wrapped` };
};

const addMember: TreeChange = (tree, place, choices) => {
  const piece = treeAt(tree, place);
  if (piece.kind !== "object") return replace(tree, place, choices);
  const [name, first] = choices.of(piece.members.length === 0 ? [["x", raw("1")] as const] : piece.members);
  const added = choices.of<readonly [string, Tree]>([
    [name, first],
    [name, raw("null")],
    ["__proto__", raw('{"admin":true}')],
    ["__proto__", piece],
    ["constructor", raw('{"prototype":{}}')],
    ["hasOwnProperty", raw("1")],
    ["toJSON", raw('"x"')],
    [`${name} `, raw("1")],
    [name.toUpperCase(), raw("1")],
    ["", raw("1")],
    ["\ud800", raw("1")],
    ["x".repeat(5_000), raw("1")],
  ]);
  const members = choices.below(2) === 0 ? [...piece.members, added] : [added, ...piece.members];
  return {
    output: withPiece(tree, place, { kind: "object", members }),
    what: `${nameOfPlace(tree, place)}: a member ${added[0].slice(0, 20)} more`,
  };
};

const editText: TreeChange = (tree, place, choices) => {
  const piece = treeAt(tree, place);
  if (piece.kind !== "text") return replace(tree, place, choices);
  const { output, what } = mutateText(piece.value, choices);
  return { output: withPiece(tree, place, { kind: "text", value: output }), what: `${nameOfPlace(tree, place)}: ${what}` };
};

const swap: TreeChange = (tree, place, choices) => {
  const other = choices.of(placesOf(tree));
  const nested = [place, other].some((each, i, both) => (both[1 - i] ?? []).every((step, at) => each[at] === step));
  if (nested) return editText(tree, place, choices);
  const output = withPiece(withPiece(tree, place, treeAt(tree, other)), other, treeAt(tree, place));
  return { output, what: `${nameOfPlace(tree, place)} and ${nameOfPlace(tree, other)}: swapped` };
};

const TREE_CHANGES: readonly TreeChange[] = [replace, editText, editText, remove, addMember, wrap, swap];

/** Changes one place of a document. */
export function mutateTree(tree: Tree, choices: Choices): Mutated<Tree> {
  const place = choices.of(placesOf(tree));
  return choices.of(TREE_CHANGES)(tree, place, choices);
}

/** Changes a text by little: a character more, less or another, look-alikes, another case. */
export function mutateText(text: string, choices: Choices): Mutated<string> {
  const at = choices.below(text.length + 1);
  const flipped = String.fromCharCode((text.charCodeAt(Math.min(at, text.length - 1)) || 65) ^ (1 << choices.below(7)));
  const changes: readonly Mutated<string>[] = [
    { output: text.slice(0, -1), what: "one character less" },
    { output: `${text}A`, what: "one character more" },
    { output: text.slice(0, at), what: `cut at ${at}` },
    { output: text.slice(0, at) + flipped + text.slice(at + 1), what: `another character at ${at}` },
    { output: text.slice(0, at) + choices.of(LOOK_ALIKES) + text.slice(at), what: `a look-alike at ${at}` },
    { output: text.toUpperCase(), what: "upper case" },
    { output: text + text, what: "twice" },
    { output: ` ${text}`, what: "a space before" },
    { output: `${text}\u0000`, what: "a zero byte after" },
    { output: Array.from(text).reverse().join(""), what: "backwards" },
    { output: encodeURIComponent(text.toWellFormed()), what: "percent-encoded" },
    { output: "", what: "empty" },
  ];
  return choices.of(changes);
}

/** Changes bytes without looking at what they mean. */
export function mutateBytes(bytes: Uint8Array, choices: Choices): Mutated<Uint8Array> {
  const at = choices.below(bytes.length + 1);
  const before = bytes.subarray(0, at);
  const rest = bytes.subarray(at);
  const flipped = Uint8Array.of((rest[0] ?? 0) ^ (1 << choices.below(8)));
  const changes: readonly Mutated<Uint8Array>[] = [
    { output: bytes.subarray(0, -1), what: "one byte less" },
    { output: concat(bytes, 0), what: "one byte more" },
    { output: before, what: `cut at ${at}` },
    { output: concat(before, flipped, rest.subarray(1)), what: `one bit of byte ${at}` },
    { output: concat(before, choices.below(256), rest), what: `a byte at ${at}` },
    { output: concat(before, rest.subarray(1 + choices.below(64))), what: `a hole at ${at}` },
    { output: concat(bytes, bytes), what: "twice" },
    { output: concat(Uint8Array.of(0xef, 0xbb, 0xbf), bytes), what: "a byte-order mark" },
    { output: concat(bytes, utf8(" \n{}")), what: "a second document" },
    { output: concat(bytes, new Uint8Array(50_000).fill(0x20)), what: "50,000 spaces after" },
    { output: concat(...[...bytes.subarray(0, 4_000)].flatMap((byte) => [byte, 0])), what: "UTF-16" },
    { output: new Uint8Array(bytes.length), what: "zeros" },
    { output: new Uint8Array(), what: "nothing" },
  ];
  return choices.of(changes);
}

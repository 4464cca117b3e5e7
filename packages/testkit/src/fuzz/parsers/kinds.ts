import { utf8 } from "@smimp/protocol";
import type { Choices } from "../input/choices.ts";
import { mutateBytes, mutateText, mutateTree } from "../input/mutate.ts";
import { encodeTree, nameOfPlace, placesOf, treeAt, treeOf, withPiece, type Tree } from "../input/tree.ts";
import { NEVER, ODD, TYPES } from "../input/values.ts";

/** An input, and how it is told. */
export interface Input {
  readonly what: string;
  /** Hands it to the parser. */
  parse(): unknown;
}

/** A function of the protocol that reads what a peer sent, with an input that it takes. */
export interface Parser {
  /** Hands over the valid input. */
  valid(): unknown;
  /** Inputs that are wrong in ways that have names. */
  named(): readonly Input[];
  /** An input that is wrong in a random way. */
  random(choices: Choices): Input;
  /** Too slow for random inputs. */
  readonly slow?: boolean;
}

const show = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);

/** Texts that nearly every parser of text must refuse. */
const ODD_TEXTS: readonly string[] = [
  "",
  " ",
  "\u0000",
  "\ud800",
  "\uffff",
  "__proto__",
  "constructor",
  "A".repeat(100_000),
  "\u{1d54f}".repeat(1_000),
  "-0",
  "1e400",
  "\u212a",
  "%00",
  "\n",
  "=".repeat(100),
  "#".repeat(10_000),
  ".".repeat(10_000),
  " ".repeat(100_000),
  "/".repeat(100_000),
];

/** Reads a text. */
export function textParser(valid: string, parse: (text: string) => unknown): Parser {
  const input = (text: string): Input => ({ what: show(text), parse: () => parse(text) });
  const edges = [
    valid.slice(0, -1),
    `${valid}A`,
    `${valid}\n`,
    ` ${valid}`,
    valid.toUpperCase(),
    valid + valid,
    `\ufeff${valid}`,
    valid.replace(/.$/, "\uff21"),
  ];
  return {
    valid: () => parse(valid),
    named: () => [...ODD_TEXTS, ...edges].map(input),
    random: (choices) => {
      let text = valid;
      for (let left = 1 + choices.below(3); left > 0; left--) text = mutateText(text, choices).output;
      return input(text);
    },
  };
}

/** Reads any value, as schemas do. */
export function valueParser(valid: unknown, parse: (value: unknown) => unknown): Parser {
  const tree = treeOf(valid);
  const input = (what: string, changed: Tree): Input => ({ what, parse: () => parse(valueOf(changed)) });
  const values = [
    undefined,
    null,
    0,
    -1,
    Number.NaN,
    1n,
    Symbol.iterator,
    () => 1,
    new Date(0),
    new Map(),
    [],
    {},
    Object.create(null),
    new Uint8Array(3),
    { toString: null },
    Object.freeze([null]),
  ];
  return {
    valid: () => parse(valid),
    named: () => [
      ...values.map((value): Input => ({ what: typeof value, parse: () => parse(value) })),
      ...faultsOf(tree).map(([what, changed]) => input(what, changed)),
    ],
    random: (choices) => {
      const { output, what } = mutateTree(tree, choices);
      return input(what, output);
    },
  };
}

/** The value of a tree; of what is no JSON, its text. */
function valueOf(tree: Tree): unknown {
  const text = Buffer.from(encodeTree(tree)).toString("utf8");
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Reads bytes. */
export function bytesParser(valid: Uint8Array, parse: (bytes: Uint8Array) => unknown): Parser {
  const input = (what: string, bytes: Uint8Array): Input => ({ what, parse: () => parse(bytes) });
  const lengths = [
    0,
    1,
    15,
    16,
    24,
    39,
    40,
    41,
    56,
    119,
    120,
    121,
    1_119,
    1_120,
    1_121,
    1_159,
    1_160,
    1_161,
    1_216,
    1_217,
    valid.length - 1,
    valid.length + 1,
  ];
  return {
    valid: () => parse(valid),
    named: () => [
      ...lengths.map((length) => input(`${length} zeros`, new Uint8Array(Math.max(0, length)))),
      ...lengths.map((length) => input(`cut or filled to ${length}`, resized(valid, Math.max(0, length)))),
      input("a mebibyte", new Uint8Array(1024 * 1024).fill(0x20)),
      input(
        "the last bit",
        valid.map((byte, i) => (i === valid.length - 1 ? byte ^ 1 : byte)),
      ),
      input(
        "the first bit",
        valid.map((byte, i) => (i === 0 ? byte ^ 0x80 : byte)),
      ),
      input("all ones", new Uint8Array(valid.length).fill(0xff)),
    ],
    random: (choices) => {
      const { output, what } = mutateBytes(valid, choices);
      return input(what, output);
    },
  };
}

function resized(bytes: Uint8Array, length: number): Uint8Array {
  const result = new Uint8Array(length);
  result.set(bytes.subarray(0, length));
  return result;
}

/** Reads a JSON document, as bytes; `parse` may seal or sign them first, so that what is inside is reached. */
export function documentParser(valid: unknown, parse: (text: Uint8Array) => unknown): Parser {
  const tree = treeOf(valid);
  const bytes = encodeTree(tree);
  const input = (what: string, text: Uint8Array): Input => ({ what, parse: () => parse(text) });
  return {
    valid: () => parse(bytes),
    named: () => [
      ...faultsOf(tree).map(([what, changed]) => input(what, encodeTree(changed))),
      ...["", "{", "[]", "null", '"x"', "\ufeff{}", "{}{}", "[".repeat(100_000), `[${"1,".repeat(50_000)}1]`].map((text) =>
        input(show(text), utf8(text)),
      ),
      input("no text", Uint8Array.of(0xff, 0xfe)),
    ],
    random: (choices) => {
      if (choices.below(4) === 3) {
        const { output, what } = mutateBytes(bytes, choices);
        return input(what, output);
      }
      let changed = tree;
      const told: string[] = [];
      for (let left = 1 + choices.below(2); left > 0; left--) {
        const { output, what } = mutateTree(changed, choices);
        changed = output;
        told.push(what);
      }
      return input(told.join("; "), encodeTree(changed));
    },
  };
}

/** What no JSON holds is found by one reader wherever it stands: inside of a document, some of it is enough. */
const NEVER_INSIDE = NEVER.filter((_value, i) => i % 7 === 0);

/** Each place of a document with each odd value, and without it. */
function faultsOf(tree: Tree): readonly (readonly [string, Tree])[] {
  return placesOf(tree).flatMap((place) => {
    const name = nameOfPlace(tree, place);
    const piece = treeAt(tree, place);
    const edges = piece.kind === "text" ? [`${piece.value}A`, piece.value.slice(0, -1), `${piece.value}\u0000`, "x".repeat(20_000)] : [];
    return [
      ...[...TYPES, ...ODD, ...(place.length === 0 ? NEVER : NEVER_INSIDE)].map(
        (value) => [`${name}: ${value.name}`, withPiece(tree, place, value.tree)] as const,
      ),
      ...edges.map((value) => [`${name}: ${show(value)}`, withPiece(tree, place, { kind: "text", value })] as const),
      ...(place.length === 0 ? [] : [[`${name}: missing`, withPiece(tree, place, null)] as const]),
    ];
  });
}

import { concat, utf8 } from "@smimp/protocol";

/** JSON that may be wrong in ways that no value of JavaScript is: names that stand twice, text in place of a value. */
export type Tree =
  | { readonly kind: "object"; readonly members: readonly (readonly [name: string, value: Tree])[] }
  | { readonly kind: "array"; readonly items: readonly Tree[] }
  | { readonly kind: "text"; readonly value: string }
  /** Stands as it is, JSON or not. */
  | { readonly kind: "raw"; readonly bytes: Uint8Array };

/** Where something stands in a tree: positions among members and items. */
export type Place = readonly number[];

/** The tree of a value of JSON. */
export function treeOf(value: unknown): Tree {
  if (typeof value === "string") return { kind: "text", value };
  if (Array.isArray(value)) return { kind: "array", items: value.map(treeOf) };
  if (typeof value === "object" && value !== null) {
    return { kind: "object", members: Object.entries(value).map(([name, each]) => [name, treeOf(each)] as const) };
  }
  return raw(JSON.stringify(value) ?? "null");
}

/** The tree of a JSON text; null for one that is none, or so deep that this reader gives up. */
export function readTree(text: string): Tree | null {
  try {
    return treeOf(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return null;
    throw error;
  }
}

/** A piece that stands as it is. */
export function raw(text: string | Uint8Array): Tree {
  return { kind: "raw", bytes: typeof text === "string" ? utf8(text) : text };
}

/** The bytes of a tree. Lone surrogates travel as escapes, as a careless peer would send them. */
export function encodeTree(tree: Tree): Uint8Array {
  switch (tree.kind) {
    case "raw":
      return tree.bytes;
    case "text":
      return utf8(JSON.stringify(tree.value));
    case "array":
      return concat(utf8("["), ...joined(tree.items.map(encodeTree)), utf8("]"));
    case "object":
      return concat(
        utf8("{"),
        ...joined(tree.members.map(([name, value]) => concat(utf8(`${JSON.stringify(name)}:`), encodeTree(value)))),
        utf8("}"),
      );
  }
}

function joined(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  return parts.flatMap((part, i) => (i === 0 ? [part] : [utf8(","), part]));
}

/** Every place of a tree, the root first. */
export function placesOf(tree: Tree, here: Place = []): readonly Place[] {
  const inner = tree.kind === "object" ? tree.members.map(([, value]) => value) : tree.kind === "array" ? tree.items : [];
  return [here, ...inner.flatMap((each, i) => placesOf(each, [...here, i]))];
}

/** What stands at a place. Throws TypeError where nothing does. */
export function treeAt(tree: Tree, place: Place): Tree {
  return place.reduce((at: Tree, step) => {
    const next = at.kind === "object" ? at.members[step]?.[1] : at.kind === "array" ? at.items[step] : undefined;
    if (next === undefined) throw new TypeError("there is no such place");
    return next;
  }, tree);
}

/** The tree with another piece at a place; null takes the piece away, with its name. */
export function withPiece(tree: Tree, place: Place, piece: Tree | null): Tree {
  const [step, ...rest] = place;
  if (step === undefined) return piece ?? raw("");
  if (tree.kind === "object") {
    return {
      kind: "object",
      members: tree.members.flatMap(([name, value], i) => {
        if (i !== step) return [[name, value] as const];
        return rest.length === 0 && piece === null ? [] : [[name, withPiece(value, rest, piece)] as const];
      }),
    };
  }
  if (tree.kind !== "array") throw new TypeError("there is no such place");
  return {
    kind: "array",
    items: tree.items.flatMap((value, i) => {
      if (i !== step) return [value];
      return rest.length === 0 && piece === null ? [] : [withPiece(value, rest, piece)];
    }),
  };
}

/** The place of a member by names and positions, e.g. `["record", "data"]`; null where it is missing. */
export function placeOf(tree: Tree, path: readonly (string | number)[]): Place | null {
  const place: number[] = [];
  let at = tree;
  for (const step of path) {
    const i = at.kind === "object" ? at.members.findIndex(([name]) => name === step) : Number(step);
    const next = at.kind === "object" ? at.members[i]?.[1] : at.kind === "array" ? at.items[i] : undefined;
    if (next === undefined) return null;
    place.push(i);
    at = next;
  }
  return place;
}

/** How a place is written in a report: `record.data`, `keys.0.signature`, `the document`. */
export function nameOfPlace(tree: Tree, place: Place): string {
  const names: string[] = [];
  let at = tree;
  for (const step of place) {
    names.push(at.kind === "object" ? (at.members[step]?.[0] ?? "?") : String(step));
    at = treeAt(at, [step]);
  }
  return names.length === 0 ? "the document" : names.join(".");
}

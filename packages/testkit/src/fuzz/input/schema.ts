import { isSmimpError, parseShape } from "@smimp/protocol";
import type { GenericSchema } from "valibot";
import { raw, treeAt, withPiece, type Place, type Tree } from "./tree.ts";
import { NEVER, TYPES, type NamedValue } from "./values.ts";

// Reads the wire table's schemas: what they allow, and what lies just outside. So an endpoint that is added tomorrow is tested too.

/** What this reads of a valibot schema. */
interface Schema {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly item?: Schema;
  readonly wrapped?: Schema;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly pipe?: readonly { readonly type: string; readonly requirement?: unknown }[];
}

/** Texts that some schema of the wire table takes. */
const SAMPLES: readonly string[] = [
  "alice#alpha.example",
  "email",
  "00".repeat(32),
  "00".repeat(16),
  "2026-11-23T00:00:00Z",
  "https://smimp.alpha.example/",
  "A".repeat(16),
  "true",
  "1",
  "a",
  "A",
  "",
];

/** A value that a schema takes. Throws TypeError where none is known. */
export function sampleOf(schema: GenericSchema): unknown {
  return sample(schema);
}

function sample(schema: Schema): unknown {
  switch (schema.type) {
    case "object":
    case "loose_object":
    case "strict_object":
      return Object.fromEntries(Object.entries(schema.entries ?? {}).map(([name, each]) => [name, sample(each)]));
    case "array":
      return Array.from({ length: Math.max(1, Number(requirement(schema, "min_length") ?? 0)) }, () =>
        sample(schema.item ?? { type: "any" }),
      );
    case "nullable":
    case "optional":
      return sample(schema.wrapped ?? { type: "any" });
    case "boolean":
      return true;
    case "number":
      return Number(requirement(schema, "min_value") ?? 0);
    case "picklist":
      return schema.options?.[0];
    case "literal":
      return schema.literal;
    case "variant":
    case "union":
      return sample(schema.options?.[0] as Schema);
    case "string":
      return sampleText(schema);
    default:
      return "x";
  }
}

function sampleText(schema: Schema): string {
  const longest = Number(requirement(schema, "max_length") ?? 1);
  const found = [...SAMPLES, "A".repeat(longest)].find((text) => takes(schema, text));
  if (found === undefined) throw new TypeError("no text is known that this schema takes");
  return found;
}

function requirement(schema: Schema, type: string): unknown {
  return schema.pipe?.find((action) => action.type === type)?.requirement;
}

function takes(schema: Schema, value: unknown): boolean {
  return codeOfValue(schema as unknown as GenericSchema, value) === null;
}

/** The code that a schema refuses a value with; null where it takes it. */
export function codeOfValue(schema: GenericSchema, value: unknown): string | null {
  try {
    parseShape(schema, value);
    return null;
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return error.code;
  }
}

/** A fault at one place of a document. */
export interface Fault {
  readonly what: string;
  /** What stands there instead; null: nothing. */
  readonly piece: Tree | null;
}

/** Every place of a document that its schema speaks of, with all faults that are tried there. */
export function faultsOf(schema: GenericSchema, tree: Tree): readonly { readonly place: Place; readonly faults: readonly Fault[] }[] {
  return walk(schema as unknown as Schema, tree, []).map(({ schema, place }) => ({
    place,
    faults: faultsAt(schema, treeAt(tree, place), place.length === 0 ? NEVER : NEVER_INSIDE),
  }));
}

function walk(schema: Schema, tree: Tree, here: Place): readonly { schema: Schema; place: Place }[] {
  const inside = schema.wrapped === undefined ? schema : bare(schema);
  const found = [{ schema: inside, place: here }];
  const piece = treeAt(tree, here);
  if (piece.kind === "object") {
    const inner = piece.members.flatMap(([name], i) => {
      const entry = inside.entries?.[name];
      return entry === undefined ? [] : walk(entry, tree, [...here, i]);
    });
    return [...found, ...inner];
  }
  // One item stands for all.
  if (piece.kind === "array" && inside.item !== undefined && piece.items.length > 0)
    return [...found, ...walk(inside.item, tree, [...here, 0])];
  return found;
}

function bare(schema: Schema): Schema {
  return schema.wrapped === undefined ? schema : bare(schema.wrapped);
}

/** What no JSON holds is found by one reader wherever it stands: inside of a document, some of it is enough. */
const NEVER_INSIDE = NEVER.filter((_value, i) => i % 5 === 0);

function faultsAt(schema: Schema, piece: Tree, never: readonly NamedValue[]): readonly Fault[] {
  const named = [...TYPES, ...never].map(({ name, tree }: NamedValue): Fault => ({ what: name, piece: tree }));
  return [{ what: "missing", piece: null }, ...named, ...edges(schema, piece)];
}

/** One more and one less than what a schema allows. */
function edges(schema: Schema, piece: Tree): readonly Fault[] {
  if (piece.kind === "text") return textEdges(schema, piece.value);
  if (piece.kind === "array") return arrayEdges(schema, piece.items);
  const least = requirement(schema, "min_value");
  const most = requirement(schema, "max_value");
  return [
    ...(typeof least === "number" ? [{ what: "one less than allowed", piece: raw(String(least - 1)) }] : []),
    ...(typeof most === "number" ? [{ what: "one more than allowed", piece: raw(String(most + 1)) }] : []),
  ];
}

function textEdges(schema: Schema, value: string): readonly Fault[] {
  const longest = requirement(schema, "max_length");
  const text = (what: string, content: string): Fault => ({ what, piece: { kind: "text", value: content } });
  return [
    text("one character less", value.slice(0, -1)),
    text("one character more", `${value}A`),
    text("a space after", `${value} `),
    text("a line feed after", `${value}\n`),
    text("a zero byte after", `${value}\u0000`),
    text("padding after", `${value}=`),
    text("a full-width letter first", `\uff41${value.slice(1)}`),
    text("upper case", value.toUpperCase()),
    ...(typeof longest === "number" ? [text("one character too long", "A".repeat(longest + 1))] : []),
  ];
}

function arrayEdges(schema: Schema, items: readonly Tree[]): readonly Fault[] {
  const [first] = items;
  const most = requirement(schema, "max_length");
  if (first === undefined || typeof most !== "number") return [];
  return [
    { what: "one item too many", piece: { kind: "array", items: Array.from({ length: most + 1 }, () => first) } },
    { what: "one item that is null", piece: { kind: "array", items: [first, raw("null")] } },
  ];
}

/** A tree with a fault in it. */
export function withFault(tree: Tree, place: Place, fault: Fault): Tree {
  return withPiece(tree, place, fault.piece);
}

import { fromB64, isSmimpError, type JsonValue, type RandomBytes } from "@smimp/protocol";

/** A test vector, as vectors/README.md describes it. */
export interface Vector {
  readonly format: string;
  readonly name: string;
  readonly valid: boolean;
  readonly operation: string;
  readonly input: Fields;
  readonly expected?: JsonValue;
  readonly error?: string | null;
}

/** Members of a vector's input. Vectors are the project's own files: a member that is missing is an error of the file. */
export type Fields = { readonly [name: string]: unknown };

/** One operation: from `input` to what must equal `expected`. Throws SmimpError for what must be refused. */
export type Operation = (input: Fields, expected?: Fields) => unknown;

/** What came of a vector: null where all is as declared, else what differed. */
export async function runVector(vector: Vector, operations: Readonly<Record<string, Operation>>): Promise<string | null> {
  const operation = Object.hasOwn(operations, vector.operation) ? operations[vector.operation] : undefined;
  if (operation === undefined) return `unknown operation ${vector.operation}`;
  if (typeof vector.valid !== "boolean") return "is neither valid nor invalid";
  let result: unknown;
  try {
    result = await operation(vector.input, (vector.expected ?? {}) as Fields);
  } catch (error) {
    if (!isSmimpError(error)) return `threw ${String(error)}`;
    if (vector.valid) return `refused with ${error.code}: ${error.message}`;
    if (vector.error !== null && vector.error !== error.code) return `refused with ${error.code} instead of ${String(vector.error)}`;
    return null;
  }
  if (!vector.valid) return "accepted, but must be refused";
  const got = sorted(result ?? {});
  const wanted = sorted(vector.expected ?? {});
  return got === wanted ? null : `gave ${got.slice(0, 400)} instead of ${wanted.slice(0, 400)}`;
}

/** JSON with names in order, for comparing; `__proto__` is a name like others. */
function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sorted(member)}`).join(",")}}`;
}

/** A member of an input as text. */
export function text(input: Fields, name: string): string {
  const value = input[name];
  if (typeof value !== "string") throw new TypeError(`the vector lacks ${name}`);
  return value;
}

/** A member of an input as an object. */
export function fields(input: Fields, name: string): Fields {
  const value = input[name];
  if (typeof value !== "object" || value === null) throw new TypeError(`the vector lacks ${name}`);
  return value as Fields;
}

/** Throws unless a check within an operation holds. No SmimpError: it must not pass for a refusal. */
export function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/** A member of an input as the bytes of its `b64`. */
export function bytes(input: Fields, name: string): Uint8Array {
  return fromB64(text(input, name));
}

/** A source of random bytes that gives these, in this order, and nothing else. */
export function drawn(...parts: readonly Uint8Array[]): RandomBytes {
  const left = [...parts];
  return (length) => {
    const part = left.shift();
    if (part?.length !== length) throw new Error(`${length} random bytes were drawn, the vector has ${part?.length ?? 0}`);
    return Uint8Array.from(part);
  };
}

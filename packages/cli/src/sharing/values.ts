import { isSmimpError, SmimpError, type ProblemCode } from "@smimp/protocol";
import { CliError } from "../failure.ts";

// Values on their way to another process. Every object is marked with what it is, so that no data of a message can pass for a function.
// Functions, streams and signals stay where they are; the other side gets a number to call them by.

/** What travels: plain values, and marked ones. */
export type Packed =
  | { readonly is: "value"; readonly value: undefined | null | boolean | number | bigint | string | Uint8Array | Date }
  | { readonly is: "list"; readonly items: readonly Packed[] }
  | { readonly is: "record"; readonly entries: readonly (readonly [string, Packed])[] }
  | { readonly is: "map"; readonly entries: readonly (readonly [Packed, Packed])[] }
  | { readonly is: "set"; readonly items: readonly Packed[] }
  | { readonly is: "error"; readonly error: PackedError }
  | { readonly is: "function" | "stream" | "signal"; readonly id: number };

/** An error with what commands ask of it. */
export type PackedError =
  | { readonly kind: "smimp"; readonly code: ProblemCode; readonly message: string; readonly retryAfter: number | undefined }
  | {
      readonly kind: "cli";
      readonly code: string;
      readonly message: string;
      readonly exitCode: number;
      readonly advice: string | undefined;
    }
  | { readonly kind: "aborted" }
  | { readonly kind: "type"; readonly message: string }
  | { readonly kind: "other"; readonly message: string; readonly facts: Readonly<Record<string, string | number>> };

/** Where functions, streams and signals get their numbers, and where numbers become them again. */
export interface References {
  give(kind: "function" | "stream" | "signal", target: object): number;
  take(kind: "function" | "stream" | "signal", id: number): unknown;
}

/** How deep values may be nested: deeper than any that the client takes or gives. */
const MAX_DEPTH = 64;

/** Makes a value ready to travel. Throws TypeError for what can't. */
export function pack(value: unknown, references: Pick<References, "give">, depth = 0): Packed {
  if (depth > MAX_DEPTH) throw new TypeError("a value that is nested this deep can't be handed to another process");
  const inner = (each: unknown): Packed => pack(each, references, depth + 1);
  if (typeof value === "function") return { is: "function", id: references.give("function", value) };
  if (typeof value === "symbol") throw new TypeError("a symbol can't be handed to another process");
  if (typeof value !== "object" || value === null) return { is: "value", value: value as null };
  // A view of a larger buffer would take all of it along.
  if (value instanceof Uint8Array) return { is: "value", value: Uint8Array.from(value) };
  if (value instanceof Date) return { is: "value", value };
  if (value instanceof Error) return { is: "error", error: packError(value) };
  if (value instanceof AbortSignal) return { is: "signal", id: references.give("signal", value) };
  if (Symbol.asyncIterator in value) return { is: "stream", id: references.give("stream", value) };
  if (Array.isArray(value)) return { is: "list", items: value.map(inner) };
  if (value instanceof Map) return { is: "map", entries: [...value].map(([key, each]): [Packed, Packed] => [inner(key), inner(each)]) };
  if (value instanceof Set) return { is: "set", items: [...value].map(inner) };
  return { is: "record", entries: Object.entries(value).map(([name, each]): [string, Packed] => [name, inner(each)]) };
}

/** The value that was packed. */
export function unpack(packed: Packed, references: Pick<References, "take">): unknown {
  const inner = (each: Packed): unknown => unpack(each, references);
  switch (packed.is) {
    case "value":
      return packed.value;
    case "list":
      return packed.items.map(inner);
    case "record":
      return Object.fromEntries(packed.entries.map(([name, each]) => [name, inner(each)]));
    case "map":
      return new Map(packed.entries.map(([key, each]) => [inner(key), inner(each)]));
    case "set":
      return new Set(packed.items.map(inner));
    case "error":
      return unpackError(packed.error);
    case "function":
    case "stream":
    case "signal":
      return references.take(packed.is, packed.id);
  }
}

/** What the other process is told of an error. */
export function packError(error: unknown): PackedError {
  if (error instanceof AbortedError) return { kind: "aborted" };
  if (isSmimpError(error)) return { kind: "smimp", code: error.code, message: error.message, retryAfter: error.retryAfter };
  if (error instanceof CliError) {
    const { code, message, exitCode, advice } = error;
    return { kind: "cli", code, message, exitCode, advice };
  }
  if (error instanceof TypeError) return { kind: "type", message: error.message };
  if (!(error instanceof Error)) return { kind: "other", message: String(error), facts: {} };
  // What the operating system said has members that its words are made of.
  const facts = Object.entries(error).filter((entry): entry is [string, string | number] => ["string", "number"].includes(typeof entry[1]));
  return { kind: "other", message: error.message, facts: Object.fromEntries(facts) };
}

/** The error that was packed. */
export function unpackError(error: PackedError): Error {
  switch (error.kind) {
    case "smimp":
      return new SmimpError(error.code, error.message, error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter });
    case "cli": {
      const { code, message, exitCode, advice } = error;
      return new CliError(message, { code, exitCode, ...(advice === undefined ? {} : { advice }) });
    }
    case "aborted":
      return new AbortedError();
    case "type":
      return new TypeError(error.message);
    case "other":
      return Object.assign(new Error(error.message), error.facts);
  }
}

/** Stands for the reason of a signal that is in the other process. */
export class AbortedError extends Error {
  override readonly name = "AbortError";

  constructor() {
    super("aborted by the other process");
  }
}

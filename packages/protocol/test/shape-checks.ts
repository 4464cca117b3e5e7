import { isSmimpError, maxBodyOf, parseShape, type Endpoint } from "@smimp/protocol";
import type * as v from "valibot";
import { expect } from "vitest";

// What tests of shapes on the wire have in common: values that are just allowed, and what a shape takes and refuses.

/** `b64` of so many zero bytes. */
export function zeros(bytes: number): string {
  return "A".repeat(Math.ceil((bytes * 4) / 3));
}

/** So many times the same thing. */
export function times<Item>(count: number, item: Item): Item[] {
  return Array.from({ length: count }, () => item);
}

export const HEX = "ab".repeat(32);
export const TIME = "2026-11-23T00:00:00Z";
export const ADDRESS = "alice#example.com";
/** A statement of so many characters. */
export function statementOf(length: number): { readonly data: string; readonly signature: string } {
  return { data: "x".repeat(length), signature: zeros(64) };
}

/** Nothing of these is `hex` of 32 bytes. */
export const NO_HEX: readonly unknown[] = [null, 1, "", HEX.slice(1), `${HEX}a`, HEX.toUpperCase()];
/** None of these is a time. */
export const NO_TIME: readonly unknown[] = [null, 1, "", "2026-11-23", "2026-11-23T00:00:00+00:00", "2026-11-23T00:00:00.5Z"];
/** None of these is a count. */
export const NO_COUNT: readonly unknown[] = [null, "1", -1, 0.5, 2 ** 53];
/** None of these is the text of so many bytes. */
export function noBytes(bytes: number): readonly unknown[] {
  return [null, 1, zeros(bytes - 1), zeros(bytes + 1), `${zeros(bytes)}=`, zeros(bytes).replace("A", "+")];
}
/** None of these is the text of at most so many bytes. */
export function moreThan(bytes: number): readonly unknown[] {
  return [1, zeros(bytes + 1), "A+AA", "A"];
}
/** None of these is a statement of at most so many characters. */
export function noStatement(longest?: number): readonly unknown[] {
  const wrong: unknown[] = [
    null,
    "",
    {},
    { data: "x" },
    { signature: zeros(64) },
    { data: 1, signature: zeros(64) },
    { data: "x", signature: zeros(63) },
  ];
  return longest === undefined ? wrong : [...wrong, statementOf(longest + 1)];
}

/** What stands in one place of a shape, told by `name` or `name.name`. */
export interface Place {
  /** It may be missing. */
  readonly optional?: true;
  readonly takes?: readonly unknown[];
  readonly refuses: readonly unknown[];
}

/** A shape takes `good` as it is, without unknown members; and each of its places takes and refuses what it says. */
export function checkShape(
  schema: v.GenericSchema | "bytes" | "ndjson" | "events" | undefined,
  good: object,
  places: Readonly<Record<string, Place>>,
): void {
  if (schema === undefined || typeof schema === "string") throw new TypeError("no shape");
  const parse = (value: unknown): unknown => {
    try {
      return parseShape(schema, value);
    } catch (error) {
      if (isSmimpError(error)) return `refused: ${error.code}`;
      throw error;
    }
  };
  expect(parse({ ...good, unknown_member: 1 })).toEqual(good);
  expect(Object.keys(places).filter((name) => !name.includes("."))).toEqual(Object.keys(good));
  for (const wrong of [null, "text", 1]) expect(parse(wrong)).toMatch(/^refused/);
  for (const [name, { optional, takes = [], refuses }] of Object.entries(places)) {
    const path = name.split(".");
    const without = withAt(good, path, undefined);
    const parsed = parse(without);
    if (optional === true) expect([name, parsed]).toEqual([name, without]);
    else expect([name, parsed]).toEqual([name, expect.stringMatching(/^refused/)]);
    for (const value of takes) expect([name, parse(withAt(good, path, value))]).toEqual([name, withAt(good, path, value)]);
    for (const value of refuses) {
      expect([name, value, parse(withAt(good, path, value))]).toEqual([name, value, expect.stringMatching(/^refused/)]);
    }
  }
}

/** The same with another value in a place; undefined takes it away. */
function withAt(object: object, [name = "", ...rest]: readonly string[], value: unknown): object {
  const members = object as Readonly<Record<string, unknown>>;
  if (rest.length > 0) return { ...members, [name]: withAt(members[name] as object, rest, value) };
  if (value !== undefined) return { ...members, [name]: value };
  const { [name]: _gone, ...others } = members;
  return others;
}

/** What an endpoint is, in a line: method, path, caller, what it takes and gives, its bounds. */
export function lineOf(endpoint: Endpoint): string {
  const { method, path, caller, query, body, mediaType, answer, status, summary } = endpoint;
  const kind = (schema: Endpoint["body"] | Endpoint["answer"]): string => (typeof schema === "object" ? "json" : (schema ?? "nothing"));
  expect(summary).toMatch(/^[A-Z].{5,}\.$/s);
  const parts = [
    `${method} ${path}${query === undefined ? "" : "?"} ${caller}`,
    `${kind(body)}${mediaType === undefined ? "" : ` (${mediaType})`} -> ${status ?? "usual"} ${kind(answer)}`,
  ];
  return [...parts, String(maxBodyOf(endpoint))].join(", ");
}

import { concat, fromB64, hash, toB64, toHex, utf8, type ProblemCode } from "@smimp/protocol";
import type { Fields } from "../../packages/protocol/test/vector-format.ts";
import { OPERATIONS } from "../../packages/protocol/test/vector-operations.ts";

/** A vector before its result is known. */
export interface Case {
  readonly format: string;
  readonly name: string;
  /** One sentence: what the case shows, or why it is refused. */
  readonly shows: string;
  readonly operation: string;
  readonly input: Fields;
  /** Set where the input must be refused; `null`: the code is open. */
  readonly refused?: { readonly error: ProblemCode | null };
}

/** So many bytes that depend on a name only: public, never to be used for anything else. */
export function seeded(name: string, length = 32): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let block = 0; block * 32 < length; block++) blocks.push(hash(concat(utf8(`smimp test vector ${name}`), 0, block)));
  return concat(...blocks).slice(0, length);
}

/** The same as `b64`. */
export function seededB64(name: string, length = 32): string {
  return toB64(seeded(name, length));
}

/** The same as `hex`. */
export function seededHex(name: string, length = 32): string {
  return toHex(seeded(name, length));
}

/** The `b64` of a text's UTF-8 bytes. */
export function textB64(text: string): string {
  return toB64(utf8(text));
}

/** `b64` with one bit of the byte at `offset` turned; negative offsets count from the end. */
export function flipped(b64: string, offset: number): string {
  const bytes = fromB64(b64);
  const at = offset < 0 ? bytes.length + offset : offset;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return toB64(bytes);
}

/** `b64` without its last bytes. */
export function cut(b64: string, bytes: number): string {
  return toB64(fromB64(b64).slice(0, -bytes));
}

/** One member of what an operation gives, as text. */
export function resultOf(operation: string, input: Fields, member: string): string {
  const result = OPERATIONS[operation]?.(input, {}) as Fields | undefined;
  const value = result?.[member];
  if (typeof value !== "string") throw new TypeError(`${operation} gives no ${member}`);
  return value;
}

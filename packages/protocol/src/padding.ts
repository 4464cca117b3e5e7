import { assertBytes } from "./bytes.ts";
import { SmimpError } from "./problem.ts";

/** Bytes of the shortest padded text (protocol section 6). */
export const MIN_PADDED_BYTES = 256;

/** The byte between content and zeros. */
export const PADDING_MARKER = 0x80;

/** Bytes that a content of `length` bytes has once padded: Padmé (protocol section 6). */
export function paddedLength(length: number): number {
  if (!Number.isSafeInteger(length) || length < 0) throw new TypeError("length must be a non-negative safe integer");
  const marked = length + 1;
  if (marked <= MIN_PADDED_BYTES) return MIN_PADDED_BYTES;
  const step = stepAt(marked);
  // The step is a power of two, so that the division is exact beyond 32 bits too.
  return Math.ceil(marked / step) * step;
}

/** Whether padded contents have such a length. */
export function isPaddedLength(length: number): boolean {
  return length >= MIN_PADDED_BYTES && paddedLength(length - 1) === length;
}

/** Bytes of the shortest content that pads to `padded` bytes: all before that place is content for certain. */
export function shortestContent(padded: number): number {
  if (!isPaddedLength(padded)) throw new TypeError("padded must be the length of a padded content");
  return padded === MIN_PADDED_BYTES ? 0 : padded - stepAt(padded - 1);
}

/** The content, 0x80, and zeros up to the Padmé length (protocol section 6). */
export function pad(content: Uint8Array): Uint8Array {
  assertBytes(content, "content");
  const padded = new Uint8Array(paddedLength(content.length));
  padded.set(content);
  padded[content.length] = PADDING_MARKER;
  return padded;
}

/** The content of a padded text. Throws `decryption_failed` unless it is padded exactly so (protocol section 6). */
export function unpad(padded: Uint8Array): Uint8Array {
  assertBytes(padded, "padded");
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end--;
  if (end < 0 || padded[end] !== PADDING_MARKER || paddedLength(end) !== padded.length) {
    throw new SmimpError("decryption_failed", "the padding is not valid");
  }
  return padded.subarray(0, end);
}

/** Lengths around `length` (at least 2) are multiples of this: 2^(E-S) with E = floor(log2 length), S = floor(log2 E) + 1. */
function stepAt(length: number): number {
  const exponent = log2Floor(length);
  return 2 ** (exponent - (log2Floor(exponent) + 1));
}

function log2Floor(value: number): number {
  return value >= 2 ** 32 ? 63 - Math.clz32(Math.floor(value / 2 ** 32)) : 31 - Math.clz32(value);
}

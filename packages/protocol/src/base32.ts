import { assertBytes } from "./bytes.ts";
import { SmimpError } from "./problem.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const GROUP = 4;

/** Base32 of RFC 4648, upper case, no padding (protocol section 8). */
export function toBase32(bytes: Uint8Array): string {
  assertBytes(bytes, "bytes");
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((held >> bits) & 31);
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET.charAt((held << (5 - bits)) & 31) : text;
}

/** Decodes base32 strictly, exactly `length` bytes where given. Throws `bad_request`. */
export function fromBase32(text: string, length?: number): Uint8Array {
  if (typeof text !== "string" || !/^[A-Z2-7]*$/.test(text) || [1, 3, 6].includes(text.length % 8)) throw notBase32();
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  if (length !== undefined && bytes.length !== length) throw notBase32();
  let at = 0;
  let bits = 0;
  let held = 0;
  for (const character of text) {
    held = (held << 5) | ALPHABET.indexOf(character);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  }
  // What is left over belongs to no byte; only zeros are canonical.
  if (held !== 0) throw notBase32();
  return bytes;
}

/** Base32 as people read it: groups of four, a space between (protocol section 8). */
export function groupBase32(text: string): string {
  return (text.match(new RegExp(`.{1,${GROUP}}`, "g")) ?? []).join(" ");
}

/** Base32 as people type it, back to its normal form: white space and hyphens dropped, upper case. Checks nothing. */
export function ungroupBase32(typed: string): string {
  return typed.replace(/[\s-]/g, "").toUpperCase();
}

function notBase32(): SmimpError {
  return new SmimpError("bad_request", "not base32");
}

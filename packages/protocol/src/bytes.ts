import type { Brand } from "./brand.ts";
import { SmimpError } from "./problem.ts";
import { wipeAndFree } from "./sodium-memory.ts";
import { sodium } from "./sodium.ts";

/** Bytes of a hash, of a symmetric key and of a seed. */
export const HASH_BYTES = 32;

/** A source of random bytes; `randomBytes` of this package wherever the platform's own is wanted. */
export type RandomBytes = (length: number) => Uint8Array;

/** 32 bytes as 64 lower-case hexadecimal digits: hashes, links, ids, tickets (protocol section 1). */
export type Hex32 = Brand<string, "Hex32">;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Asserts that an argument is bytes, of the exact length if one is given; a wrong one is the caller's mistake. */
export function assertBytes(value: unknown, name: string, length?: number): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${name} must be a Uint8Array`);
  if (length !== undefined && value.length !== length) {
    throw new TypeError(`${name} must be ${length} bytes, not ${value.length}`);
  }
}

/** The UTF-8 bytes of a text. Throws TypeError on a lone surrogate, which has none. */
export function utf8(text: string): Uint8Array {
  if (typeof text !== "string" || !text.isWellFormed()) throw new TypeError("text must be a well-formed string");
  return encoder.encode(text);
}

/** The text of UTF-8 bytes, a byte-order mark kept. Throws `bad_request` where they are none. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new SmimpError("bad_request", "not UTF-8", { cause });
  }
}

/** The parts, one after the other (`||` in the protocol). A number is one byte of that value. */
export function concat(...parts: readonly (Uint8Array | number)[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += typeof part === "number" ? 1 : part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    if (typeof part === "number") joined[offset++] = part;
    else {
      joined.set(part, offset);
      offset += part.length;
    }
  }
  return joined;
}

/** `H(x)` of protocol section 1: BLAKE2b, 32 bytes, no key. */
export function hash(bytes: Uint8Array): Uint8Array {
  return sodium.crypto_generichash(HASH_BYTES, bytes, null);
}

/** `KH(key, x)` of protocol section 1: BLAKE2b with a key, 32 bytes. */
export function keyedHash(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  assertBytes(key, "key", HASH_BYTES);
  return sodium.crypto_generichash(HASH_BYTES, bytes, key);
}

/** BLAKE2b over a stream: 32 bytes, no key. Ends with `digest` or `close`, whichever comes first. */
export interface HashStream {
  /** Takes the next bytes. Throws TypeError once it has ended. */
  update(bytes: Uint8Array): void;
  /** The hash of all bytes, 32 bytes. Throws TypeError once it has ended. */
  digest(): Uint8Array;
  /** Frees an unfinished stream; harmless otherwise. */
  close(): void;
}

/** Bytes of BLAKE2b's state as libsodium's wrapper lays it out. */
const HASH_STATE_BYTES = 357;

/** Starts `H` over bytes that come in pieces. */
export function hashStream(): HashStream {
  let state: ReturnType<typeof sodium.crypto_generichash_init> | null = sodium.crypto_generichash_init(null, HASH_BYTES);
  // A state lives in WebAssembly's memory, which no garbage collector visits; `final` frees it.
  const end = (): NonNullable<typeof state> => {
    const open = opened();
    state = null;
    return open;
  };
  const opened = (): NonNullable<typeof state> => {
    if (state === null) throw new TypeError("the hash has ended");
    return state;
  };
  return {
    update: (bytes) => sodium.crypto_generichash_update(opened(), bytes),
    digest: () => sodium.crypto_generichash_final(end(), HASH_BYTES),
    close: () => {
      if (state !== null) wipeAndFree(end() as unknown as number, HASH_STATE_BYTES);
    },
  };
}

/** Compares in constant time; different lengths are unequal. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && sodium.memcmp(a, b);
}

/** Overwrites secret bytes with zeros, as far as JavaScript allows. */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}

/** Random bytes from the platform's cryptographic source, through libsodium. */
export const randomBytes: RandomBytes = (length) => sodium.randombytes_buf(length);

/** base64url without padding (`b64` in the protocol). */
export function toB64(bytes: Uint8Array): string {
  return sodium.to_base64(bytes, sodium.base64_variants.URLSAFE_NO_PADDING);
}

const B64 = /^[A-Za-z0-9_-]*$/;

/**
 * Decodes `b64` strictly (protocol section 1): no padding, no white space, no non-zero trailing bits, and exactly
 * `length` bytes where given. Throws `bad_request`.
 */
export function fromB64(text: string, length?: number): Uint8Array {
  if (typeof text !== "string" || !B64.test(text) || text.length % 4 === 1) throw new SmimpError("bad_request", "not base64url");
  if (length !== undefined && text.length !== b64Length(length)) throw new SmimpError("bad_request", `not base64url of ${length} bytes`);
  try {
    // Which also refuses bits of the last character that belong to no byte, unless they are zero.
    return sodium.from_base64(text, sodium.base64_variants.URLSAFE_NO_PADDING);
  } catch (cause) {
    throw new SmimpError("bad_request", "not base64url", { cause });
  }
}

/** Characters of the `b64` of that many bytes. */
export function b64Length(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}

/** Lower-case hexadecimal (`hex` in the protocol). */
export function toHex(bytes: Uint8Array): string {
  return sodium.to_hex(bytes);
}

/** The hex of 32 bytes, as hashes and ids are written. */
export function toHex32(bytes: Uint8Array): Hex32 {
  assertBytes(bytes, "bytes", HASH_BYTES);
  return sodium.to_hex(bytes) as Hex32;
}

const HEX = /^(?:[0-9a-f]{2})*$/;

/** Decodes lower-case hex strictly, exactly `length` bytes where given. Throws `bad_request`. */
export function fromHex(text: string, length?: number): Uint8Array {
  if (typeof text !== "string" || (length !== undefined && text.length !== length * 2) || !HEX.test(text)) {
    throw new SmimpError("bad_request", length === undefined ? "not lower-case hex" : `not lower-case hex of ${length} bytes`);
  }
  return sodium.from_hex(text);
}

/** Parses the hex of 32 bytes. Throws `bad_request`. */
export function parseHex32(text: unknown): Hex32 {
  if (typeof text !== "string" || text.length !== HASH_BYTES * 2 || !HEX.test(text)) {
    throw new SmimpError("bad_request", "not lower-case hex of 32 bytes");
  }
  return text as Hex32;
}

/** 8 bytes, big-endian. Throws TypeError unless a non-negative safe integer. */
export function uint64be(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError("value must be a non-negative safe integer");
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

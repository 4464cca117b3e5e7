import { BOX_KEY_BYTES, BOX_OVERHEAD, openBox, sealBox } from "./box.ts";
import { assertBytes, concat, equalBytes, utf8, wipe, type RandomBytes } from "./bytes.ts";
import { SmimpError } from "./problem.ts";
import { sodium } from "./sodium.ts";

// At rest on a device, protocol section 8: header || box(Argon2id(passphrase), ad = header, text), the header being
// 16 bytes that name the format || opslimit (4 bytes, big-endian) || memory in KiB (4 bytes, big-endian) || salt (16).

const NAME = utf8("smimp/1.0 argon2");
const SALT_BYTES = 16;
const HEADER_BYTES = NAME.length + 4 + 4 + SALT_BYTES;

/** Passes of Argon2id, and the most that a header may ask for. */
export const PASSPHRASE_OPSLIMIT = 3;
export const MAX_PASSPHRASE_OPSLIMIT = 16;
/** Memory of Argon2id in KiB: what is used, and what a header may ask for (protocol section 8: 64 MiB to 1 GiB). */
export const PASSPHRASE_MEMORY = 256 * 1024;
export const MIN_PASSPHRASE_MEMORY = 64 * 1024;
export const MAX_PASSPHRASE_MEMORY = 1024 * 1024;

/** Longest passphrase in characters: more is a mistake, not a passphrase. */
export const MAX_PASSPHRASE_LENGTH = 1_024;

/** How a passphrase is stretched; other values than the defaults are for small devices and tests. */
export interface PassphraseCost {
  readonly opslimit?: number;
  /** KiB. */
  readonly memory?: number;
}

/** Seals under a passphrase, with the parameters in the header (protocol section 8). `random` is asked for 16, then for 24 bytes. */
export function sealWithPassphrase(passphrase: string, text: Uint8Array, random: RandomBytes, cost: PassphraseCost = {}): Uint8Array {
  const { opslimit = PASSPHRASE_OPSLIMIT, memory = PASSPHRASE_MEMORY } = cost;
  if (!isAllowed(opslimit, memory)) throw new TypeError("the parameters of Argon2id are out of bounds");
  const salt = random(SALT_BYTES);
  assertBytes(salt, "salt", SALT_BYTES);
  const header = concat(NAME, uint32be(opslimit), uint32be(memory), salt);
  const key = stretch(passphrase, salt, opslimit, memory);
  const sealed = concat(header, sealBox(key, header, text, random));
  wipe(key);
  return sealed;
}

/** Opens what was sealed under a passphrase. Throws `decryption_failed`; a wrong passphrase looks like a changed text. */
export function openWithPassphrase(passphrase: string, sealed: Uint8Array): Uint8Array {
  assertBytes(sealed, "sealed");
  const header = sealed.subarray(0, HEADER_BYTES);
  if (sealed.length < HEADER_BYTES + BOX_OVERHEAD || !equalBytes(header.subarray(0, NAME.length), NAME)) {
    throw new SmimpError("decryption_failed", "not sealed under a passphrase");
  }
  const view = new DataView(header.buffer, header.byteOffset + NAME.length, 8);
  const [opslimit, memory] = [view.getUint32(0), view.getUint32(4)];
  // Before any memory is taken: a planted header must not exhaust the device, nor make the key cheap to guess.
  if (!isAllowed(opslimit, memory)) throw new SmimpError("decryption_failed", "the parameters of Argon2id are out of bounds");
  const key = stretch(passphrase, header.subarray(HEADER_BYTES - SALT_BYTES), opslimit, memory);
  try {
    return openBox(key, header, sealed.subarray(HEADER_BYTES));
  } finally {
    wipe(key);
  }
}

function isAllowed(opslimit: number, memory: number): boolean {
  return (
    Number.isInteger(opslimit) &&
    Number.isInteger(memory) &&
    opslimit >= PASSPHRASE_OPSLIMIT &&
    opslimit <= MAX_PASSPHRASE_OPSLIMIT &&
    memory >= MIN_PASSPHRASE_MEMORY &&
    memory <= MAX_PASSPHRASE_MEMORY
  );
}

function stretch(passphrase: string, salt: Uint8Array, opslimit: number, memory: number): Uint8Array {
  if (typeof passphrase !== "string" || passphrase.length === 0 || passphrase.length > MAX_PASSPHRASE_LENGTH) {
    throw new TypeError(`passphrase must have 1 to ${MAX_PASSPHRASE_LENGTH} characters`);
  }
  // One spelling of what keyboards compose in different ways.
  const bytes = utf8(passphrase.normalize("NFC"));
  const key = sodium.crypto_pwhash(BOX_KEY_BYTES, bytes, salt, opslimit, memory * 1024, sodium.crypto_pwhash_ALG_ARGON2ID13);
  wipe(bytes);
  return key;
}

function uint32be(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** What tries proofs of work. */
export interface Kernel {
  /**
   * Makes at least `tries` tries (1 to 2^30), and no more than one beyond, unless one solves. `block` holds challenge and value of the
   * first (64 bytes); its last 8 bytes count, little-endian, and say afterwards where to go on or, if solved, what solves.
   */
  search(block: Uint8Array, zeroBits: number, tries: number): Searched;
}

/** What came of a search. */
export interface Searched {
  readonly solved: boolean;
  /** Tries made. */
  readonly tries: number;
}

/** The bytes of a try: challenge and value (protocol section 7). */
export const BLOCK_BYTES = 64;
const MAX_TRIES = 2 ** 30;

/** Asserts what every kernel is given. Throws TypeError. */
export function assertSearch(block: Uint8Array, zeroBits: number, tries: number): void {
  if (block.length !== BLOCK_BYTES) throw new TypeError(`a block has ${BLOCK_BYTES} bytes`);
  if (!Number.isInteger(zeroBits) || zeroBits < 0 || zeroBits > 64) throw new TypeError("zeroBits is 0 to 64");
  if (!Number.isInteger(tries) || tries < 1 || tries > MAX_TRIES) throw new TypeError("tries is 1 to 2^30");
}

/** The first `zeroBits` bits of a hash, most significant bit of byte 0 first, as they stand in its first word, which is little-endian. */
export function maskOf(zeroBits: number): bigint {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigUint64(0, BigInt.asUintN(64, -1n << BigInt(64 - zeroBits)));
  return bytes.getBigUint64(0, true);
}

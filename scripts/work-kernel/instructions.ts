import { COUNTER_WORD } from "./blake2b.ts";

/** What a 64-bit number of each try is in a kernel, and how it is computed with. */
export interface Instructions {
  readonly type: "i64" | "v128";
  /** Tries side by side. */
  readonly lanes: 1 | 2;
  readonly add: string;
  readonly xor: string;
  readonly and: string;
  constant(value: bigint): string;
  load(word: number): string;
  rotate(value: string, bits: number): string;
  /** Sets what `rotate` uses. */
  readonly preparations: readonly string[];
  /** Counters of the first tries, one in each lane. */
  readonly counters: string;
  readonly mask: string;
  /** Of $hash, which is the hash with all but the wanted bits zero: whether a lane is zero, and which. */
  readonly solved: string;
  readonly lane: string;
}

/** One try at a time, in plain 64-bit numbers. */
export const SCALAR: Instructions = {
  type: "i64",
  lanes: 1,
  add: "i64.add",
  xor: "i64.xor",
  and: "i64.and",
  constant: (value) => `(i64.const ${hex(value)})`,
  load: (word) => `(i64.load offset=${word * 8} (i32.const 0))`,
  rotate: (value, bits) => `(i64.rotr ${value} (i64.const ${bits}))`,
  preparations: [],
  counters: `(i64.load offset=${COUNTER_WORD * 8} (i32.const 0))`,
  mask: "(local.get $bits)",
  solved: "(i64.eqz (local.get $hash))",
  lane: "(i32.const 0)",
};

/** Two tries side by side. */
export const SIMD: Instructions = {
  type: "v128",
  lanes: 2,
  add: "i64x2.add",
  xor: "v128.xor",
  and: "v128.and",
  constant: (value) => `(v128.const i64x2 ${hex(value)} ${hex(value)})`,
  load: (word) => `(v128.load64_splat offset=${word * 8} (i32.const 0))`,
  rotate: rotateLanes,
  // In locals they stay in registers; as constants in the loop they would be built anew each time, at a third of the speed.
  preparations: [16, 24].map((bits) => `(local.set $by${bits} (v128.const i8x16 ${byteOrder(bits)}))`),
  counters: `(i64x2.add (v128.load64_splat offset=${COUNTER_WORD * 8} (i32.const 0)) (v128.const i64x2 0 1))`,
  mask: "(i64x2.splat (local.get $bits))",
  solved: "(i32.eqz (i64x2.all_true (local.get $hash)))",
  lane: "(i64.ne (i64x2.extract_lane 0 (local.get $hash)) (i64.const 0))",
};

/** Turns by whole bytes move bytes, 32 bits even in one cheap instruction. */
function rotateLanes(value: string, bits: number): string {
  if (bits === 32) return `(i8x16.shuffle ${byteOrder(bits)} ${value} ${value})`;
  if (bits % 8 === 0) return `(i8x16.swizzle ${value} (local.get $by${bits}))`;
  if (bits === 63) return `(v128.or (i64x2.add ${value} ${value}) (i64x2.shr_u ${value} (i32.const 63)))`;
  throw new RangeError(`no turn by ${bits} bits`);
}

/** Where each byte of two turned words comes from. */
function byteOrder(bits: number): string {
  return Array.from({ length: 16 }, (_, index) => (index & 8) | ((index + bits / 8) & 7)).join(" ");
}

function hex(value: bigint): string {
  return `0x${value.toString(16).padStart(16, "0")}`;
}

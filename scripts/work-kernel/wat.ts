import { COUNTER_WORD, firstHashWord } from "./blake2b.ts";
import type { Computed, Word } from "./expression.ts";

/** How the two kernels differ: what a 64-bit number is, and what is done with it. */
interface Instructions {
  readonly type: "i64" | "v128";
  /** Tries side by side. */
  readonly lanes: number;
  readonly add: string;
  readonly xor: string;
  constant(value: bigint): string;
  load(offset: number): string;
  rotate(value: string, bits: number): string;
  /** The counters of the first tries, one in each lane. */
  readonly firstCounters: string;
  /** Whether any lane of $hash has all bits of $mask zero. */
  readonly solved: string;
  /** Which lane that is. */
  readonly lane: string;
}

const SCALAR: Instructions = {
  type: "i64",
  lanes: 1,
  add: "i64.add",
  xor: "i64.xor",
  constant: (value) => `(i64.const ${hex(value)})`,
  load: (offset) => `(i64.load offset=${offset} (i32.const 0))`,
  rotate: (value, bits) => `(i64.rotr ${value} (i64.const ${bits}))`,
  firstCounters: `(i64.load offset=${COUNTER_WORD * 8} (i32.const 0))`,
  solved: "(i64.eqz (i64.and (local.get $hash) (local.get $mask)))",
  lane: "(i32.const 0)",
};

const SIMD: Instructions = {
  type: "v128",
  lanes: 2,
  add: "i64x2.add",
  xor: "v128.xor",
  constant: (value) => `(v128.const i64x2 ${hex(value)} ${hex(value)})`,
  load: (offset) => `(v128.load64_splat offset=${offset} (i32.const 0))`,
  rotate: rotateLanes,
  firstCounters: `(i64x2.add (v128.load64_splat offset=${COUNTER_WORD * 8} (i32.const 0)) (v128.const i64x2 0 1))`,
  solved: "(v128.any_true (local.tee $hash (i64x2.eq (v128.and (local.get $hash) (local.get $mask)) (v128.const i64x2 0 0))))",
  lane: "(i32.eqz (i32.wrap_i64 (i64x2.extract_lane 0 (local.get $hash))))",
};

/** Turns by whole bytes move bytes; a turn by 63 doubles the number and brings its highest bit down. */
function rotateLanes(value: string, bits: number): string {
  if (bits === 63) return `(local.tee $turned ${value}) (local.get $turned) (i64x2.add) (i64x2.shr_u (local.get $turned) (i32.const 63)) (v128.or)`;
  const bytes = bits / 8;
  const order = Array.from({ length: 16 }, (_, index) => (index & 8) | ((index + bytes) & 7));
  return `(local.tee $turned ${value}) (local.get $turned) (i8x16.shuffle ${order.join(" ")})`;
}

function hex(value: bigint): string {
  return `0x${value.toString(16).padStart(16, "0")}`;
}
void (0 as unknown as Computed | Word | typeof firstHashWord | typeof SCALAR | typeof SIMD);

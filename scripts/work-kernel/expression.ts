/** A 64-bit number in the kernel: known when it is built, or computed from others when it runs. */
export type Word = Constant | Computed;

/** A number that stands in the code. */
export interface Constant {
  readonly kind: "constant";
  readonly value: bigint;
}

/** A number that the kernel loads or computes. */
export interface Computed {
  readonly kind: "block" | "counter" | "add" | "xor" | "rotate";
  readonly operands: readonly Word[];
  /** Which word of the block it is, or by how many bits it turns to the right; else 0. */
  readonly detail: number;
  /** Whether it differs from try to try; what doesn't is computed once. */
  readonly varies: boolean;
  /** Counts the words as they are written down, which is a good order to compute them in. */
  readonly order: number;
}

let written = 0;

/** A number known when the kernel is built. */
export function constant(value: bigint): Constant {
  return { kind: "constant", value: BigInt.asUintN(64, value) };
}

/** A word of the block that is the same in every try. */
export function blockWord(index: number): Computed {
  return { kind: "block", operands: [], detail: index, varies: false, order: written++ };
}

/** The word of the block that counts the tries. */
export function counterWord(): Computed {
  return { kind: "counter", operands: [], detail: 0, varies: true, order: written++ };
}

/** The sum modulo 2^64: what is the same in every try is added up before the rest, and the last word last, since it is the last to be known. */
export function add(...words: readonly Word[]): Word {
  const known = constant(words.reduce((sum, each) => (isConstant(each) ? sum + each.value : sum), 0n));
  const computed = words.filter((each) => !isConstant(each));
  const steady = computed.filter(({ varies }) => !varies);
  const varying = computed.filter(({ varies }) => varies);
  const [first, ...others] = [...steady, ...(known.value === 0n ? [] : [known]), ...varying];
  return others.reduce((sum: Word, each) => compute("add", [sum, each]), first ?? known);
}

/** The exclusive or. */
export function xor(left: Word, right: Word): Word {
  if (isConstant(left)) return isConstant(right) ? constant(left.value ^ right.value) : xor(right, left);
  return isConstant(right) && right.value === 0n ? left : compute("xor", [left, right]);
}

/** Turned to the right by so many bits, 1 to 63. */
export function rotate(word: Word, bits: number): Word {
  if (!isConstant(word)) return compute("rotate", [word], bits);
  return constant((word.value >> BigInt(bits)) | (word.value << BigInt(64 - bits)));
}

function isConstant(word: Word): word is Constant {
  return word.kind === "constant";
}

function compute(kind: Computed["kind"], operands: readonly Word[], detail = 0): Computed {
  return { kind, operands, detail, varies: operands.some((each) => !isConstant(each) && each.varies), order: written++ };
}

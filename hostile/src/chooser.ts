/** Random choices that one number repeats: the same seed, the same choices, on every machine. */
export interface Chooser {
  /** An integer from 0 to `below` - 1. */
  integer(below: number): number;
  /** Whether a thing happens that does so once in `times`. */
  once(times: number): boolean;
  /** One of several. Throws TypeError where there is none. */
  one<Value>(values: readonly Value[]): Value;
  /** One of several, each as likely as its weight says. Throws TypeError where there is none. */
  weighted<Value extends { readonly weight: number }>(values: readonly Value[]): Value;
}

/** Makes choices of a seed (mulberry32: small, and good enough to wander about). */
export function createChooser(seed: number): Chooser {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const integer = (below: number): number => next() % Math.max(1, below);
  return {
    integer,
    once: (times) => integer(times) === 0,
    one: (values) => assertThere(values[integer(values.length)]),
    weighted: (values) => {
      let left = integer(values.reduce((sum, { weight }) => sum + weight, 0));
      return assertThere(values.find(({ weight }) => (left -= weight) < 0));
    },
  };
}

function assertThere<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new TypeError("there is nothing to choose from");
  return value;
}

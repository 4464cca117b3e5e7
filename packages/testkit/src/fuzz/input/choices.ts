/**
 * Decisions that a random case makes, one number each. When the numbers are used up every further decision is the first one,
 * so that fewer and smaller numbers make a simpler case: that is how fast-check finds the smallest one that still fails.
 */
export interface Choices {
  /** A number from 0 to `below` - 1. */
  below(below: number): number;
  /** One of a list. Throws TypeError for an empty one. */
  of<Item>(list: readonly Item[]): Item;
}

/** Decisions from a list of non-negative integers. */
export function choicesFrom(numbers: readonly number[]): Choices {
  let at = 0;
  const below = (bound: number): number => (bound <= 1 ? 0 : (numbers[at++] ?? 0) % bound);
  return {
    below,
    of(list) {
      if (list.length === 0) throw new TypeError("a list to choose from must not be empty");
      return list[below(list.length)] as (typeof list)[number];
    },
  };
}

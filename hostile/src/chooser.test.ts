import { expect, test } from "vitest";
import { createChooser } from "./chooser.ts";

const choices = (seed: number): readonly number[] => {
  const chooser = createChooser(seed);
  return Array.from({ length: 1_000 }, () => chooser.integer(10));
};

test("a seed repeats its choices, another makes others, and each choice is made about as often", () => {
  expect(choices(7)).toEqual(choices(7));
  expect(choices(7)).not.toEqual(choices(8));
  for (let value = 0; value < 10; value++) expect(choices(7).filter((each) => each === value).length).toBeGreaterThan(50);
});

test("what weighs nothing is never chosen", () => {
  const chooser = createChooser(1);
  const chosen = Array.from({ length: 500 }, () => chooser.weighted([{ weight: 0 }, { weight: 3 }, { weight: 1 }]).weight);
  expect(new Set(chosen)).toEqual(new Set([3, 1]));
  expect(chosen.filter((each) => each === 3).length).toBeGreaterThan(300);
});

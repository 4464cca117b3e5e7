import { expect, it } from "vitest";
import { SmimpError } from "./problem.ts";
import { unlessRefused } from "./unless-refused.ts";

const refuse = (): never => {
  throw new SmimpError("conflict", "no");
};

it("gives what the work gives, or what is made of its refusal", () => {
  expect(
    unlessRefused(
      () => 1,
      () => 2,
    ),
  ).toBe(1);
  expect(unlessRefused(refuse, ({ code }) => code)).toBe("conflict");
});

it("lets every other error pass, and those of what is made of a refusal", () => {
  const wrong = new TypeError("a caller's mistake");
  const fail = (): never => {
    throw wrong;
  };
  expect(() => unlessRefused(fail, () => 1)).toThrow(wrong);
  expect(() => unlessRefused(refuse, fail)).toThrow(wrong);
});

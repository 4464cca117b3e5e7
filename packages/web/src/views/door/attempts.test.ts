import { expect, it } from "vitest";
import { createAttempts } from "./attempts.ts";

/** Attempts whose ends the test decides. */
function setUp() {
  const tried: string[] = [];
  const shown: (string | null)[] = [];
  const running: PromiseWithResolvers<void>[] = [];
  const attempt = createAttempts(
    async (text) => {
      tried.push(text);
      const one = Promise.withResolvers<void>();
      running.push(one);
      await one.promise;
    },
    { begins: () => undefined, ends: (failed) => void shown.push(failed === null ? null : failed.tried) },
  );
  const settled = async (): Promise<void> => await new Promise((resolve) => void setTimeout(resolve, 0));
  return {
    attempt,
    tried,
    shown,
    fail: async () => (running.at(-1)?.reject(new Error("wrong")), await settled()),
    pass: async () => (running.at(-1)?.resolve(), await settled()),
  };
}

it("tries what was asked for meanwhile, and tells nothing of what it replaced", async () => {
  const { attempt, tried, shown, fail, pass } = setUp();
  attempt("typo");
  attempt("rigth");
  attempt("right");
  expect(tried).toEqual(["typo"]);
  await fail();
  expect(tried).toEqual(["typo", "right"]);
  expect(shown).toEqual([]);
  await pass();
  expect(shown).toEqual([null]);
});

it("tries the same text once, and again when asked after its end", async () => {
  const { attempt, tried, shown, fail } = setUp();
  attempt("typo");
  attempt("typo");
  await fail();
  expect(tried).toEqual(["typo"]);
  expect(shown).toEqual(["typo"]);
  attempt("typo");
  expect(tried).toEqual(["typo", "typo"]);
});

it("forgets what was asked for once the first has passed", async () => {
  const { attempt, tried, shown, pass } = setUp();
  attempt("right");
  attempt("righ");
  await pass();
  expect(tried).toEqual(["right"]);
  expect(shown).toEqual([null]);
});

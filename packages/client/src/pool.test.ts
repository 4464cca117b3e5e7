import { expect, test } from "vitest";
import { createGate, inBatches } from "./pool.ts";

test("a gate holds so much at a time, in the order of coming; what weighs more goes alone", async () => {
  const gate = createGate(10);
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const enter = (name: string, weight: number): Promise<void> =>
    gate(weight, async () => {
      log.push(name);
      await new Promise<void>((end) => void ends.set(name, end));
      if (name === "fails") throw new RangeError(name);
    });
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await new Promise<void>((resolve) => void setTimeout(resolve, 0));
  };
  const all = [enter("a", 6), enter("b", 4), enter("large", 50), enter("c", 1), enter("fails", 10), enter("last", 1)].map((each) =>
    each.catch((error: unknown) => error),
  );
  await end("nobody");
  expect(log).toEqual(["a", "b"]);
  await end("a");
  expect(log).toEqual(["a", "b"]);
  await end("b");
  expect(log).toEqual(["a", "b", "large"]);
  await end("large");
  expect(log).toEqual(["a", "b", "large", "c"]);
  await end("c");
  await end("fails");
  expect(log).toEqual(["a", "b", "large", "c", "fails", "last"]);
  await end("last");
  expect((await Promise.all(all)).filter((each) => each instanceof RangeError)).toHaveLength(1);
});

test("what was done of a batch is settled together, also where others of it fail", async () => {
  const settled: (readonly number[])[] = [];
  const run = async (items: readonly number[], failing: number): Promise<void> =>
    await inBatches(
      items,
      { batch: 3, limit: 2 },
      async (item) => {
        await Promise.resolve();
        if (item === failing) throw new RangeError("on purpose");
      },
      async (done) => void settled.push(await Promise.resolve(done)),
    );
  await run([1, 2, 3, 4, 5, 6, 7], 0);
  expect(settled.splice(0)).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
  await expect(run([1, 2, 3, 4, 5, 6, 7], 4)).rejects.toBeInstanceOf(RangeError);
  expect(settled).toEqual([
    [1, 2, 3],
    [5, 6],
  ]);
});

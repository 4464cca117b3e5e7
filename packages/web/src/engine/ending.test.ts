import { expect, test } from "vitest";
import { endAll } from "./ending.ts";

test("each thing ends, in order, whatever becomes of those before it", async () => {
  const ended: number[] = [];
  const failing = async (): Promise<never> => {
    ended.push(2);
    throw new TypeError("the disk is full");
  };
  const all = endAll([async () => ended.push(1), failing, async () => ended.push(3)]);
  await expect(all).rejects.toThrow("the disk is full");
  expect(ended).toEqual([1, 2, 3]);
  await endAll([]);
});

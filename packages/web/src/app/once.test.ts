import { expect, test, vi } from "vitest";
import { oneAtATime } from "./once.ts";

test("what is asked for twice is done once, and again after that, also after it failed", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const work = vi.fn<() => Promise<void>>(async () => await promise);
  const once = oneAtATime(work);
  const first = once();
  expect(await once()).toBe(false);
  resolve();
  expect(await first).toBe(true);
  expect(work).toHaveBeenCalledTimes(1);
  work.mockRejectedValueOnce(new Error("no"));
  await expect(once()).rejects.toThrow("no");
  expect(await once()).toBe(true);
});

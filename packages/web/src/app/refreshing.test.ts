import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRefreshing } from "./refreshing.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A question that takes 300 ms, and what was told of it. */
function slow(): { readonly told: number[]; readonly asked: () => number; readonly refreshing: ReturnType<typeof createRefreshing> } {
  const told: number[] = [];
  let asked = 0;
  const refreshing = createRefreshing(
    async () => {
      const mine = ++asked;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return mine;
    },
    (result) => told.push(result.status === "fulfilled" ? result.value : -1),
  );
  return { told, asked: () => asked, refreshing };
}

test("what changed while it was asked is asked once more, and only that is told", async () => {
  const { told, asked, refreshing } = slow();
  refreshing.refresh();
  await vi.advanceTimersByTimeAsync(100);
  for (let times = 0; times < 10; times++) refreshing.refresh();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked()).toBe(2);
  expect(told).toEqual([2]);
});

test("while it changes all the time, something is told at least each second or so", async () => {
  const { told, refreshing } = slow();
  for (let times = 0; times < 100; times++) {
    refreshing.refresh();
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(told.length).toBeGreaterThanOrEqual(7);
  expect(told.length).toBeLessThanOrEqual(10);
});

test("nothing is told once it ended, and an error is told as such", async () => {
  const { told, asked, refreshing } = slow();
  refreshing.refresh();
  refreshing.refresh();
  refreshing.end();
  await vi.advanceTimersByTimeAsync(1_000);
  refreshing.refresh();
  expect(asked()).toBe(1);
  expect(told).toEqual([]);

  const reasons: unknown[] = [];
  const failing = createRefreshing(
    async () => await Promise.reject(new TypeError("no")),
    (result) => reasons.push(result.status === "rejected" ? result.reason : null),
  );
  failing.refresh();
  await vi.advanceTimersByTimeAsync(10);
  expect(reasons).toEqual([new TypeError("no")]);
});

import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.useRealTimers();
  vi.doUnmock("./de/door.ts");
  vi.resetModules();
});

test("texts that can't be fetched are not asked for with each drawing, but when somebody asks, or after a while", async () => {
  vi.useFakeTimers();
  vi.doMock("./de/door.ts", () => {
    throw new TypeError("no network");
  });
  const { comingPart, loadPart, partsAskedFor } = await import("./parts.ts");
  const first = comingPart("de", "door");
  await expect(first.promise).rejects.toThrow();
  expect(comingPart("de", "door")).toBe(first);
  expect(partsAskedFor()).toEqual([]);
  await vi.advanceTimersByTimeAsync(10_000);
  const second = comingPart("de", "door");
  expect(second).not.toBe(first);
  await expect(second.promise).rejects.toThrow();
  vi.doUnmock("./de/door.ts");
  vi.resetModules();
  await expect(loadPart("de", "door")).resolves.toHaveProperty("door");
  expect(comingPart("de", "door")).not.toBe(second);
});

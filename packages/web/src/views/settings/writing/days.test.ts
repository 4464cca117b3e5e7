import { expect, test } from "vitest";
import { beginOf, dayFrom, dayOf, dayUntil, endOf } from "./days.ts";

test("days begin and end where their owner is, and come back", () => {
  const [begin, end] = [beginOf("2026-03-29"), endOf("2026-03-29")];
  expect(begin).toBe(`${new Date(2026, 2, 29).toISOString().slice(0, 19)}Z`);
  expect(end).toBe(`${new Date(2026, 2, 30).toISOString().slice(0, 19)}Z`);
  expect([dayFrom(begin), dayUntil(end)]).toEqual(["2026-03-29", "2026-03-29"]);
  expect(dayUntil(endOf("2026-12-31"))).toBe("2026-12-31");
  expect(dayOf(new Date(2026, 0, 5))).toBe("2026-01-05");
});

import { expect, test } from "vitest";
import { monthsToBurn } from "./months.ts";

const NOW = new Date("2026-03-15T12:00:00Z");

test("months can be chosen from this one back to the one behind the oldest", () => {
  expect(monthsToBurn(["2025-11", "2026-02", "2026-03"], NOW)).toEqual(["2026-03", "2026-02", "2026-01", "2025-12"]);
});

test("where everything is of this month, nothing can be burned", () => {
  expect(monthsToBurn(["2026-03"], NOW)).toEqual([]);
  expect(monthsToBurn([], NOW)).toEqual([]);
});

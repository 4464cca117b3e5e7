import { addSeconds, parseTimestamp } from "@smimp/protocol";
import { expect, it } from "vitest";
import { createRateCounter } from "./rate-counter.ts";

const NOW = parseTimestamp("2026-11-23T10:00:50Z");

it("admits up to the limit in each window, for each subject", () => {
  const rates = createRateCounter();
  const ask = (subject: string, now = NOW) => rates.admit("ticket", subject, 2, 60, now);
  ask("a");
  ask("a");
  expect(() => ask("a")).toThrowError(expect.objectContaining({ code: "rate_limited", retryAfter: 10 }));
  ask("b");
  ask("a", addSeconds(NOW, 10));
});

it("counts several at once", () => {
  const rates = createRateCounter();
  rates.admit("ticket", "a", 5, 60, NOW, 3);
  expect(() => rates.admit("ticket", "a", 5, 60, NOW, 3)).toThrowError(expect.objectContaining({ code: "rate_limited" }));
  expect(rates.peek("ticket", "a", 60, NOW)).toBe(6);
  expect(rates.count("ticket", "b", 60, NOW)).toBe(1);
});

it("forgets the oldest counts of a kind where there are too many, and none of another", () => {
  const rates = createRateCounter(3);
  rates.admit("ticket", "mallory", 1, 60, NOW);
  for (let index = 0; index < 10; index++) rates.count("message", `made up ${index}`, 60, NOW);
  expect(() => rates.admit("ticket", "mallory", 1, 60, NOW)).toThrowError(expect.objectContaining({ code: "rate_limited" }));
  expect(["made up 9", "made up 7", "made up 6"].map((subject) => rates.peek("message", subject, 60, NOW))).toEqual([1, 1, 0]);
});

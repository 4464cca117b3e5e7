import { addSeconds, parseTimestamp } from "@smimp/protocol";
import { expect, it } from "vitest";
import { createRateCounter } from "./rate-counter.ts";

const NOW = parseTimestamp("2026-11-23T10:00:50Z");

it("admits up to the limit in each window, for each subject", () => {
  const rates = createRateCounter();
  const ask = (subject: string, now = NOW) => rates.admit(subject, 2, 60, now);
  ask("a");
  ask("a");
  expect(() => ask("a")).toThrowError(expect.objectContaining({ code: "rate_limited", retryAfter: 10 }));
  ask("b");
  ask("a", addSeconds(NOW, 10));
});

it("counts several at once", () => {
  const rates = createRateCounter();
  rates.admit("a", 5, 60, NOW, 3);
  expect(() => rates.admit("a", 5, 60, NOW, 3)).toThrowError(expect.objectContaining({ code: "rate_limited" }));
  expect(rates.peek("a", 60, NOW)).toBe(6);
  expect(rates.count("b", 60, NOW)).toBe(1);
});

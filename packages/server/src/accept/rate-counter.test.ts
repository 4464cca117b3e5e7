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

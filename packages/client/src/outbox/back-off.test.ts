import { addSeconds, parseTimestamp, secondsBetween, type Timestamp } from "@smimp/protocol";
import { describe, expect, test } from "vitest";
import { FIRST_WAIT, GIVE_UP_AFTER, isPassing, LONGEST_WAIT, nextAttempt } from "./back-off.ts";

const queuedAt = parseTimestamp("2026-11-23T00:00:00Z");
const least = (length: number): Uint8Array => new Uint8Array(length);
const most = (length: number): Uint8Array => new Uint8Array(length).fill(255);

const waitAfter = (attempts: number, random: typeof least, now: Timestamp = queuedAt, retryAfter?: number): number | null => {
  const next = nextAttempt({ attempts, queuedAt, now, retryAfter, random });
  return next === null ? null : secondsBetween(now, next);
};

describe("back-off", () => {
  test("waits half to the whole of a time that doubles", () => {
    expect([1, 2, 3].map((attempts) => waitAfter(attempts, least))).toEqual([FIRST_WAIT / 2, FIRST_WAIT, FIRST_WAIT * 2]);
    expect([1, 2, 3].map((attempts) => waitAfter(attempts, most))).toEqual([FIRST_WAIT, FIRST_WAIT * 2, FIRST_WAIT * 4]);
  });

  test("never waits longer than its longest wait", () => {
    expect(waitAfter(50, most)).toBe(LONGEST_WAIT);
    expect(waitAfter(5_000, most)).toBe(LONGEST_WAIT);
  });

  test("waits at least as long as the server asks", () => {
    expect(waitAfter(1, most, queuedAt, 600)).toBe(600);
    expect(waitAfter(1, least, queuedAt, 1)).toBe(FIRST_WAIT / 2);
  });

  test("tries for the last time at the end of the fifth day, then gives up", () => {
    const nearly = addSeconds(queuedAt, GIVE_UP_AFTER - 10);
    expect(waitAfter(30, most, nearly)).toBe(10);
    expect(waitAfter(31, most, addSeconds(queuedAt, GIVE_UP_AFTER))).toBeNull();
  });

  test("tells what passes from what is final", () => {
    for (const code of ["temporarily_unavailable", "quota_exceeded", "conflict"] as const) expect(isPassing(code)).toBe(true);
    for (const code of ["history_rewritten", "unknown_user", "not_accepted", "key_reused"] as const) expect(isPassing(code)).toBe(false);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { addSeconds, DAY, parseTimestamp, secondsBetween, secondsOf, timestampOf } from "./time.ts";

// The years 0000 to 9999: what four digits hold.
const seconds = fc.integer({ min: Date.parse("0000-01-01T00:00:00Z") / 1000, max: Date.parse("9999-12-31T23:59:59Z") / 1000 });

describe("timestamps", () => {
  it("give back their seconds, and compare as texts", () => {
    fc.assert(
      fc.property(seconds, seconds, (a, b) => {
        const [first, second] = [timestampOf(a), timestampOf(b)];
        expect(parseTimestamp(first)).toBe(first);
        expect(secondsOf(first)).toBe(a);
        expect(first < second).toBe(a < b);
        expect(secondsBetween(first, second)).toBe(b - a);
        expect(addSeconds(first, b - a)).toBe(second);
      }),
    );
  });

  it("cut fractions off", () => {
    expect(timestampOf(1.9)).toBe("1970-01-01T00:00:01Z");
    expect(addSeconds(timestampOf(0), -DAY)).toBe("1969-12-31T00:00:00Z");
    for (const wrong of [Number.NaN, Infinity]) expect(() => timestampOf(wrong)).toThrow(TypeError);
  });

  it.each(["2026-11-23T00:00:00Z", "2024-02-29T23:59:59Z", "0001-01-01T00:00:00Z"])("take %s", (text) => {
    expect(parseTimestamp(text)).toBe(text);
  });

  it.each([
    "2026-02-30T00:00:00Z",
    "2025-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-11-23T24:00:00Z",
    "2026-11-23T23:59:60Z",
    "2026-11-23T23:60:00Z",
    "2026-11-23T00:00:00.0Z",
    "2026-11-23T00:00:00+00:00",
    "2026-11-23t00:00:00z",
    "2026-11-23 00:00:00Z",
    "2026-11-23T00:00:00",
    "2026-11-23T00:00:00Z\n",
    "+002026-11-23T00:00:00Z",
    "",
    1_795_000_000,
  ])("refuse %j", (text) => {
    expect(codeOf(() => parseTimestamp(text))).toBe("bad_request");
  });
});

import { addSeconds, DAY, HOUR, parseTimestamp, secondsBetween } from "@smimp/protocol";
import { describe, expect, it } from "vitest";
import { firstRenewalAt, isAlarming, isDue, renewAt, retryAt } from "./due.ts";

const notBefore = parseTimestamp("2026-11-01T00:00:00Z");
const lasting = (days: number) => ({ notBefore, notAfter: addSeconds(notBefore, days * DAY) });
const daysIn = (validity: ReturnType<typeof lasting>, chance: number): number => secondsBetween(notBefore, renewAt(validity, chance)) / DAY;

describe("a certificate is renewed", () => {
  it("when a third of its life is left, or up to a sixth of it earlier", () => {
    expect(daysIn(lasting(90), 0)).toBe(60);
    expect(daysIn(lasting(90), 1)).toBe(45);
    expect(daysIn(lasting(6), 0)).toBe(4);
    expect(daysIn(lasting(6), 1)).toBe(3);
  });

  it("again after a failure, less and less often, and at least twice a day", () => {
    const waits = Array.from({ length: 9 }, (_, index) => secondsBetween(notBefore, retryAt(notBefore, index + 1, 0)));
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(waits[0]).toBe(300);
    expect(waits.at(-1)).toBe(12 * HOUR);
    expect(secondsBetween(notBefore, retryAt(notBefore, 9, 1))).toBe(47_520);
  });
});

describe("an attempt is due", () => {
  it("when its time has come, or where a clock that ran ahead has noted it", () => {
    const at = (seconds: number, failures: number) => isDue({ nextAttemptAt: addSeconds(notBefore, seconds), failures }, notBefore);
    expect([at(-1, 0), at(0, 3), at(1, 3), at(12 * HOUR, 9)]).toEqual([true, true, false, false]);
    expect([at(90 * DAY, 1), at(90 * DAY, 0)]).toEqual([true, false]);
  });

  it("never at once after a certificate was obtained", () => {
    const late = addSeconds(notBefore, 80 * DAY);
    expect(firstRenewalAt(lasting(90), notBefore, 0)).toBe(renewAt(lasting(90), 0));
    expect(firstRenewalAt(lasting(90), late, 0)).toBe(addSeconds(late, HOUR));
  });
});

describe("somebody has to look after a certificate", () => {
  it("that isn't there, has ended, or has a sixth of its life left", () => {
    const validity = lasting(90);
    const after = (days: number): boolean => isAlarming(validity, addSeconds(notBefore, days * DAY));
    expect(isAlarming(null, notBefore)).toBe(true);
    expect([0, 60, 74].map(after)).toEqual([false, false, false]);
    expect([76, 90, 100].map(after)).toEqual([true, true, true]);
  });

  it("however long it lasts, a month before its end", () => {
    const validity = lasting(5 * 365);
    const left = (days: number): boolean => isAlarming(validity, addSeconds(validity.notAfter, -days * DAY));
    expect([40, 20].map(left)).toEqual([false, true]);
  });
});

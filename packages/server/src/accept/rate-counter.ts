import { secondsOf, SmimpError, type Timestamp } from "@smimp/protocol";

/** Subjects that are counted at the most; beyond that the oldest counts are given up. */
const MAX_SUBJECTS = 100_000;

/** Counts of what somebody did lately, in memory: bounds on effort that may be forgotten when the server starts again. */
export interface RateCounter {
  /** Counts one more and returns the count of the window (`seconds` long) that `now` falls in. */
  count(subject: string, seconds: number, now: Timestamp): number;
  /** The count of that window as it is. */
  peek(subject: string, seconds: number, now: Timestamp): number;
  /** Counts one more, or `amount` more. Throws `rate_limited` where that is over `limit`. */
  admit(subject: string, limit: number, seconds: number, now: Timestamp, amount?: number): void;
}

/** Makes a counter. */
export function createRateCounter(): RateCounter {
  const windows = new Map<string, { readonly window: number; count: number }>();

  function count(subject: string, seconds: number, now: Timestamp, amount = 1): number {
    const window = Math.floor(secondsOf(now) / seconds);
    const counted = windows.get(subject);
    if (counted?.window === window) return (counted.count += amount);
    windows.delete(subject);
    windows.set(subject, { window, count: amount });
    // A Map keeps the order of insertion: the first is the one whose window began longest ago.
    if (windows.size > MAX_SUBJECTS) windows.delete(windows.keys().next().value ?? "");
    return amount;
  }

  return {
    count: (subject, seconds, now) => count(subject, seconds, now),
    peek(subject, seconds, now) {
      const counted = windows.get(subject);
      return counted?.window === Math.floor(secondsOf(now) / seconds) ? counted.count : 0;
    },
    admit(subject, limit, seconds, now, amount) {
      if (count(subject, seconds, now, amount) <= limit) return;
      const retryAfter = seconds - (secondsOf(now) % seconds);
      throw new SmimpError("rate_limited", "that was too often: try again later", { retryAfter });
    },
  };
}

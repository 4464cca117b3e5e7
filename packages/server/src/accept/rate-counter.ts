import { secondsOf, SmimpError, type Timestamp } from "@smimp/protocol";

/** Subjects of one kind that are counted at the most; beyond that the oldest counts of that kind are given up. */
const MAX_SUBJECTS = 100_000;

/** What is counted. Each kind has a room of its own: whoever makes up subjects of one makes no count of another be forgotten. */
export type RateKind =
  | "challenge"
  | "correspondent taken in"
  | "device link"
  | "domain first seen"
  | "export"
  | "first sight"
  | "key taken in"
  | "keys"
  | "keystore bytes"
  | "message"
  | "own ticket"
  | "registration"
  | "remembered taken in"
  | "ticket";

/** Counts of what somebody did lately, in memory: bounds on effort that may be forgotten when the server starts again. */
export interface RateCounter {
  /** Counts one more and returns the count of the window (`seconds` long) that `now` falls in. */
  count(kind: RateKind, subject: string, seconds: number, now: Timestamp): number;
  /** The count of that window as it is. */
  peek(kind: RateKind, subject: string, seconds: number, now: Timestamp): number;
  /** Counts one more, or `amount` more. Throws `rate_limited` where that is over `limit`. */
  admit(kind: RateKind, subject: string, limit: number, seconds: number, now: Timestamp, amount?: number): void;
}

interface Counted {
  readonly window: number;
  count: number;
}

/** Makes a counter, of so many subjects of each kind. */
export function createRateCounter(maxSubjects = MAX_SUBJECTS): RateCounter {
  const kinds = new Map<RateKind, Map<string, Counted>>();

  function windowsOf(kind: RateKind): Map<string, Counted> {
    const known = kinds.get(kind);
    if (known !== undefined) return known;
    const windows = new Map<string, Counted>();
    kinds.set(kind, windows);
    return windows;
  }

  function count(kind: RateKind, subject: string, seconds: number, now: Timestamp, amount = 1): number {
    const windows = windowsOf(kind);
    const window = Math.floor(secondsOf(now) / seconds);
    const counted = windows.get(subject);
    if (counted?.window === window) return (counted.count += amount);
    windows.delete(subject);
    windows.set(subject, { window, count: amount });
    // A Map keeps the order of insertion: the first is the one whose window began longest ago.
    if (windows.size > maxSubjects) windows.delete(windows.keys().next().value ?? "");
    return amount;
  }

  return {
    count: (kind, subject, seconds, now) => count(kind, subject, seconds, now),
    peek(kind, subject, seconds, now) {
      const counted = windowsOf(kind).get(subject);
      return counted?.window === Math.floor(secondsOf(now) / seconds) ? counted.count : 0;
    },
    admit(kind, subject, limit, seconds, now, amount) {
      if (count(kind, subject, seconds, now, amount) <= limit) return;
      const retryAfter = seconds - (secondsOf(now) % seconds);
      throw new SmimpError("rate_limited", "that was too often: try again later", { retryAfter });
    },
  };
}

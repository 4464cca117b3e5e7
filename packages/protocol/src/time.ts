import type { Brand } from "./brand.ts";
import { SmimpError } from "./problem.ts";

/** RFC 3339 UTC in whole seconds, e.g. `2026-11-23T00:00:00Z` (protocol section 1). Texts compare as times do. */
export type Timestamp = Brand<string, "Timestamp">;

/** Seconds of the lengths of time that rules are written in. */
export const SECOND = 1;
export const MINUTE = 60;
export const HOUR = 3_600;
export const DAY = 86_400;

const FORM = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;

/** Parses a time; date and time must exist, there is no leap second. Throws `bad_request`. */
export function parseTimestamp(text: unknown): Timestamp {
  if (typeof text !== "string" || !FORM.test(text)) throw new SmimpError("bad_request", "not a time in whole seconds UTC");
  const milliseconds = Date.parse(text);
  // Date.parse lets 30 February roll over: a time that exists is one that reads back the same.
  if (Number.isNaN(milliseconds) || toText(milliseconds / 1000) !== text) throw new SmimpError("bad_request", "no such date or time");
  return text as Timestamp;
}

/** The time of that many seconds since 1970; fractions are cut off. */
export function timestampOf(seconds: number): Timestamp {
  if (!Number.isFinite(seconds)) throw new TypeError("seconds must be a number");
  return toText(Math.floor(seconds)) as Timestamp;
}

/** Seconds since 1970. */
export function secondsOf(time: Timestamp): number {
  return Date.parse(time) / 1000;
}

/** The time so many seconds later (earlier where negative). */
export function addSeconds(time: Timestamp, seconds: number): Timestamp {
  return timestampOf(secondsOf(time) + seconds);
}

/** Seconds from `earlier` to `later`; negative where they are the other way round. */
export function secondsBetween(earlier: Timestamp, later: Timestamp): number {
  return secondsOf(later) - secondsOf(earlier);
}

function toText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** Where the time comes from; nothing below the edge looks at the machine's clock itself. */
export type Clock = () => Timestamp;

import { addSeconds, DAY, HOUR, MINUTE, secondsBetween, SECOND, type ProblemCode, type RandomBytes, type Timestamp } from "@smimp/protocol";

/** The first wait after a failed attempt, and the longest, seconds. */
export const FIRST_WAIT = 30 * SECOND;
export const LONGEST_WAIT = 6 * HOUR;
/** How long a message is tried before its sender is told that it could not be delivered, seconds. */
export const GIVE_UP_AFTER = 5 * DAY;
/** Longest wait that a server's Retry-After can ask for, seconds. */
const LONGEST_RETRY_AFTER = 1 * DAY + 10 * MINUTE;

/** What may go away by itself: a peer that is down, busy, full, or not yet up to date. Everything else is final. */
const PASSING: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  "temporarily_unavailable",
  "insecure_transport",
  "rate_limited",
  "quota_exceeded",
  "conflict",
  "ticket_invalid",
  "key_expired",
  "key_not_issued",
  "blob_missing",
  "pow_expired",
  "pow_invalid",
  "session_expired",
  // A machine that slept between challenge and answer, or whose clock is wrong until it has asked what time it is.
  "unauthenticated",
]);

/** Whether trying again later makes sense. */
export function isPassing(code: ProblemCode): boolean {
  return PASSING.has(code);
}

/**
 * Whether something that was put off is due: also where no wait is that long, so that a clock which was ahead put it off. `longest` is
 * the longest wait of its kind, seconds; a server's Retry-After where nothing is said.
 */
export function isDue(at: Timestamp, now: Timestamp, longest: number = LONGEST_RETRY_AFTER): boolean {
  return at <= now || secondsBetween(now, at) > longest;
}

/** What is known of an attempt that failed in passing. */
export interface FailedAttempt {
  /** Attempts so far, this one included. */
  readonly attempts: number;
  readonly queuedAt: Timestamp;
  readonly now: Timestamp;
  /** Seconds that the server asked to wait. */
  readonly retryAfter: number | undefined;
  /** Asked for 4 bytes: recipients of one outage shall not come back all at once. */
  readonly random: RandomBytes;
}

/**
 * When to try again: half to the whole of a wait that doubles from attempt to attempt, not before the server wants it.
 * Null once the message is 5 days old; the last attempt is made on the fifth day's end.
 */
export function nextAttempt({ attempts, queuedAt, now, retryAfter = 0, random }: FailedAttempt): Timestamp | null {
  const left = GIVE_UP_AFTER - secondsBetween(queuedAt, now);
  if (left <= 0) return null;
  const wait = Math.min(FIRST_WAIT * 2 ** Math.min(attempts - 1, 30), LONGEST_WAIT);
  const jitter = new DataView(Uint8Array.from(random(4)).buffer).getUint32(0) / 2 ** 32;
  const asked = Math.min(retryAfter, LONGEST_RETRY_AFTER);
  return addSeconds(now, Math.min(left, Math.max(asked, Math.ceil(wait * (0.5 + jitter / 2)))));
}

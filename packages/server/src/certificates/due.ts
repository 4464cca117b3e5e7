import { addSeconds, DAY, HOUR, MINUTE, secondsBetween, type Timestamp } from "@smimp/protocol";
import type { Validity } from "./pair.ts";

/** Part of its life that a certificate has left when it is renewed; up to half of that again comes from chance. */
const LEFT_AT_RENEWAL = 1 / 3;
const CHANCE = 1 / 6;
/** Part of its life that is left when a failing renewal becomes an alarm. */
const LEFT_AT_ALARM = 1 / 6;
/** Waits after attempts that failed, seconds; the last one again and again. An authority allows few failures an hour. */
const WAITS = [5 * MINUTE, 20 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR] as const;

/** When a certificate is to be renewed. `chance`: from 0 to 1, so that not all servers come on the same day. */
export function renewAt({ notBefore, notAfter }: Validity, chance: number): Timestamp {
  const life = secondsBetween(notBefore, notAfter);
  return addSeconds(notAfter, -Math.floor(life * (LEFT_AT_RENEWAL + CHANCE * chance)));
}

/** Seconds for which a certificate that was just obtained is not renewed, whatever it says: an authority gives only so many. */
const LEAST_WAIT = HOUR;

/** When a certificate that was just obtained is to be renewed. */
export function firstRenewalAt(validity: Validity, now: Timestamp, chance: number): Timestamp {
  const [at, least] = [renewAt(validity, chance), addSeconds(now, LEAST_WAIT)];
  return at > least ? at : least;
}

/** Whether an attempt is due. One that lies further ahead than any wait after a failure was noted by a clock that was wrong. */
export function isDue(
  { nextAttemptAt, failures }: { readonly nextAttemptAt: Timestamp; readonly failures: number },
  now: Timestamp,
): boolean {
  return nextAttemptAt <= now || (failures > 0 && secondsBetween(now, nextAttemptAt) > 2 * Math.max(...WAITS));
}

/** When to try again after so many failures in a row, with up to a tenth more by chance. */
export function retryAt(now: Timestamp, failures: number, chance: number): Timestamp {
  const wait = WAITS[Math.min(failures, WAITS.length) - 1] ?? WAITS[0];
  return addSeconds(now, Math.floor(wait * (1 + chance / 10)));
}

/** Whether somebody has to look after it: there is none that holds, or it ends soon although it was to be renewed long ago. */
export function isAlarming(validity: Validity | null, now: Timestamp): boolean {
  if (validity === null || validity.notAfter <= now) return true;
  const left = secondsBetween(now, validity.notAfter);
  return left < Math.min(secondsBetween(validity.notBefore, validity.notAfter) * LEFT_AT_ALARM, 30 * DAY);
}

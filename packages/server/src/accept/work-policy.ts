import {
  addSeconds,
  HOUR,
  MAX_WORK_BITS,
  SmimpError,
  WORK_PARAMETERS_LIFE,
  type Hex32,
  type Timestamp,
  type WorkParameters,
} from "@smimp/protocol";
import type { WorkPolicy } from "../bounds.ts";
import type { HourCount } from "../store/counters.ts";

// The price of a message key (protocol section 7), as pure policy: facts in, bits out. One bit doubles the work.

/** How a sender stands to a recipient. `allowed`: on the recipient's allowlist; `correspondent`: wrote before, was written to, or is the recipient. */
export type SenderClass = "allowed" | "correspondent" | "established" | "stranger";

/** What the price depends on. */
export interface WorkFacts {
  readonly senderClass: SenderClass;
  readonly now: Timestamp;
  /** Messages of this sender to this recipient this hour; for a correspondent. */
  readonly messagesThisHour: number;
  /** First contacts, newest hour first, hours without any left out; for others. */
  readonly bySender: readonly HourCount[];
  readonly byDomain: readonly HourCount[];
  readonly byPrefix: readonly HourCount[];
  /** Strangers that came this hour, and the median of the hours of 7 days. */
  readonly inflow: number;
  readonly medianInflow: number;
}

/** Hours that a burst is remembered: as many as there are bits to decay. */
export const DECAY_HOURS = MAX_WORK_BITS + 1;

/** Bits that the price may rise by while somebody works. */
const SLACK_BITS = 2;

/** Seconds after which a refused sender may come again: a quiet hour takes one bit off. */
const REFUSED_SECONDS = HOUR;

/**
 * Work that is due, as log2 of the tries expected; 0: none. Throws `rate_limited` where it would be more than anybody
 * can be asked for (protocol section 7).
 */
export function dueBits(policy: WorkPolicy, facts: WorkFacts): number {
  if (facts.senderClass === "allowed") return 0;
  const bits = facts.senderClass === "correspondent" ? correspondentBits(policy, facts) : newcomerBits(policy, facts);
  return payable(bits);
}

/**
 * Whether work that was done under parameters is enough for what is due by now. Without this, whoever asks for many
 * parameters first and works on them later would pay the first one's price for all.
 */
export function covers({ zero_bits: zeroBits, count }: WorkParameters, due: number): boolean {
  return zeroBits + Math.log2(count) + SLACK_BITS >= due;
}

/** The work of opening an account without a code: the base and log2 of what came from the same IP prefix over one an hour. */
export function registrationBits(policy: WorkPolicy, registrationsThisHour: number): number {
  return payable(policy.registrationBits + over(registrationsThisHour, 1));
}

function correspondentBits(policy: WorkPolicy, facts: WorkFacts): number {
  const extra = over(facts.messagesThisHour, policy.messagesPerCorrespondent);
  return extra === 0 ? 0 : policy.establishedBits + extra;
}

function newcomerBits(policy: WorkPolicy, facts: WorkFacts): number {
  const base = facts.senderClass === "established" ? policy.establishedBits : policy.strangerBits;
  const burst = Math.max(
    decayed(facts.bySender, policy.firstContactsPerSender, facts.now),
    decayed(facts.byDomain, policy.firstContactsPerDomain, facts.now),
    decayed(facts.byPrefix, policy.firstContactsPerPrefix, facts.now),
  );
  return base + burst + over(facts.inflow, Math.max(facts.medianInflow, policy.strangerInflow));
}

/** log2 of a count over its quota, rounded up, at least 0. A quota of 0 counts as 1. */
function over(count: number, quota: number): number {
  const allowed = Math.max(quota, 1);
  return count <= allowed ? 0 : Math.ceil(Math.log2(count / allowed));
}

/** The worst hour counts, less one bit for each hour that has passed since. */
function decayed(hours: readonly HourCount[], quota: number, now: Timestamp): number {
  let bits = 0;
  for (const { hour, count } of hours) {
    const passed = Math.floor((Date.parse(now) - Date.parse(hour)) / (HOUR * 1000));
    bits = Math.max(bits, over(count, quota) - passed);
  }
  return bits;
}

function payable(bits: number): number {
  if (bits > MAX_WORK_BITS) {
    throw new SmimpError("rate_limited", "too many first contacts at the moment", { retryAfter: REFUSED_SECONDS });
  }
  return bits;
}

/** Parameters that ask for so much work: `count` small puzzles, fewer where there is hardly any work (protocol section 7). */
export function workParametersFor(bits: number, policy: WorkPolicy, nonce: Hex32, now: Timestamp): WorkParameters {
  const countBits = Math.min(Math.log2(policy.count), bits);
  return {
    algorithm: "blake2b",
    zero_bits: bits - countBits,
    count: 2 ** countBits,
    nonce,
    expires_at: addSeconds(now, WORK_PARAMETERS_LIFE),
  };
}

import { addSeconds, expectedTries, HOUR, parseHex32, parseTimestamp } from "@smimp/protocol";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_WORK_POLICY } from "../bounds.ts";
import { dueBits, registrationBits, workParametersFor, type WorkFacts } from "./work-policy.ts";

const NOW = parseTimestamp("2026-11-23T10:00:00Z");
const NONCE = parseHex32("ab".repeat(32));
const policy = DEFAULT_WORK_POLICY;

const quiet: WorkFacts = {
  senderClass: "stranger",
  now: NOW,
  messagesThisHour: 1,
  bySender: [],
  byDomain: [],
  byPrefix: [],
  inflow: 0,
  medianInflow: 0,
};

describe("the price of a message key", () => {
  it("is nothing for a correspondent, the base for others", () => {
    expect(dueBits(policy, { ...quiet, senderClass: "correspondent" })).toBe(0);
    expect(dueBits(policy, { ...quiet, senderClass: "established" })).toBe(14);
    expect(dueBits(policy, quiet)).toBe(18);
  });

  it("is asked of a correspondent who is over the quota", () => {
    const messages = (messagesThisHour: number) => dueBits(policy, { ...quiet, senderClass: "correspondent", messagesThisHour });
    expect(messages(policy.messagesPerCorrespondent)).toBe(0);
    expect(messages(policy.messagesPerCorrespondent * 4)).toBe(policy.establishedBits + 2);
  });

  it("rises by log2 of the first contacts over the quota, of whichever is worst", () => {
    const bySender = [{ hour: NOW, count: policy.firstContactsPerSender * 4 }];
    const byPrefix = [{ hour: NOW, count: policy.firstContactsPerPrefix * 8 }];
    expect(dueBits(policy, { ...quiet, bySender })).toBe(20);
    expect(dueBits(policy, { ...quiet, bySender, byPrefix })).toBe(21);
  });

  it("falls by one bit a quiet hour", () => {
    const price = (hours: number) =>
      dueBits(policy, {
        ...quiet,
        now: addSeconds(NOW, hours * HOUR),
        bySender: [{ hour: NOW, count: policy.firstContactsPerSender * 16 }],
      });
    expect([0, 1, 2, 3, 4, 5].map(price)).toEqual([22, 21, 20, 19, 18, 18]);
  });

  it("rises with the server's inflow over its median, but not below the floor", () => {
    expect(dueBits(policy, { ...quiet, inflow: policy.strangerInflow, medianInflow: 1 })).toBe(18);
    expect(dueBits(policy, { ...quiet, inflow: policy.strangerInflow * 2, medianInflow: 1 })).toBe(19);
    expect(dueBits(policy, { ...quiet, inflow: policy.strangerInflow * 8, medianInflow: policy.strangerInflow * 4 })).toBe(19);
  });

  it("is never above 2^28 tries: then nothing is given", () => {
    const flood = (factor: number) => () =>
      dueBits(policy, { ...quiet, bySender: [{ hour: NOW, count: policy.firstContactsPerSender * factor }] });
    expect(flood(2 ** 10)()).toBe(28);
    expect(flood(2 ** 11)).toThrowError(expect.objectContaining({ code: "rate_limited" }));
  });

  it("never falls when a count rises", () => {
    const count = fc.nat(300);
    fc.assert(
      fc.property(count, count, fc.nat(800), fc.nat(20), (sender, domain, inflow, more) => {
        const price = (extra: number) =>
          dueBits(policy, { ...quiet, bySender: [{ hour: NOW, count: sender + extra }], byDomain: [{ hour: NOW, count: domain }], inflow });
        expect(price(more)).toBeGreaterThanOrEqual(price(0));
      }),
    );
  });
});

describe("the parameters of work", () => {
  it("split it into small puzzles that are the same work in all", () => {
    for (let bits = 0; bits <= 28; bits++) expect(expectedTries(workParametersFor(bits, policy, NONCE, NOW))).toBe(2 ** bits);
  });

  it("are zero bits and one puzzle where nothing is due", () => {
    expect(workParametersFor(0, policy, NONCE, NOW)).toMatchObject({ zero_bits: 0, count: 1 });
  });

  it("last ten minutes", () => {
    expect(workParametersFor(18, policy, NONCE, NOW)).toMatchObject({ zero_bits: 15, count: 8, expires_at: "2026-11-23T10:10:00Z" });
  });
});

it("registration gets dearer with each from the same network", () => {
  expect([1, 2, 4, 64].map((count) => registrationBits(policy, count))).toEqual([22, 23, 24, 28]);
  expect(() => registrationBits(policy, 65)).toThrowError(expect.objectContaining({ code: "rate_limited" }));
});

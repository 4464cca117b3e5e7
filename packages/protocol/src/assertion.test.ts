import { describe, expect, it } from "vitest";
import { ALICE, MASTER, RECOVERY, START } from "../test/chain-builder.ts";
import { codeOf } from "../test/refusal.ts";
import { parseAddress } from "./address.ts";
import { checkAssertion, signAssertion, type AssertionCheck, type NewAssertion } from "./assertion.ts";
import { MAX_ASSERTION_LIFE, MAX_ASSERTION_SKEW } from "./limits.ts";
import { signStatement, type Statement } from "./statement.ts";
import { addSeconds } from "./time.ts";

const audience = "https://site.example";
const nonce = "the site's own text";
const END = addSeconds(START, MAX_ASSERTION_LIFE);

function signed(change: Partial<NewAssertion> = {}): Statement {
  return signAssertion({ audience, address: ALICE, nonce, issuedAt: START, expiresAt: END, sequence: 3, master: MASTER, ...change });
}

function check(statement: Statement, change: Partial<AssertionCheck> = {}) {
  const head = { public_key: MASTER.publicKey, sequence: 3 };
  return checkAssertion({ statement, audience, address: ALICE, nonce, now: START, head, ...change });
}

describe("checkAssertion", () => {
  it("takes what signAssertion makes, to the last second", () => {
    for (const now of [START, addSeconds(END, -1), addSeconds(START, -MAX_ASSERTION_SKEW)]) {
      expect(check(signed(), { now })).toEqual({ address: ALICE, sequence: 3 });
    }
  });

  it.each<[string, Partial<AssertionCheck>, string]>([
    ["by another key", { head: { public_key: RECOVERY.publicKey, sequence: 3 } }, "bad_signature"],
    ["that is none", { statement: signStatement("assertion", MASTER, "{}") }, "bad_request"],
    ["for another site", { audience: "https://site.example:8443" }, "audience_mismatch"],
    ["of another address", { address: parseAddress("bob#alpha.example") }, "bad_request"],
    ["with another nonce", { nonce: "other" }, "nonce_mismatch"],
    ["from before the last record", { head: { public_key: MASTER.publicKey, sequence: 4 } }, "bad_request"],
    ["dated ahead", { now: addSeconds(START, -MAX_ASSERTION_SKEW - 1) }, "bad_request"],
    ["that has expired", { now: END }, "assertion_expired"],
  ])("refuses one %s", (_, change, code) => {
    expect(codeOf(() => check(signed(), change))).toBe(code);
  });

  it.each([0, -1, MAX_ASSERTION_LIFE + 1])("refuses a life of %d seconds", (life) => {
    expect(codeOf(() => check(signed({ expiresAt: addSeconds(START, life) })))).toBe("bad_request");
  });
});

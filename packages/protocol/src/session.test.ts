import { describe, expect, it } from "vitest";
import { ALICE, MASTER, RECOVERY, SERVER, START } from "../test/chain-builder.ts";
import { codeOf } from "../test/refusal.ts";
import { parseAddress } from "./address.ts";
import { parseBaseUrl } from "./base-url.ts";
import { toB64 } from "./bytes.ts";
import { MAX_CLOCK_SKEW } from "./limits.ts";
import { checkSession, claimedToken, signSession, type SessionCheck, type SessionRole } from "./session.ts";
import { signStatement, type Statement } from "./statement.ts";
import { addSeconds } from "./time.ts";

const token = toB64(new Uint8Array(32).fill(1));
const otherToken = toB64(new Uint8Array(32));

function signed(role: SessionRole, key = role === "master" ? MASTER : RECOVERY): Statement {
  return signSession({ server: SERVER, address: ALICE, token, role, issuedAt: START, key });
}

function check(statement: Statement, change: Partial<SessionCheck> = {}) {
  const keys = { publicKey: MASTER.publicKey, recoveryKey: RECOVERY.publicKey };
  return checkSession({ statement, server: SERVER, address: ALICE, token, now: START, ...keys, ...change });
}

describe("checkSession", () => {
  it.each<SessionRole>(["master", "recovery"])("takes what signSession makes: %s", (role) => {
    expect(check(signed(role))).toEqual({ role });
  });

  it("wants the key of the role", () => {
    expect(codeOf(() => check(signed("master", RECOVERY)))).toBe("bad_signature");
    expect(codeOf(() => check(signed("recovery", MASTER)))).toBe("bad_signature");
  });

  it.each<[string, Partial<SessionCheck>, string]>([
    ["another server", { server: parseBaseUrl("https://smimp.beta.example/") }, "wrong_server"],
    ["another address", { address: parseAddress("bob#alpha.example") }, "unauthenticated"],
    ["another challenge", { token: otherToken }, "unauthenticated"],
    ["an earlier time", { now: addSeconds(START, -MAX_CLOCK_SKEW - 1) }, "unauthenticated"],
    ["a later time", { now: addSeconds(START, MAX_CLOCK_SKEW + 1) }, "unauthenticated"],
  ])("refuses one for %s", (_, change, code) => {
    expect(codeOf(() => check(signed("master"), change))).toBe(code);
  });

  it("allows clocks to differ by five minutes", () => {
    for (const skew of [MAX_CLOCK_SKEW, -MAX_CLOCK_SKEW])
      expect(check(signed("master"), { now: addSeconds(START, skew) }).role).toBe("master");
  });

  it("refuses what is no session", () => {
    expect(codeOf(() => check(signStatement("session", MASTER, "{}")))).toBe("bad_request");
    expect(codeOf(() => check(signStatement("deletion", MASTER, signed("master").data)))).toBe("bad_signature");
  });
});

describe("claimedToken", () => {
  it("reads the challenge, if there is one", () => {
    expect(claimedToken(signed("master"))).toBe(token);
    expect(claimedToken({ data: "{}", signature: "" })).toBeUndefined();
    expect(claimedToken({ data: "{", signature: "" })).toBeUndefined();
  });
});

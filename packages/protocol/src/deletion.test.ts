import { describe, expect, it } from "vitest";
import { ALICE, firstChain, MASTER, RECOVERY, SERVER, START } from "../test/chain-builder.ts";
import { codeOf } from "../test/refusal.ts";
import { parseAddress } from "./address.ts";
import { parseBaseUrl } from "./base-url.ts";
import { toHex32 } from "./bytes.ts";
import { checkDeletion, claimedDeletion, signDeletion, type DeletionCheck } from "./deletion.ts";
import { MAX_CLOCK_SKEW } from "./limits.ts";
import { signStatement } from "./statement.ts";
import { addSeconds } from "./time.ts";

const { link } = firstChain().head;
const statement = signDeletion({ address: ALICE, server: SERVER, link, issuedAt: START, recovery: RECOVERY });

function code(change: Partial<DeletionCheck> = {}): unknown {
  return codeOf(() =>
    checkDeletion({ statement, address: ALICE, server: SERVER, link, now: START, recoveryKey: RECOVERY.publicKey, ...change }),
  );
}

describe("checkDeletion", () => {
  it("takes what signDeletion makes, for five minutes", () => {
    for (const skew of [0, MAX_CLOCK_SKEW, -MAX_CLOCK_SKEW]) expect(code({ now: addSeconds(START, skew) })).toBeNull();
  });

  it.each<[string, Partial<DeletionCheck>, string]>([
    ["by the master key", { recoveryKey: MASTER.publicKey }, "bad_signature"],
    ["that is none", { statement: signStatement("deletion", RECOVERY, "{}") }, "bad_request"],
    ["for another server", { server: parseBaseUrl("https://smimp.beta.example/") }, "wrong_server"],
    ["for another address", { address: parseAddress("bob#alpha.example") }, "unauthenticated"],
    ["from earlier", { now: addSeconds(START, MAX_CLOCK_SKEW + 1) }, "unauthenticated"],
    ["from later", { now: addSeconds(START, -MAX_CLOCK_SKEW - 1) }, "unauthenticated"],
    ["after the history moved on", { link: toHex32(new Uint8Array(32)) }, "conflict"],
  ])("refuses one %s", (_, change, expected) => {
    expect(code(change)).toBe(expected);
  });
});

describe("claimedDeletion", () => {
  it("reads the address, if there is one, whoever signed", () => {
    expect(claimedDeletion(statement)).toBe(ALICE);
    expect(claimedDeletion({ ...statement, signature: "" })).toBe(ALICE);
    expect(codeOf(() => claimedDeletion({ data: "{}", signature: "" }))).toBe("bad_request");
    expect(codeOf(() => claimedDeletion({ data: "{", signature: "" }))).toBe("bad_request");
    expect(codeOf(() => claimedDeletion({ ...statement, data: statement.data.replace(ALICE, "alice") }))).toBe("bad_address");
  });
});

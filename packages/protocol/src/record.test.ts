import { describe, expect, it } from "vitest";
import { ALICE, firstChain, firstRecord, MASTER, RECOVERY, SERVER, START, testKey } from "../test/chain-builder.ts";
import { codeOf } from "../test/refusal.ts";
import { linkOf, parseRecordDocument, signRecord } from "./record.ts";

const chain = firstChain();

describe("signRecord", () => {
  const common = { address: ALICE, servers: [SERVER], profileHash: null, changedAt: START, signer: MASTER };

  it("wants the pair of a key that has to co-sign", () => {
    const { publicKey } = testKey(3);
    expect(() => signRecord({ ...common, previous: null, master: MASTER, recovery: RECOVERY.publicKey })).toThrow(TypeError);
    expect(() => signRecord({ ...common, previous: chain.head, master: publicKey, recovery: RECOVERY.publicKey })).toThrow(TypeError);
  });

  it("adds no co-signature that is not due", () => {
    const record = signRecord({ ...common, previous: chain.head, master: MASTER, recovery: RECOVERY });
    expect(Object.keys(record)).toEqual(["data", "signature"]);
  });
});

describe("linkOf", () => {
  const { new_key_signature: _, ...record } = firstRecord();

  it("binds every signature, in its place", () => {
    const other = { ...record, recovery_signature: record.signature };
    const none = { data: record.data, signature: record.signature };
    const inOtherPlace = { ...none, new_key_signature: record.recovery_signature };
    // Two signatures are two signatures: a co-signature out of place is for the chain's rules to find.
    expect(linkOf(inOtherPlace)).toBe(linkOf(record));
    expect(new Set([record, other, none].map(linkOf)).size).toBe(3);
  });

  it("refuses what is no signature", () => {
    expect(codeOf(() => linkOf({ ...record, signature: "AA" }))).toBe("bad_request");
  });
});

describe("parseRecordDocument", () => {
  it("drops members that it doesn't know", () => {
    expect(parseRecordDocument(JSON.stringify({ ...chain.head.document, more: 1 }))).toEqual(chain.head.document);
  });

  it("tells a wrong address from a wrong shape", () => {
    expect(codeOf(() => parseRecordDocument(JSON.stringify({ ...chain.head.document, address: "alice" })))).toBe("bad_address");
    expect(codeOf(() => parseRecordDocument("[]"))).toBe("bad_request");
  });
});

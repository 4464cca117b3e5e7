import { describe, expect, it } from "vitest";
import { MASTER, RECOVERY } from "../test/chain-builder.ts";
import { codeOf } from "../test/refusal.ts";
import { parsePublicKey, signingKey, signStatement, statementDigest, verifyStatement, type StatementType } from "./statement.ts";

const TYPES: readonly StatementType[] = ["record", "message-key", "session", "envelope", "assertion", "deletion"];

describe("statements", () => {
  it.each(TYPES)("of type %s pass for no other", (type) => {
    const statement = signStatement(type, MASTER, "{}");
    expect(verifyStatement(type, MASTER.publicKey, statement)).toEqual(statementDigest(type, "{}"));
    for (const other of TYPES.filter((each) => each !== type)) {
      expect(codeOf(() => verifyStatement(other, MASTER.publicKey, statement))).toBe("bad_signature");
    }
    expect(codeOf(() => verifyStatement(type, RECOVERY.publicKey, statement))).toBe("bad_signature");
  });

  it.each([
    ["no text", { data: 1, signature: "" }],
    ["half a character", { data: "\ud800", signature: "" }],
    ["no signature", { data: "{}", signature: undefined }],
    ["a signature that is too short", { data: "{}", signature: "AA" }],
  ])("are refused with %s", (_, statement) => {
    expect(codeOf(() => verifyStatement("record", MASTER.publicKey, statement as never))).toBe("bad_signature");
  });

  it("want keys of 32 bytes", () => {
    expect(parsePublicKey(MASTER.publicKey)).toBe(MASTER.publicKey);
    for (const wrong of ["", "AA", `${MASTER.publicKey}=`, null]) expect(codeOf(() => parsePublicKey(wrong))).toBe("bad_request");
    expect(() => signingKey(new Uint8Array(64))).toThrow(TypeError);
  });
});

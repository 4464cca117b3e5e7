import { describe, expect, it } from "vitest";
import * as v from "valibot";
import { codeOf } from "../test/refusal.ts";
import {
  anyAddress,
  b64,
  b64UpTo,
  baseUrl,
  count,
  hex32,
  messageType,
  normalAddress,
  parseMessageType,
  parseShape,
  publicKey,
  sequence,
  signature,
  statement,
  timestamp,
} from "./schema.ts";

const code = (schema: v.GenericSchema, value: unknown): unknown => codeOf(() => parseShape(schema, value));
const zeros = (length: number): string => "A".repeat(length);

describe("message types", () => {
  it.each([
    "email",
    "short-message",
    "draft",
    "secret-signing-key",
    "secret-message-key",
    "secret-symmetric-key",
    "x-custom-a",
    "x-custom-0-a",
    `x-custom-${"a".repeat(55)}`,
  ])("have %s among them", (type) => {
    expect(parseMessageType(type)).toBe(type);
    expect(parseShape(messageType, type)).toBe(type);
  });

  it.each([
    "",
    "Email",
    "email ",
    " email",
    "email\n",
    "emails",
    "xemail",
    "secret",
    "secret-key",
    "x-custom-",
    "x-custom-A",
    "x-custom-a_b",
    `x-custom-${"a".repeat(56)}`,
    "__proto__",
  ])("have no %j among them", (type) => {
    expect(codeOf(() => parseMessageType(type))).toBe("bad_request");
    expect(code(messageType, type)).toBe("bad_request");
  });

  it.each([null, undefined, 1, ["email"], { toString: () => "email" }])("are texts, not %j", (type) => {
    expect(codeOf(() => parseMessageType(type))).toBe("bad_request");
  });
});

describe("parseShape", () => {
  const schema = v.object({ a: v.optional(v.number()), b: v.object({ address: normalAddress }) });

  it("drops what the schema doesn't name", () => {
    expect(parseShape(schema, { b: { address: "alice#alpha.example", x: 1 }, y: 2 })).toEqual({ b: { address: "alice#alpha.example" } });
  });

  it("refuses with the code of the place, bad_request where it has none", () => {
    expect(code(schema, { b: { address: "alice" } })).toBe("bad_address");
    expect(code(schema, { a: "1", b: { address: "alice#alpha.example" } })).toBe("bad_request");
    expect(code(schema, {})).toBe("bad_request");
    expect(code(schema, null)).toBe("bad_request");
  });

  it("names the place, and never the value", () => {
    const detail = (value: unknown): string => {
      try {
        parseShape(schema, value);
        return "";
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(detail({ b: { address: "secret" } })).toContain("b.address");
    expect(detail({ b: { address: "secret" } })).not.toContain("secret");
    expect(detail(1)).toContain("the document");
  });
});

describe("texts in schemas", () => {
  it.each<[string, v.GenericSchema, string, readonly string[], string]>([
    [
      "a normal address",
      normalAddress,
      "alice#alpha.example",
      ["Alice#alpha.example", "alice", "alice#alpha", "#", `${"a".repeat(400)}#alpha.example`],
      "bad_address",
    ],
    ["any address", anyAddress, "alice#alpha.example", ["alice", "alice#alpha", `${"a".repeat(400)}#alpha.example`], "bad_address"],
    [
      "a base URL",
      baseUrl,
      "https://smimp.alpha.example/",
      ["smimp.alpha.example", "https://alpha", "http://smimp.alpha.example/"],
      "bad_request",
    ],
    [
      "a time",
      timestamp,
      "2026-11-23T00:00:00Z",
      ["2026-11-23", "2026-02-30T00:00:00Z", "2026-11-23T00:00:00z", "2026-11-23T00:00:00ZZ"],
      "bad_request",
    ],
    [
      "a hash",
      hex32,
      "0".repeat(64),
      ["0".repeat(63), "0".repeat(65), "A".repeat(64), `${"0".repeat(63)}g`, `${"0".repeat(64)}\n`],
      "bad_request",
    ],
    ["a public key", publicKey, zeros(43), [zeros(42), zeros(44), `${zeros(42)}B`, `${zeros(42)}=`], "bad_request"],
    ["a signature", signature, zeros(86), [zeros(85), zeros(87), `${zeros(85)}B`], "bad_request"],
    ["5 bytes", b64(5), zeros(7), [zeros(6), zeros(8), `${zeros(6)}B`, `${zeros(6)}+`], "bad_request"],
  ])("%s", (_what, schema, right, wrong, expected) => {
    expect(parseShape(schema, right)).toBe(right);
    for (const value of wrong) expect([value, code(schema, value)]).toEqual([value, expected]);
    for (const value of [null, 1, [right], {}]) expect(code(schema, value)).toBe("bad_request");
  });

  it("an address as a person wrote it becomes its normal form", () => {
    expect(parseShape(anyAddress, "Alice#Alpha.Example")).toBe("alice#alpha.example");
  });

  it("up to so many bytes", () => {
    for (const value of ["", "AA", "AAA", "AAAA", zeros(7)]) expect(parseShape(b64UpTo(5), value)).toBe(value);
    for (const value of ["A", "AB", zeros(8), "AA=", " ", "é"]) expect(code(b64UpTo(5), value)).toBe("bad_request");
  });
});

describe("numbers in schemas", () => {
  it("a sequence number is from 0 to 999", () => {
    for (const value of [0, 1, 999]) expect(parseShape(sequence, value)).toBe(value);
    for (const value of [-1, 1_000, 0.5, "1", null]) expect(code(sequence, value)).toBe("bad_request");
  });

  it("a count is from 0 to 2^53-1", () => {
    for (const value of [0, Number.MAX_SAFE_INTEGER]) expect(parseShape(count, value)).toBe(value);
    for (const value of [-1, 2 ** 53, 0.5, "1", null]) expect(code(count, value)).toBe("bad_request");
  });
});

it("a statement has a text of at most so many characters, and a signature", () => {
  const schema = statement(3);
  const right = { data: "abc", signature: zeros(86) };
  expect(parseShape(schema, { ...right, more: 1 })).toEqual(right);
  expect(parseShape(schema, { ...right, data: "" })).toEqual({ ...right, data: "" });
  for (const wrong of [
    { ...right, data: "abcd" },
    { ...right, data: 1 },
    { data: "abc" },
    { signature: zeros(86) },
    { ...right, signature: zeros(85) },
  ]) {
    expect(code(schema, wrong)).toBe("bad_request");
  }
});

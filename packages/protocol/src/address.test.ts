import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { domainOf, localPartOf, parseAddress, parseDomain, parseNormalAddress } from "./address.ts";

const characters = (allowed: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...allowed.split("")), minLength: 1, maxLength });
const local = characters("abcXYZ0189", 64);
const label = characters("abXY09-", 20).filter((text) => !text.startsWith("-") && !text.endsWith("-"));
const topLabel = fc.constantFrom("example", "COM", "xn--p1ai", "x1");
const domain = fc.tuple(fc.array(label, { minLength: 1, maxLength: 5 }), topLabel).map(([labels, top]) => [...labels, top].join("."));

describe("parseAddress", () => {
  it("lowers, and is stable from then on", () => {
    fc.assert(
      fc.property(local, domain, (name, host) => {
        const address = parseAddress(`${name}#${host}`);
        expect(address).toBe(`${name}#${host}`.toLowerCase());
        expect(parseNormalAddress(address)).toBe(address);
        expect([localPartOf(address), domainOf(address)]).toEqual([name.toLowerCase(), host.toLowerCase()]);
      }),
    );
  });

  it("gives nothing but normal forms, whatever comes", () => {
    const almost = fc.string({ unit: fc.constantFrom(..."aZ0#.-@_ %\u212a\u0131\u00e4".split("")), maxLength: 12 });
    fc.assert(
      fc.property(almost, (text) => {
        const normal = /^[A-Za-z0-9]{1,64}#(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+$/.test(text) ? text.toLowerCase() : null;
        const code = codeOf(() => parseAddress(text));
        expect(code === null ? parseAddress(text) : code).toBeOneOf([normal, "bad_address"]);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    "alice",
    "#example.com",
    "alice#",
    "alice#localhost",
    "alice#example..com",
    "alice#-a.example",
    "alice#a-.example",
    "alice#127.0.0.1",
    "alice#a.0x1f",
    "alice#a.0x",
    "alice#example.com.",
    "alice#example.com:443",
    "al.ice#example.com",
    "alice##example.com",
    "alice@example.com",
    "alice%23example.com",
    " alice#example.com",
    "\u212aate#example.com",
    "alice#\u212aate.example",
    "alice#example.co\u212a",
    "alice#example.com ",
    `${"a".repeat(65)}#example.com`,
    `alice#${"a".repeat(64)}.example`,
    `alice#${"a.".repeat(124)}example`,
    "a".repeat(100_000),
    null,
    ["alice#example.com"],
  ])("refuses %j", (text) => {
    expect(codeOf(() => parseAddress(text))).toBe("bad_address");
  });

  it("takes the longest", () => {
    const longest = `${"a".repeat(64)}#${"a.".repeat(123)}example`;
    expect(longest).toHaveLength(64 + 1 + 253);
    expect(parseAddress(longest)).toBe(longest);
    expect(parseDomain(`${"a".repeat(63)}.example`)).toHaveLength(71);
  });
});

describe("parseDomain", () => {
  it("takes a last label that only begins like a number", () => {
    for (const domain of ["example.1a", "example.0x1g", "example.a0x", "example.x0"]) expect(parseDomain(domain)).toBe(domain);
    for (const domain of ["example.1", "example.0x", "example.0X1F", "1.2.3.4", "a..b", "a", "", "a.b.", ".a.b"]) {
      expect(codeOf(() => parseDomain(domain))).toBe("bad_address");
    }
  });

  it("takes nothing but texts", () => {
    for (const value of [null, undefined, 1, ["example.com"], { length: 3 }]) expect(codeOf(() => parseDomain(value))).toBe("bad_address");
  });
});

describe("parseNormalAddress", () => {
  it.each(["Alice#example.com", "alice#Example.com", "alice", undefined])("refuses %j", (text) => {
    expect(codeOf(() => parseNormalAddress(text))).toBe("bad_address");
  });
});

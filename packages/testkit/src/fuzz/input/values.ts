import { concat, utf8 } from "@smimp/protocol";
import { raw, type Tree } from "./tree.ts";

// Values that stand where others are due: of every type, just outside of what can be, and such that careless code stumbles over.

/** A value with a name for reports. */
export interface NamedValue {
  readonly name: string;
  readonly tree: Tree;
}

const value = (name: string, text: string | Uint8Array): NamedValue => ({ name, tree: raw(text) });
const text = (name: string, content: string): NamedValue => ({ name, tree: { kind: "text", value: content } });

/** Depth at which careless parsers run out of stack. */
const DEEP = 100_000;

/** One of each type; whichever is due, the others are wrong. */
export const TYPES: readonly NamedValue[] = [
  value("null", "null"),
  value("true", "true"),
  value("zero", "0"),
  value("a number", "7"),
  value("an empty array", "[]"),
  value("an array of one text", '["x"]'),
  value("an empty object", "{}"),
  value("an object", '{"length":64,"0":"a"}'),
  text("an empty text", ""),
  text("a text", "x"),
];

/** Values that no JSON of SMIMP holds (protocol section 1): refused wherever they stand. */
export const NEVER: readonly NamedValue[] = [
  value("1e400", "1e400"),
  value("-1e400", "-1e400"),
  value("1e3", "1e3"),
  value("a fraction", "0.5"),
  value("1.0", "1.0"),
  value("minus zero", "-0"),
  value("a leading zero", "007"),
  value("a plus", "+1"),
  value("2^53", "9007199254740992"),
  value("-2^53", "-9007199254740992"),
  value("400 digits", "9".repeat(400)),
  value("NaN", "NaN"),
  value("Infinity", "Infinity"),
  value("undefined", "undefined"),
  value("a hexadecimal number", "0x10"),
  value("True", "True"),
  value("single quotes", "'x'"),
  value("a lone high surrogate", '"\\ud800"'),
  value("a lone low surrogate", '"\\udc00x"'),
  value("surrogates in the wrong order", '"\\udc00\\ud800"'),
  value("a noncharacter", '"\\uffff"'),
  value("a noncharacter of another plane", '"\\ud83f\\udfff"'),
  value("a raw tab in a text", '"a\tb"'),
  value("a raw zero byte in a text", '"a\u0000b"'),
  value("a wrong escape", '"\\x41"'),
  value("a cut escape", '"\\u12"'),
  value("a text without end", '"abc'),
  value("overlong UTF-8", concat(utf8('"'), Uint8Array.of(0xc0, 0xaf), utf8('"'))),
  value("a surrogate as UTF-8", concat(utf8('"'), Uint8Array.of(0xed, 0xa0, 0x80), utf8('"'))),
  value("a cut UTF-8 character", concat(utf8('"'), Uint8Array.of(0xe2, 0x84), utf8('"'))),
  value("a byte that UTF-8 never has", concat(utf8('"'), Uint8Array.of(0xff), utf8('"'))),
  value("arrays 65 deep", "[".repeat(65) + "]".repeat(65)),
  value(`arrays ${DEEP} deep`, "[".repeat(DEEP) + "]".repeat(DEEP)),
  value(`objects ${DEEP} deep`, '{"a":'.repeat(DEEP) + "1" + "}".repeat(DEEP)),
  value(`${DEEP} open brackets`, "[".repeat(DEEP)),
  value("a name that stands twice", '{"a":1,"a":1}'),
  value("a name that stands twice, once as an escape", '{"a":1,"\\u0061":1}'),
  value("__proto__ twice", '{"__proto__":1,"__proto__":{}}'),
  value("a comma at the end", "[1,]"),
  value("a missing value", '{"a":}'),
  value("a name without quotes", "{a:1}"),
  value("a comment", "/**/1"),
  value("nothing", ""),
];

/** Values that are JSON and fit nowhere, or only where anything does. */
export const ODD: readonly NamedValue[] = [
  value("__proto__", '{"__proto__":{"admin":true}}'),
  value("constructor", '{"constructor":{"prototype":{"admin":true}}}'),
  value("toString and valueOf", '{"toString":null,"valueOf":null,"toJSON":"x","then":"x"}'),
  value("arrays 50 deep", "[".repeat(50) + "]".repeat(50)),
  value("9,000 numbers", `[${"1,".repeat(8_999)}1]`),
  value("-1", "-1"),
  value("2^53-1", "9007199254740991"),
  value("-(2^53-1)", "-9007199254740991"),
  value("2^31", "2147483648"),
  value("999", "999"),
  text("a space", " "),
  text("a zero byte", "\u0000"),
  text("a line feed", "a\nb"),
  text("a right-to-left override", "a\u202eb"),
  text("10,000 letters", "A".repeat(10_000)),
  text("60,000 letters of four bytes", "\u{1d54f}".repeat(15_000)),
  text("SQL", "'; DROP TABLE accounts; --"),
  text("markup", "<script>alert(1)</script>"),
  text("a path", "../../../../etc/passwd"),
  text("a URL of the machine itself", "https://127.0.0.1/"),
  text("zeros in hex", "0".repeat(64)),
  text("zeros in b64", "A".repeat(43)),
  text("a signature of zeros", "A".repeat(86)),
  text("b64 with padding", `${"A".repeat(43)}=`),
  text("b64 with bits to spare", `${"A".repeat(42)}B`),
  text("upper-case hex", "AB".repeat(32)),
  text("a time that never was", "2026-02-30T00:00:00Z"),
  text("a leap second", "2026-12-31T23:59:60Z"),
  text("a time with a zone", "2026-01-01T00:00:00+00:00"),
  text("the year 0", "0000-01-01T00:00:00Z"),
  text("the year 9999", "9999-12-31T23:59:59Z"),
  text("another's address", "carol#alpha.example"),
  text("an unknown address", "nobody#alpha.example"),
  text("a Kelvin sign", "\u212ain#alpha.example"),
  text("true as a text", "true"),
];

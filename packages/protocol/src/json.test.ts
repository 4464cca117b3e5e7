import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { MAX_JSON_DEPTH, parseJson, parseJsonBytes } from "./json.ts";

/** Documents of I-JSON with integers, as JSON.stringify writes them. */
const document = fc.jsonValue({ noUnicodeString: false }).filter((value) => codeOf(() => parseJson(JSON.stringify(value))) === null);

/** Texts that are nearly JSON. */
const almostJson = fc
  .array(
    fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      '"a"',
      '"\\u0061"',
      "\\",
      "0",
      "1",
      "-",
      ".5",
      "e1",
      "true",
      "fals",
      "null",
      " ",
      "\n",
      "\f",
    ),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(""));

describe("parseJson", () => {
  it("takes no more values than it may, containers and members counted", () => {
    expect(parseJson('{"a":[1,2]}', 4)).toEqual({ a: [1, 2] });
    for (const text of ['{"a":[1,2]}', "[1,2,3]", "[[[]]]]", `[${"1,".repeat(1_000)}1]`]) {
      expect(codeOf(() => parseJson(text, 3))).toBe("bad_request");
    }
  });

  it.each([
    ["1 2", "text after the value (character 2)"],
    ["", "not a value (character 0)"],
    ["{1:2}", "a name must be a string (character 1)"],
    ['{"a":1,"a":2}', "a name stands twice (character 10)"],
    ['{"a" 1}', "a colon is missing (character 5)"],
    ['{"a":1', "an object does not end (character 6)"],
    ["[1", "an array does not end (character 2)"],
    ['"a', "a string does not end (character 2)"],
    ['"a\n"', "a control character in a string (character 2)"],
    ['"\\x"', "a wrong escape (character 4)"],
    ['"\\ud800"', "a lone surrogate (character 8)"],
    ['"\\uffff"', "a noncharacter (character 8)"],
    ["-0", "not an integer from -(2^53-1) to 2^53-1 (character 2)"],
    ["truth", "not a value (character 0)"],
    ["[".repeat(65), "nested too deep (character 65)"],
  ])("says what is wrong with %j, and where", (text, reason) => {
    expect(() => parseJson(text)).toThrow(`JSON: ${reason}`);
  });

  it("says that there are too many values", () => {
    expect(() => parseJson("[1,2]", 2)).toThrow("JSON: too many values (character 3)");
  });

  it("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(document, (value) => {
        expect(JSON.stringify(parseJson(JSON.stringify(value)))).toBe(JSON.stringify(value));
      }),
    );
  });

  it("takes nothing that JSON.parse refuses, and means the same by it", () => {
    fc.assert(
      fc.property(almostJson, (text) => {
        fc.pre(codeOf(() => parseJson(text)) === null);
        expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
      { numRuns: 500, maxSkipsPerRun: 1_000 },
    );
  });

  it("throws its own error only, whatever comes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(codeOf(() => parseJson(text))).toSatisfy(isRefusalOrNull);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(codeOf(() => parseJsonBytes(bytes))).toSatisfy(isRefusalOrNull);
      }),
    );
  });

  it.each([
    ["", "nothing"],
    ["\ufeff{}", "a byte-order mark"],
    ["{} x", "text after the value"],
    ['{"a":1,"a":1}', "a name that stands twice"],
    ['{"a":1,"\\u0061":2}', "a name that stands twice in another spelling"],
    ['[{"a":{"b":1,"b":2}}]', "a name that stands twice deep down"],
    ['{"a":1,"__proto__":2,"__proto__":3}', "a name that objects have, twice"],
    ["{a:1}", "a name without quotes"],
    ['{"a" 1}', "a missing colon"],
    ['{"a":1', "an object without end"],
    ['{"a":1,}', "a comma too many"],
    ["[1", "an array without end"],
    ["[1,]", "a comma too many in an array"],
    ['"a', "a string without end"],
    ['"\\', "an escape without end"],
    ['"\\x"', "a wrong escape"],
    ['"\\u12"', "half an escape"],
    ['"\t"', "a control character"],
    ['"\\ud800"', "a lone surrogate, escaped"],
    ['"\ud800"', "a lone surrogate"],
    ['"\uffff"', "a noncharacter"],
    ['"\\ufdd0"', "a noncharacter, escaped"],
    ['{"\u{1fffe}":1}', "a noncharacter in a name"],
    ["1.0", "a fraction"],
    ["1e2", "an exponent"],
    ["01", "a leading zero"],
    ["-0", "minus zero"],
    ["-", "a sign alone"],
    ["9007199254740992", "an integer above 2^53-1"],
    ["-9007199254740992", "an integer below -(2^53-1)"],
    ["tru", "half a word"],
    ["nulll", "more than a word"],
    ["NaN", "no number"],
    ["{}\u00a0", "white space that JSON does not know"],
  ])("refuses %j: %s", (text) => {
    expect(codeOf(() => parseJson(text))).toBe("bad_request");
  });

  it("takes white space, escapes, and integers to the ends of their range", () => {
    expect(parseJson(' {"a" : [ ] , "b":{ } ,\n"c":\t[1 , -2,\r9007199254740991, -9007199254740991, 0] } ')).toEqual({
      a: [],
      b: {},
      c: [1, -2, 9_007_199_254_740_991, -9_007_199_254_740_991, 0],
    });
    expect(parseJson('["\\"\\\\\\/\\n\\u00e4\\ud83d\\udd11",true,false,null]')).toEqual(['"\\/\nä\u{1f511}', true, false, null]);
  });

  it("gives objects without a prototype", () => {
    const object = parseJson('{"__proto__":{"x":1},"constructor":2}') as Record<string, unknown>;
    expect(Object.getPrototypeOf(object)).toBeNull();
    expect(object["x"]).toBeUndefined();
    expect(Object.keys(object)).toEqual(["__proto__", "constructor"]);
  });

  it("goes 64 levels deep", () => {
    const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
    expect(codeOf(() => parseJson(nested(MAX_JSON_DEPTH)))).toBeNull();
    expect(codeOf(() => parseJson(nested(MAX_JSON_DEPTH + 1)))).toBe("bad_request");
    expect(codeOf(() => parseJson('{"a":'.repeat(MAX_JSON_DEPTH + 1) + "1" + "}".repeat(MAX_JSON_DEPTH + 1)))).toBe("bad_request");
    expect(codeOf(() => parseJson("[".repeat(1_000_000)))).toBe("bad_request");
  });
});

function isRefusalOrNull(code: unknown): boolean {
  return code === null || code === "bad_request";
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { fromBase32, groupBase32, toBase32, ungroupBase32 } from "./base32.ts";
import { utf8 } from "./bytes.ts";
import { isSmimpError } from "./problem.ts";

describe("base32", () => {
  it("reads back what it writes, grouped and typed too", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        const text = toBase32(bytes);
        expect(fromBase32(text, bytes.length)).toEqual(bytes);
        expect(
          groupBase32(text)
            .split(" ")
            .slice(0, -1)
            .every((group) => group.length === 4),
        ).toBe(true);
        expect(ungroupBase32(groupBase32(text).toLowerCase().replaceAll(" ", "-"))).toBe(text);
      }),
    );
  });

  it("has one text for any bytes", () => {
    const letter = fc.constantFrom(...Array.from({ length: 32 }, (_, value) => toBase32(Uint8Array.of(value << 3)).charAt(0)));
    fc.assert(
      fc.property(fc.string({ unit: letter, maxLength: 12 }), (text) => {
        expect([text, null]).toContain(rewritten(text));
      }),
    );
  });

  it("writes what RFC 4648 writes, without padding", () => {
    const texts = ["", "MY", "MZXQ", "MZXW6", "MZXW6YQ", "MZXW6YTB", "MZXW6YTBOI"];
    for (const [length, text] of texts.entries()) {
      expect(toBase32(utf8("foobar".slice(0, length)))).toBe(text);
      expect(fromBase32(text, length)).toEqual(utf8("foobar".slice(0, length)));
      expect(codeOf(() => fromBase32(text, length + 1))).toBe("bad_request");
    }
    expect(() => toBase32("foobar" as never)).toThrow(TypeError);
  });

  it.each([null, undefined, 1, ["AA"], "AA\n", " AA"])("is text, not %j", (text) => {
    expect(codeOf(() => fromBase32(text as never))).toBe("bad_request");
  });

  it.each(["mzxw6ytb", "MY======", "MZXW 6YTB", "MZXW6YT1", "MZ", "M"])("refuses %j", (text) => {
    expect(codeOf(() => fromBase32(text))).toBe("bad_request");
  });
});

/** The text that the bytes of a text have, or null where it has none. */
function rewritten(text: string): string | null {
  try {
    return toBase32(fromBase32(text));
  } catch (error) {
    if (isSmimpError(error, "bad_request")) return null;
    throw error;
  }
}

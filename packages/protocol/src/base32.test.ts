import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { fromBase32, groupBase32, toBase32, ungroupBase32 } from "./base32.ts";

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
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), maxLength: 12 }), (text) => {
        let bytes: Uint8Array | null = null;
        const code = codeOf(() => (bytes = fromBase32(text)));
        if (bytes === null) expect(code).toBe("bad_request");
        else expect(toBase32(bytes)).toBe(text);
      }),
    );
  });

  it.each(["mzxw6ytb", "MY======", "MZXW 6YTB", "MZXW6YT1", "MZ", "M"])("refuses %j", (text) => {
    expect(codeOf(() => fromBase32(text))).toBe("bad_request");
  });
});

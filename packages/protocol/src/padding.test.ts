import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { isPaddedLength, MIN_PADDED_BYTES, pad, paddedLength, shortestContent, unpad } from "./padding.ts";

describe("paddedLength", () => {
  it("is the formula of the protocol, in big integers", () => {
    const length = fc.oneof(fc.nat(100_000), fc.maxSafeNat());
    fc.assert(
      fc.property(length, (bytes) => {
        expect(BigInt(paddedLength(bytes))).toBe(padme(BigInt(bytes) + 1n));
      }),
    );
  });

  it.each([0, 255, 256, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 2 ** 40])("is that of %d, too", (bytes) => {
    expect(BigInt(paddedLength(bytes))).toBe(padme(BigInt(bytes) + 1n));
  });

  it("never adds more than an eighth beyond the shortest", () => {
    const length = fc.integer({ min: MIN_PADDED_BYTES, max: 2 ** 45 });
    fc.assert(
      fc.property(length, (bytes) => {
        expect(paddedLength(bytes) - bytes).toBeLessThanOrEqual(bytes / 8);
      }),
    );
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 53])("takes no length of %d", (length) => {
    expect(() => paddedLength(length)).toThrow(TypeError);
  });
});

describe("isPaddedLength", () => {
  it.each([256, 272, 288, 512, 65_536])("%d is one", (length) => expect(isPaddedLength(length)).toBe(true));
  it.each([0, 1, 255, 257, 271, 273, 65_537])("%d is none", (length) => {
    expect(isPaddedLength(length)).toBe(false);
    expect(() => shortestContent(length)).toThrow(TypeError);
  });
});

describe("shortestContent", () => {
  it("is where the lengths that pad to the same begin", () => {
    const length = fc.oneof(fc.nat(100_000), fc.nat(2 ** 40));
    fc.assert(
      fc.property(length, (bytes) => {
        const padded = paddedLength(bytes);
        const shortest = shortestContent(padded);
        expect(isPaddedLength(padded)).toBe(true);
        expect(shortest).toBeLessThanOrEqual(bytes);
        expect(paddedLength(shortest)).toBe(padded);
        expect(shortest === 0 ? 0 : paddedLength(shortest - 1)).toBeLessThan(padded);
      }),
    );
  });
});

describe("pad and unpad", () => {
  it("give back any content, whatever it ends in", () => {
    const content = fc
      .tuple(fc.uint8Array({ maxLength: 700 }), fc.uint8Array({ maxLength: 3 }), fc.nat(600))
      .map(([start, end, zeros]) => Uint8Array.of(...start, ...end, 0x80, ...new Uint8Array(zeros)));
    fc.assert(
      fc.property(content, (bytes) => {
        expect(unpad(pad(bytes))).toEqual(bytes);
      }),
    );
  });

  it("take bytes only", () => {
    const none = "x".repeat(256) as unknown as Uint8Array;
    expect(() => pad(none)).toThrow(TypeError);
    expect(() => unpad(none)).toThrow(TypeError);
  });

  it("find nothing in what is empty, or zeros alone", () => {
    for (const length of [0, 1, 256]) expect(codeOf(() => unpad(new Uint8Array(length)))).toBe("decryption_failed");
  });

  it("refuse any byte changed behind the content", () => {
    const padded = pad(new Uint8Array(10).fill(1));
    for (let at = 10; at < padded.length; at++) {
      const changed = Uint8Array.from(padded);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(codeOf(() => unpad(changed))).toBe("decryption_failed");
    }
  });
});

function padme(length: bigint): bigint {
  if (length <= 256n) return 256n;
  const exponent = BigInt(length.toString(2).length - 1);
  const mask = (1n << (exponent - BigInt(exponent.toString(2).length))) - 1n;
  return (length + mask) & ~mask;
}

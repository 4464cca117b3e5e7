import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { concat } from "./bytes.ts";
import { pad, unpad } from "./padding.ts";
import { Collector, Unpadder } from "./pieces.ts";

/** Takes the padding off in pieces of these sizes, over and over. */
function unpadded(padded: Uint8Array, sizes: readonly number[]): Uint8Array {
  const unpadder = new Unpadder(padded.length);
  const content: Uint8Array[] = [];
  for (let at = 0, next = 0; at < padded.length; next++) {
    const size = sizes[next % sizes.length] ?? padded.length;
    for (const piece of unpadder.push(padded.subarray(at, at + size))) {
      expect(piece.length).toBeGreaterThan(0);
      content.push(piece.slice());
    }
    at += size;
  }
  expect(unpadder.contentLength()).toBe(content.reduce((sum, { length }) => sum + length, 0));
  return concat(...content);
}

describe("Unpadder", () => {
  // Contents full of what could be padding: markers, and zeros behind them.
  const byte = fc.constantFrom(0, 0, 0, 0x80, 0x80, 1);
  const content = fc.oneof(
    fc.array(byte, { maxLength: 700 }),
    fc.array(fc.constant(0), { maxLength: 400 }),
    fc.array(fc.constant(0x80), { maxLength: 400 }),
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 });

  it("gives back the content, however its pieces are cut", () => {
    fc.assert(
      fc.property(content, sizes, (bytes, cut) => {
        expect(unpadded(pad(Uint8Array.from(bytes)), cut)).toEqual(Uint8Array.from(bytes));
      }),
    );
  });

  it("gives back what it held, once something that is no zero follows", () => {
    const bytes = concat(new Uint8Array(5_000), 0x80, new Uint8Array(150_000), 1);
    const padded = pad(bytes);
    for (const size of [1_000, 65_536, 70_001, padded.length]) expect(unpadded(padded, [size])).toEqual(bytes);
  });

  it("refuses what unpad refuses, at the last piece", () => {
    fc.assert(
      fc.property(content, sizes, fc.nat(), fc.constantFrom(0, 1, 0x80), (bytes, cut, at, value) => {
        const padded = pad(Uint8Array.from(bytes));
        padded[at % padded.length] = value;
        const expected = codeOf(() => unpad(padded));
        expect(codeOf(() => unpadded(padded, cut))).toBe(expected);
        if (expected === null) expect(unpadded(padded, cut)).toEqual(Uint8Array.from(unpad(padded)));
      }),
    );
  });

  it("knows no length before the end", () => {
    const unpadder = new Unpadder(256);
    expect(codeOf(() => unpadder.contentLength())).toBe("decryption_failed");
    unpadder.push(new Uint8Array(255));
    expect(codeOf(() => unpadder.push(Uint8Array.of(0)))).toBe("decryption_failed");
  });

  it("takes no length that nothing is padded to", () => {
    for (const length of [0, 255, 257, 1_000]) expect(() => new Unpadder(length)).toThrow(TypeError);
  });
});

describe("Collector", () => {
  it("gives what comes whole as it is, and what comes in pieces as one", () => {
    const collector = new Collector();
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const { taken, whole } = collector.take(bytes, 4);
    expect([taken, whole]).toEqual([4, Uint8Array.of(1, 2, 3, 4)]);
    expect(whole?.buffer).toBe(bytes.buffer);
    expect(collector.take(bytes.subarray(4), 4)).toEqual({ taken: 2, whole: null });
    expect(collector.take(new Uint8Array(), 4)).toEqual({ taken: 0, whole: null });
    expect(collector.take(Uint8Array.of(7, 8, 9), 4)).toEqual({ taken: 2, whole: Uint8Array.of(5, 6, 7, 8) });
    expect(collector.take(Uint8Array.of(9), 2)).toEqual({ taken: 1, whole: null });
    expect(collector.take(Uint8Array.of(10), 2)).toEqual({ taken: 1, whole: Uint8Array.of(9, 10) });
  });

  it("keeps what it was given, whatever becomes of the buffer", () => {
    const collector = new Collector();
    const buffer = Uint8Array.of(1, 2);
    collector.take(buffer, 3);
    buffer.fill(0);
    expect(collector.take(Uint8Array.of(3), 3).whole).toEqual(Uint8Array.of(1, 2, 3));
  });
});

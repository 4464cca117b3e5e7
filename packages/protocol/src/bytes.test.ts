import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf, errorOf } from "../test/refusal.ts";
import {
  assertBytes,
  b64Length,
  concat,
  equalBytes,
  fromB64,
  fromHex,
  fromUtf8,
  hash,
  hashStream,
  keyedHash,
  parseHex32,
  randomBytes,
  toB64,
  toHex,
  toHex32,
  uint64be,
  utf8,
  wipe,
} from "./bytes.ts";

const bytes = fc.uint8Array({ maxLength: 200 });

describe("b64", () => {
  it("gives back what it was given, as Node's own base64url does", () => {
    fc.assert(
      fc.property(bytes, (given) => {
        const text = toB64(given);
        expect(text).toBe(Buffer.from(given).toString("base64url"));
        expect(text).toHaveLength(b64Length(given.length));
        expect(fromB64(text, given.length)).toEqual(given);
        expect(codeOf(() => fromB64(text, given.length + 1))).toBe("bad_request");
      }),
    );
  });

  it("has one text for the same bytes only: whatever it takes, it would write", () => {
    const almost = fc.string({ unit: fc.constantFrom(..."AQgw-_ =+/\n".split("")), maxLength: 12 });
    fc.assert(
      fc.property(almost, (text) => {
        fc.pre(codeOf(() => fromB64(text)) === null);
        expect(toB64(fromB64(text))).toBe(text);
      }),
      { numRuns: 500, maxSkipsPerRun: 1_000 },
    );
  });

  it.each(["A", "AAAAA", "AB", "AAB", "AA==", "AA ", "A+", "A/", "ä", null, 1])("refuses %j", (text) => {
    expect(codeOf(() => fromB64(text as string))).toBe("bad_request");
  });
});

describe("hex", () => {
  it("gives back what it was given", () => {
    fc.assert(
      fc.property(bytes, (given) => {
        expect(fromHex(toHex(given), given.length)).toEqual(given);
        expect(codeOf(() => fromHex(toHex(given), given.length + 1))).toBe("bad_request");
      }),
    );
  });

  it.each(["0", "AA", "0g", " 00", "00\n", null, ["00"]])("refuses %j", (text) => {
    expect(codeOf(() => fromHex(text as string))).toBe("bad_request");
  });

  it.each(["00", "A".repeat(64), "0".repeat(63), "0".repeat(65), undefined])("is not of 32 bytes: %j", (text) => {
    expect(codeOf(() => parseHex32(text))).toBe("bad_request");
  });

  it("of 32 bytes is parsed and made", () => {
    expect(parseHex32("0a".repeat(32))).toBe(toHex32(new Uint8Array(32).fill(10)));
    expect(() => toHex32(new Uint8Array(31))).toThrow(TypeError);
  });
});

describe("UTF-8", () => {
  it("gives back any text, byte-order mark included", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(fromUtf8(utf8(`\ufeff${text}`))).toBe(`\ufeff${text}`);
      }),
    );
  });

  it("has no bytes for half a character, and no text for broken bytes", () => {
    expect(() => utf8("\ud800")).toThrow(TypeError);
    expect(() => utf8(1 as never)).toThrow(TypeError);
    for (const broken of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
      expect(codeOf(() => fromUtf8(Uint8Array.from(broken)))).toBe("bad_request");
    }
  });
});

describe("hashing", () => {
  it("is the same in pieces", () => {
    fc.assert(
      fc.property(fc.array(bytes), (pieces) => {
        const stream = hashStream();
        for (const piece of pieces) stream.update(piece);
        expect(stream.digest()).toEqual(hash(concat(...pieces)));
      }),
    );
  });

  it("takes nothing more once it has ended", () => {
    const stream = hashStream();
    stream.digest();
    expect(() => stream.update(new Uint8Array())).toThrow("the hash has ended");
    expect(() => stream.digest()).toThrow("the hash has ended");
  });

  it("ends once", () => {
    const stream = hashStream();
    stream.digest();
    stream.close();
    expect(() => stream.update(new Uint8Array(1))).toThrow(TypeError);
    expect(() => stream.digest()).toThrow(TypeError);
    const unfinished = hashStream();
    unfinished.update(new Uint8Array(200));
    unfinished.close();
    unfinished.close();
    expect(() => unfinished.digest()).toThrow(TypeError);
  });

  it("depends on the key, which has 32 bytes", () => {
    const key = new Uint8Array(32);
    expect(keyedHash(key, key)).not.toEqual(hash(key));
    expect(() => keyedHash(new Uint8Array(16), key)).toThrow(TypeError);
  });
});

describe("the small helpers", () => {
  it("join bytes and numbers", () => {
    expect(concat(Uint8Array.of(1, 2), 0, Uint8Array.of(), 255)).toEqual(Uint8Array.of(1, 2, 0, 255));
  });

  it("compare", () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(equalBytes(a, b)).toBe(toHex(a) === toHex(b));
      }),
    );
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
  });

  it("assert", () => {
    expect(() => assertBytes("text", "x")).toThrow(TypeError);
    expect(() => assertBytes(new Uint8Array(2), "x", 3)).toThrow(TypeError);
    expect(() => assertBytes(new Uint8Array(2), "x", 2)).not.toThrow();
    expect(() => assertBytes(Buffer.alloc(2), "x")).not.toThrow();
  });

  it("wipe", () => {
    const [a, b] = [Uint8Array.of(1, 2), Uint8Array.of(3)];
    wipe(a, b);
    expect([...a, ...b]).toEqual([0, 0, 0]);
  });

  it("write 8 bytes, big-endian", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(Buffer.from(uint64be(value)).readBigUInt64BE()).toBe(BigInt(value));
      }),
    );
    for (const wrong of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => uint64be(wrong)).toThrow(TypeError);
  });

  it("take zero for a number, and nothing below", () => {
    expect(toHex(uint64be(0))).toBe("0000000000000000");
    expect(() => uint64be(-1)).toThrow(TypeError);
  });

  it("say what is wrong, and keep why", () => {
    expect(() => utf8(5 as never)).toThrow("text must be a well-formed string");
    expect(errorOf(() => fromUtf8(Uint8Array.of(0xff))).cause).toBeInstanceOf(TypeError);
    expect(errorOf(() => fromB64("AB")).cause).toBeInstanceOf(Error);
    expect(() => fromHex("0")).toThrow("not lower-case hex");
    expect(() => fromHex("00", 2)).toThrow("not lower-case hex of 2 bytes");
    expect(fromHex("00", 1)).toEqual(Uint8Array.of(0));
    expect(errorOf(() => fromHex("zz")).message).toBe("not lower-case hex");
  });

  it("draw random bytes", () => {
    expect(randomBytes(32)).toHaveLength(32);
    expect(randomBytes(32)).not.toEqual(randomBytes(32));
  });
});

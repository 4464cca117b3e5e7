import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { BOX_KEY_BYTES, BOX_OVERHEAD, LINK_SECRET_BYTES, openBox, openWithKey, sealBox, SEALED_TO_KEY_OVERHEAD, sealToKey } from "./box.ts";
import { randomBytes, utf8 } from "./bytes.ts";
import { xWingPublicKey } from "./x-wing.ts";

const key = randomBytes(32);
const ad = utf8("where it was written");
const bytes = fc.uint8Array({ maxLength: 300 });

/** The same with one bit turned. */
function flipped(sealed: Uint8Array, bit: number): Uint8Array {
  const changed = Uint8Array.from(sealed);
  const at = Math.floor(bit / 8) % changed.length;
  changed[at] = (changed[at] ?? 0) ^ (1 << (bit % 8));
  return changed;
}

describe("boxes", () => {
  it("open where they were written, and nowhere else", () => {
    fc.assert(
      fc.property(bytes, bytes, fc.nat(), (where, text, bit) => {
        const box = sealBox(key, where, text, randomBytes);
        expect(openBox(key, where, box)).toEqual(text);
        expect(codeOf(() => openBox(key, where, flipped(box, bit)))).toBe("decryption_failed");
        expect(codeOf(() => openBox(key, Uint8Array.of(...where, 0), box))).toBe("decryption_failed");
      }),
    );
  });

  it("are longer than their text by nonce and tag", () => {
    expect([BOX_KEY_BYTES, BOX_OVERHEAD, SEALED_TO_KEY_OVERHEAD, LINK_SECRET_BYTES]).toEqual([32, 40, 1_160, 16]);
    for (const length of [0, 39]) expect(codeOf(() => openBox(key, ad, new Uint8Array(length)))).toBe("decryption_failed");
    expect(sealBox(key, ad, ad, randomBytes)).toHaveLength(40 + ad.length);
  });

  it("take bytes only, and a key of 32", () => {
    const none = "text" as unknown as Uint8Array;
    const box = sealBox(key, ad, ad, randomBytes);
    for (const wrong of [none, new Uint8Array(31), new Uint8Array(33)]) {
      expect(() => sealBox(wrong, ad, ad, randomBytes)).toThrow(TypeError);
      expect(() => openBox(wrong, ad, box)).toThrow(TypeError);
    }
    expect(() => sealBox(key, none, ad, randomBytes)).toThrow(TypeError);
    expect(() => sealBox(key, ad, none, randomBytes)).toThrow(TypeError);
    expect(() => openBox(key, none, box)).toThrow(TypeError);
    expect(() => openBox(key, ad, none)).toThrow(TypeError);
  });

  it("take a nonce of 24 bytes only", () => {
    expect(() => sealBox(key, ad, ad, () => new Uint8Array(12))).toThrow(TypeError);
  });
});

describe("what is sealed to an X-Wing key", () => {
  const seed = randomBytes(32);
  const publicKey = xWingPublicKey(seed);
  const linkSecret = randomBytes(16);

  it("opens with its secret, and with a link code's where there is one", () => {
    fc.assert(
      fc.property(bytes, fc.nat(), fc.boolean(), (text, bit, linked) => {
        const secret = linked ? { linkSecret } : {};
        const sealed = sealToKey({ publicKey, ad, text, random: randomBytes, ...secret });
        expect(openWithKey({ seed, ad, sealed, ...secret })).toEqual(text);
        expect(codeOf(() => openWithKey({ seed, ad, sealed: flipped(sealed, bit), ...secret }))).toBe("decryption_failed");
        expect(codeOf(() => openWithKey({ seed, ad, sealed, ...(linked ? {} : { linkSecret }) }))).toBe("decryption_failed");
      }),
      { numRuns: 40 },
    );
  });

  it("is no shorter than an encapsulation and an empty box, and bytes", () => {
    for (const length of [0, 1_159])
      expect(codeOf(() => openWithKey({ seed, ad, sealed: new Uint8Array(length) }))).toBe("decryption_failed");
    expect(() => openWithKey({ seed, ad, sealed: "text" as unknown as Uint8Array })).toThrow(TypeError);
    expect(() => openWithKey({ seed, ad, sealed: new Uint8Array(1_159) })).toThrow("too short for what is sealed to a key");
  });

  it("leaves neither the random bytes nor what came of them in memory", () => {
    const drawn: Uint8Array[] = [];
    const random = (length: number): Uint8Array => {
      const bytes = randomBytes(length);
      drawn.push(bytes);
      return bytes;
    };
    sealToKey({ publicKey, ad, text: ad, random });
    expect(drawn.map(({ length }) => length)).toEqual([64, 24]);
    expect(drawn[0]).toEqual(new Uint8Array(64));

    const sealed = sealToKey({ publicKey, ad, text: ad, random: randomBytes });
    const wiped = vi.spyOn(Uint8Array.prototype, "fill");
    openWithKey({ seed, ad, sealed });
    const keys = wiped.mock.contexts.filter((context, call) => wiped.mock.calls[call]?.[0] === 0 && (context as Uint8Array).length === 32);
    wiped.mockRestore();
    // What the two sides share, and the box's key.
    expect(keys.length).toBeGreaterThanOrEqual(2);
  });

  it("takes no key that is none, and no link secret of another length, not even of none", () => {
    const rest = { ad, text: ad, random: randomBytes };
    expect(codeOf(() => sealToKey({ publicKey: new Uint8Array(1_215), ...rest }))).toBe("bad_request");
    expect(codeOf(() => sealToKey({ publicKey: publicKey.map(() => 0xff), ...rest }))).toBe("bad_request");
    expect(() => sealToKey({ publicKey, ...rest, linkSecret: new Uint8Array(15) })).toThrow(TypeError);
    expect(() => sealToKey({ publicKey, ...rest, linkSecret: new Uint8Array(0) })).toThrow(TypeError);
  });
});

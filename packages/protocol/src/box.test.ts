import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { openBox, openWithKey, sealBox, sealToKey } from "./box.ts";
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

  it("takes no key that is none, and no link secret of another length, not even of none", () => {
    const rest = { ad, text: ad, random: randomBytes };
    expect(codeOf(() => sealToKey({ publicKey: new Uint8Array(1_215), ...rest }))).toBe("bad_request");
    expect(codeOf(() => sealToKey({ publicKey: publicKey.map(() => 0xff), ...rest }))).toBe("bad_request");
    expect(() => sealToKey({ publicKey, ...rest, linkSecret: new Uint8Array(15) })).toThrow(TypeError);
    expect(() => sealToKey({ publicKey, ...rest, linkSecret: new Uint8Array(0) })).toThrow(TypeError);
  });
});

import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { randomBytes, toHex } from "./bytes.ts";
import { decapsulate, encapsulate, ENCAPSULATION_BYTES, X_WING_PUBLIC_KEY_BYTES, xWingPublicKey } from "./x-wing.ts";

const seed = randomBytes(32);
const publicKey = xWingPublicKey(seed);
const coins = randomBytes(64);

describe("X-Wing", () => {
  it("gives both sides the same secret, and another one for other coins or another seed", () => {
    const { encapsulation, shared } = encapsulate(publicKey, coins);
    expect([publicKey.length, encapsulation.length, shared.length]).toEqual([X_WING_PUBLIC_KEY_BYTES, ENCAPSULATION_BYTES, 32]);
    expect(toHex(decapsulate(seed, encapsulation))).toBe(toHex(shared));
    expect(toHex(decapsulate(randomBytes(32), encapsulation))).not.toBe(toHex(shared));
    expect(toHex(encapsulate(publicKey, randomBytes(64)).shared)).not.toBe(toHex(shared));
  });

  it.each([0, 1_215, 1_217])("seals to no key of %i bytes", (length) => {
    expect(codeOf(() => encapsulate(new Uint8Array(length), coins))).toBe("bad_request");
  });

  it("seals to no key that fails ML-KEM's modulus check, nor to one whose X25519 half is of small order", () => {
    expect(codeOf(() => encapsulate(new Uint8Array(X_WING_PUBLIC_KEY_BYTES).fill(0xff), coins))).toBe("bad_request");
    const small = Uint8Array.from(publicKey);
    small.fill(0, X_WING_PUBLIC_KEY_BYTES - 32);
    expect(codeOf(() => encapsulate(small, coins))).toBe("bad_request");
  });

  it.each([0, 1_119, 1_121])("opens no encapsulation of %i bytes", (length) => {
    expect(codeOf(() => decapsulate(seed, new Uint8Array(length)))).toBe("decryption_failed");
  });

  it("opens no encapsulation whose X25519 half is of small order", () => {
    const small = Uint8Array.from(encapsulate(publicKey, coins).encapsulation);
    small.fill(0, ENCAPSULATION_BYTES - 32);
    expect(codeOf(() => decapsulate(seed, small))).toBe("decryption_failed");
  });

  it("takes seeds of 32 bytes, coins of 64, and nothing but bytes", () => {
    for (const wrong of [new Uint8Array(31), new Uint8Array(33), "x".repeat(32) as never]) {
      expect(() => xWingPublicKey(wrong)).toThrow(TypeError);
      expect(() => decapsulate(wrong, new Uint8Array(ENCAPSULATION_BYTES))).toThrow(TypeError);
    }
    for (const wrong of [new Uint8Array(63), new Uint8Array(65)]) expect(() => encapsulate(publicKey, wrong)).toThrow(TypeError);
    expect(() => encapsulate("x" as never, coins)).toThrow(TypeError);
    expect(() => decapsulate(seed, "x" as never)).toThrow(TypeError);
  });
});

import { argon2Sync } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { openBox } from "./box.ts";
import { randomBytes, utf8 } from "./bytes.ts";
import { MAX_PASSPHRASE_LENGTH, MIN_PASSPHRASE_MEMORY, openWithPassphrase, PASSPHRASE_MEMORY, sealWithPassphrase } from "./passphrase.ts";

const cheap = { memory: MIN_PASSPHRASE_MEMORY };
const text = utf8("what a device keeps");
const sealed = sealWithPassphrase("correct horse", text, randomBytes, cheap);

function withHeader(opslimit: number, memory: number): Uint8Array {
  const changed = Uint8Array.from(sealed);
  new DataView(changed.buffer).setUint32(16, opslimit);
  new DataView(changed.buffer).setUint32(20, memory);
  return changed;
}

afterEach(() => void vi.restoreAllMocks());

describe("passphrase", () => {
  it("opens what it sealed, composed or not", () => {
    expect(openWithPassphrase("correct horse", sealed)).toEqual(text);
    const composed = sealWithPassphrase("cr\u00e8me", text, randomBytes, cheap);
    expect(openWithPassphrase("cre\u0300me", composed)).toEqual(text);
  });

  it("stretches as another Argon2id does", () => {
    const nonce = sealed.subarray(24, 40);
    const parameters = { message: "correct horse", nonce, parallelism: 1, tagLength: 32, memory: MIN_PASSPHRASE_MEMORY, passes: 3 };
    const key = new Uint8Array(argon2Sync("argon2id", parameters));
    expect(openBox(key, sealed.subarray(0, 40), sealed.subarray(40))).toEqual(text);
  });

  it("takes 256 MiB unless told otherwise", () => {
    const usual = sealWithPassphrase("correct horse", text, randomBytes);
    expect(new DataView(usual.buffer).getUint32(20)).toBe(PASSPHRASE_MEMORY);
    expect(openWithPassphrase("correct horse", usual)).toEqual(text);
  });

  it("refuses another passphrase, a changed text, and parameters out of bounds", () => {
    expect(codeOf(() => openWithPassphrase("correct horst", sealed))).toBe("decryption_failed");
    expect(codeOf(() => openWithPassphrase("correct horse", sealed.subarray(0, -1)))).toBe("decryption_failed");
    expect(codeOf(() => openWithPassphrase("correct horse", sealed.subarray(0, 40)))).toBe("decryption_failed");
    expect(codeOf(() => openWithPassphrase("correct horse", sealed.subarray(1)))).toBe("decryption_failed");
    for (const [opslimit, memory] of [
      [2, MIN_PASSPHRASE_MEMORY],
      [17, MIN_PASSPHRASE_MEMORY],
      [3, MIN_PASSPHRASE_MEMORY - 1],
      [3, 1024 * 1024 + 1],
      [0xffff_ffff, 0xffff_ffff],
    ] as const) {
      expect(codeOf(() => openWithPassphrase("correct horse", withHeader(opslimit, memory)))).toBe("decryption_failed");
    }
  });

  it("is the caller's mistake when empty or sealed too cheaply", () => {
    expect(() => sealWithPassphrase("", text, randomBytes, cheap)).toThrow(TypeError);
    expect(() => sealWithPassphrase("correct horse", text, randomBytes, { memory: 1_024 })).toThrow(TypeError);
  });

  it("says which of these it is, but for a wrong passphrase and a changed text, which look alike", () => {
    const renamed = Uint8Array.from(sealed);
    renamed[0] = 0x53;
    for (const other of [renamed, sealed.subarray(0, 79), new Uint8Array()]) {
      expect(() => openWithPassphrase("correct horse", other)).toThrow("not sealed under a passphrase");
    }
    for (const [opslimit, memory] of [
      [2, MIN_PASSPHRASE_MEMORY],
      [17, MIN_PASSPHRASE_MEMORY],
      [3, MIN_PASSPHRASE_MEMORY - 1],
      [3, 1024 * 1024 + 1],
    ] as const) {
      expect(() => openWithPassphrase("correct horse", withHeader(opslimit, memory))).toThrow("out of bounds");
    }
    // As dear as it may be, and then it is another key.
    expect(() => openWithPassphrase("correct horse", withHeader(16, MIN_PASSPHRASE_MEMORY))).not.toThrow("out of bounds");
  });

  it("seals nothing, and under the longest passphrase", () => {
    const longest = "x".repeat(MAX_PASSPHRASE_LENGTH);
    expect(openWithPassphrase(longest, sealWithPassphrase(longest, new Uint8Array(), randomBytes, cheap))).toEqual(new Uint8Array());
  });

  it("is the caller's mistake in any other form", () => {
    for (const wrong of ["x".repeat(MAX_PASSPHRASE_LENGTH + 1), "", 5, null]) {
      expect(() => sealWithPassphrase(wrong as string, text, randomBytes, cheap)).toThrow("passphrase must have 1 to 1024 characters");
    }
    for (const cost of [{ opslimit: 2 }, { opslimit: 3.5 }, { opslimit: 17 }, { memory: MIN_PASSPHRASE_MEMORY + 0.5 }]) {
      expect(() => sealWithPassphrase("correct horse", text, randomBytes, { ...cheap, ...cost })).toThrow("out of bounds");
    }
    expect(() => sealWithPassphrase("correct horse", text, (length) => new Uint8Array(length - 1), cheap)).toThrow("salt must be 16 bytes");
    expect(() => openWithPassphrase("correct horse", "sealed" as never)).toThrow("sealed must be a Uint8Array");
  });

  it("leaves neither the passphrase's bytes nor the key in memory", () => {
    const wiped = vi.spyOn(Uint8Array.prototype, "fill");
    const lengths = (): readonly number[] =>
      wiped.mock.contexts.flatMap((context, call) => (wiped.mock.calls[call]?.[0] === 0 ? [(context as Uint8Array).length] : []));
    openWithPassphrase("correct horse", sealed);
    expect(lengths()).toEqual(expect.arrayContaining(["correct horse".length, 32]));
    wiped.mockClear();
    sealWithPassphrase("correct horse", text, randomBytes, cheap);
    expect(lengths()).toEqual(expect.arrayContaining(["correct horse".length, 32]));
  });
});

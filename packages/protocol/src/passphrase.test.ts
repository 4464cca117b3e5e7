import { argon2Sync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { openBox } from "./box.ts";
import { randomBytes, utf8 } from "./bytes.ts";
import { MIN_PASSPHRASE_MEMORY, openWithPassphrase, PASSPHRASE_MEMORY, sealWithPassphrase } from "./passphrase.ts";

const cheap = { memory: MIN_PASSPHRASE_MEMORY };
const text = utf8("what a device keeps");
const sealed = sealWithPassphrase("correct horse", text, randomBytes, cheap);

function withHeader(opslimit: number, memory: number): Uint8Array {
  const changed = Uint8Array.from(sealed);
  new DataView(changed.buffer).setUint32(16, opslimit);
  new DataView(changed.buffer).setUint32(20, memory);
  return changed;
}

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
});

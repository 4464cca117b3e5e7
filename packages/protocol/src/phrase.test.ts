import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { codeOf, errorOf } from "../test/refusal.ts";
import { parseAddress } from "./address.ts";
import { keyedHash, randomBytes, toB64, utf8 } from "./bytes.ts";
import { normalizePhrase, phraseKeystoreKey, recoverySeed, recoverySigningKey } from "./phrase.ts";
import { newPhrase, parsePhrase } from "./phrase-words.ts";

describe("recovery phrase", () => {
  it("spells any secret", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (secret) => {
        const phrase = newPhrase(secret);
        expect(phrase.split(" ")).toHaveLength(24);
        expect(parsePhrase(phrase)).toEqual(secret);
        expect(normalizePhrase(`  ${phrase.toUpperCase().replaceAll(" ", " \n")} `)).toBe(phrase);
      }),
    );
  });

  it("is refused in any other form", () => {
    const phrase = newPhrase(new Uint8Array(32));
    const words = phrase.split(" ");
    for (const wrong of [
      "",
      phrase.toUpperCase(),
      ` ${phrase}`,
      words.join("  "),
      words.slice(0, 12).join(" "),
      [...words, "abandon"].join(" "),
      ["zoo", ...words.slice(1)].join(" "),
      ["smimp", ...words.slice(1)].join(" "),
    ]) {
      expect(codeOf(() => parsePhrase(wrong))).toBe("bad_request");
    }
  });

  it("tells nothing of itself in an error", () => {
    const words = newPhrase(randomBytes(32)).split(" ");
    const { message, cause } = errorOf(() => parsePhrase(["qqqq", ...words.slice(1)].join(" ")));
    expect(cause).toBeUndefined();
    for (const word of ["qqqq", ...words.slice(1).filter((each) => each.length > 6)]) expect(message).not.toContain(word);
  });

  it("gives each address its own recovery key, and all the same keystore key", () => {
    const secret = randomBytes(32);
    const [alice, bob] = ["alice#alpha.example", "bob#alpha.example"].map((text) => recoverySigningKey(secret, parseAddress(text)));
    expect(alice?.publicKey).not.toBe(bob?.publicKey);
    expect(toB64(phraseKeystoreKey(secret).seed)).toBe(toB64(keyedHash(secret, utf8("smimp/1.0 keystore kem"))));
    const address = parseAddress("alice#alpha.example");
    expect(toB64(recoverySeed(secret, address))).toBe(toB64(keyedHash(secret, utf8(`smimp/1.0 recovery\0${address}`))));
  });

  it("has 32 bytes behind it", () => {
    const address = parseAddress("alice#alpha.example");
    for (const secret of [new Uint8Array(31), new Uint8Array(33)]) {
      for (const use of [newPhrase, phraseKeystoreKey, (each: Uint8Array) => recoverySeed(each, address)]) {
        expect(() => use(secret)).toThrow("secret must be 32 bytes");
      }
    }
  });

  it("leaves no seed of a recovery key in memory", () => {
    const wiped = vi.spyOn(Uint8Array.prototype, "fill");
    const secret = new Uint8Array(32);
    recoverySigningKey(secret, parseAddress("alice#alpha.example"));
    const seeds = wiped.mock.contexts.filter((context, call) => wiped.mock.calls[call]?.[0] === 0 && (context as Uint8Array).length === 32);
    wiped.mockRestore();
    expect(seeds.length).toBeGreaterThan(0);
    expect(seeds).not.toContain(secret);
  });
});

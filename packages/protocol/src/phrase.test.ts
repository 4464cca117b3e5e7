import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { parseAddress } from "./address.ts";
import { randomBytes, toB64 } from "./bytes.ts";
import { normalizePhrase, phraseKeystoreKey, recoverySigningKey } from "./phrase.ts";
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
    expect(toB64(phraseKeystoreKey(secret).seed)).toBe(toB64(phraseKeystoreKey(secret).seed));
  });
});

function errorOf(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new TypeError("no error was thrown");
}

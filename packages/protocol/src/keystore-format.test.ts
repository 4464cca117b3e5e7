import { describe, expect, it } from "vitest";
import { ALICE } from "../test/chain-builder.ts";
import { codeOf } from "../test/refusal.ts";
import { parseAddress } from "./address.ts";
import { randomBytes, utf8 } from "./bytes.ts";
import { keystoreVersion, nextKeystoreKey, openKeystore, sealKeystore } from "./keystore-format.ts";
import { MAX_KEYSTORE_BYTES } from "./limits.ts";
import { phraseKeystoreKey } from "./phrase.ts";

const phrase = phraseKeystoreKey(randomBytes(32));
const key = randomBytes(32);
const text = utf8("what a keystore says");

function sealed(version: number): Uint8Array {
  return sealKeystore({ address: ALICE, version, key, phraseKey: phrase.publicKey, text, random: randomBytes });
}

describe("sealKeystore and openKeystore", () => {
  it.each([0, 1, 2 ** 40, Number.MAX_SAFE_INTEGER])("agree on version %d, by key and by phrase", (version) => {
    const keystore = sealed(version);
    expect(keystoreVersion(keystore)).toBe(version);
    for (const opener of [{ key }, { phraseSeed: phrase.seed }]) {
      expect(openKeystore(ALICE, keystore, opener)).toEqual({ version, key, text });
    }
  });

  it("bind address, version and key", () => {
    const keystore = sealed(3);
    const renumbered = Uint8Array.from(keystore);
    renumbered[7] = 4;
    for (const opener of [{ key }, { phraseSeed: phrase.seed }]) {
      expect(codeOf(() => openKeystore(parseAddress("bob#alpha.example"), keystore, opener))).toBe("decryption_failed");
      expect(codeOf(() => openKeystore(ALICE, renumbered, opener))).toBe("decryption_failed");
      expect(codeOf(() => openKeystore(ALICE, keystore.subarray(0, -1), opener))).toBe("decryption_failed");
      expect(codeOf(() => openKeystore(ALICE, keystore.subarray(0, 1_200), opener))).toBe("decryption_failed");
    }
    expect(codeOf(() => openKeystore(ALICE, keystore, { key: nextKeystoreKey(key) }))).toBe("decryption_failed");
  });

  it("refuse what is too large, and versions that no number holds", () => {
    const big = new Uint8Array(MAX_KEYSTORE_BYTES);
    const rest = { address: ALICE, version: 0, key, phraseKey: phrase.publicKey, random: randomBytes };
    expect(codeOf(() => sealKeystore({ ...rest, text: big }))).toBe("too_large");
    expect(codeOf(() => openKeystore(ALICE, new Uint8Array(MAX_KEYSTORE_BYTES + 1), { key }))).toBe("too_large");
    const far = sealed(0);
    far[0] = 1;
    expect(codeOf(() => keystoreVersion(far))).toBe("decryption_failed");
    expect(() => sealed(-1)).toThrow(TypeError);
  });

  it("hold as much as fits, and as little as nothing", () => {
    const rest = { address: ALICE, version: 0, key, phraseKey: phrase.publicKey, random: randomBytes };
    const empty = sealKeystore({ ...rest, text: new Uint8Array() });
    expect(openKeystore(ALICE, empty, { key }).text).toEqual(new Uint8Array());
    const largest = new Uint8Array(MAX_KEYSTORE_BYTES - empty.length);
    const full = sealKeystore({ ...rest, text: largest });
    expect(full.length).toBe(MAX_KEYSTORE_BYTES);
    expect(openKeystore(ALICE, full, { key }).text.length).toBe(largest.length);
    for (const length of [0, 7, 8, empty.length - 1]) {
      expect(codeOf(() => keystoreVersion(empty.subarray(0, length)))).toBe("decryption_failed");
    }
    expect(() => keystoreVersion("a text" as never)).toThrow(TypeError);
  });
});

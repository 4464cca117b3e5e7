import { describe, expect, it } from "vitest";
import { ALICE, BOB } from "../test/chain-builder.ts";
import { codeOf } from "../test/refusal.ts";
import { sealToKey } from "./box.ts";
import { concat, randomBytes, toB64, utf8 } from "./bytes.ts";
import {
  deviceLinkCode,
  newDeviceLink,
  openDeviceLink,
  openHandOver,
  parseDeviceLinkCode,
  parseLinkCode,
  sealDeviceLink,
  sealHandOver,
  showLinkCode,
} from "./device-link.ts";

const link = newDeviceLink(randomBytes);
const content = { key: randomBytes(32), masterSeed: randomBytes(32), address: ALICE, version: 12 };

function sealed(publicKey = link.publicKey): Uint8Array {
  return sealDeviceLink({ ...parseLinkCode(showLinkCode(link)), publicKey, ...content, random: randomBytes });
}

describe("device link", () => {
  it("hands the keystore's key from the old device to the new one", () => {
    expect(openDeviceLink(link, sealed())).toEqual(content);
  });

  it("notices a key that the server put in the other's place", () => {
    expect(codeOf(() => sealed(newDeviceLink(randomBytes).publicKey))).toBe("commitment_mismatch");
  });

  it("notices a sealed text from somebody who saw only the public key", () => {
    const { code, publicKey } = link;
    const forged = sealDeviceLink({ code, secret: randomBytes(16), publicKey, ...content, random: randomBytes });
    expect(codeOf(() => openDeviceLink(link, forged))).toBe("decryption_failed");
  });

  it("shows a code of which the server sees only the first half", () => {
    expect(showLinkCode(link)).toMatch(/^(?:[A-Z2-7]{4} ){10}[A-Z2-7]{2}$/);
    expect(parseDeviceLinkCode(link.linkCode.slice(0, 16))).toBe(link.code);
    expect(toB64(parseLinkCode(link.linkCode.toLowerCase()).secret)).toBe(toB64(link.secret));
  });

  it("hands a new master key and a new K over to a device that is linked already", () => {
    const handed = sealHandOver({ publicKey: link.publicKey, ...content, random: randomBytes });
    expect(openHandOver(link.seed, ALICE, handed)).toEqual(content);
    expect(codeOf(() => openHandOver(link.seed, BOB, handed))).toBe("decryption_failed");
    expect(codeOf(() => openHandOver(randomBytes(32), ALICE, handed))).toBe("decryption_failed");
    // Neither can be taken for the other.
    expect(codeOf(() => openDeviceLink(link, handed))).toBe("decryption_failed");
    expect(codeOf(() => openHandOver(link.seed, ALICE, sealed()))).toBe("decryption_failed");
  });

  it("takes no hand-over that was made for another address under this one's name", () => {
    const text = (address: string): Uint8Array =>
      utf8(JSON.stringify({ key: toB64(content.key), address, version: 12, master_seed: toB64(content.masterSeed) }));
    const ad = concat(utf8("smimp/1.0 hand-over"), 0, utf8(ALICE));
    const handed = (address: string): Uint8Array => sealToKey({ publicKey: link.publicKey, ad, text: text(address), random: randomBytes });
    expect(openHandOver(link.seed, ALICE, handed(ALICE))).toEqual(content);
    expect(codeOf(() => openHandOver(link.seed, ALICE, handed(BOB)))).toBe("bad_request");
    expect(codeOf(() => openHandOver(link.seed, ALICE, handed("x")))).toBe("bad_address");
  });

  it("hands over keys and seeds of 32 bytes and nothing else", () => {
    for (const wrong of [new Uint8Array(31), new Uint8Array(33), "x" as never]) {
      const rest = { publicKey: link.publicKey, ...content, random: randomBytes };
      expect(() => sealHandOver({ ...rest, key: wrong })).toThrow(TypeError);
      expect(() => sealHandOver({ ...rest, masterSeed: wrong })).toThrow(TypeError);
    }
    expect(() => deviceLinkCode("x" as never)).toThrow(TypeError);
  });

  it.each([null, undefined, 1, "", "A".repeat(15), "A".repeat(17), "a".repeat(16), "1".repeat(16), ["A".repeat(16)]])(
    "has no path %j",
    (code) => {
      expect(codeOf(() => parseDeviceLinkCode(code))).toBe("bad_request");
      expect(codeOf(() => parseLinkCode(code as never))).toBe("bad_request");
    },
  );

  it.each(["", "AAAA", "A".repeat(41), "A".repeat(43), `${"A".repeat(41)}B`, "1".repeat(42)])("refuses the code %j", (code) => {
    expect(codeOf(() => parseLinkCode(code))).toBe("bad_request");
  });
});

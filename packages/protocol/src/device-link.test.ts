import { describe, expect, it } from "vitest";
import { ALICE, BOB } from "../test/chain-builder.ts";
import { codeOf } from "../test/refusal.ts";
import { randomBytes, toB64 } from "./bytes.ts";
import {
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

  it.each(["", "AAAA", "A".repeat(41), "A".repeat(43), `${"A".repeat(41)}B`, "1".repeat(42)])("refuses the code %j", (code) => {
    expect(codeOf(() => parseLinkCode(code))).toBe("bad_request");
  });
});

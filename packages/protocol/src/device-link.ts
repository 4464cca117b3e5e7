import * as v from "valibot";
import type { Address } from "./address.ts";
import { fromBase32, groupBase32, toBase32, ungroupBase32 } from "./base32.ts";
import { BOX_KEY_BYTES, LINK_SECRET_BYTES, openWithKey, sealToKey } from "./box.ts";
import type { Brand } from "./brand.ts";
import { assertBytes, concat, fromB64, hash, toB64, utf8, type RandomBytes } from "./bytes.ts";
import { parseJsonBytes } from "./json.ts";
import { SmimpError } from "./problem.ts";
import { b64, count, normalAddress, parseShape } from "./schema.ts";
import { SEED_BYTES } from "./statement.ts";
import { X_WING_SEED_BYTES, xWingPublicKey } from "./x-wing.ts";

/** Names a device link on the server: the first 16 base32 characters of the hash of the new device's key (protocol section 8). */
export type DeviceLinkCode = Brand<string, "DeviceLinkCode">;

const CODE_LENGTH = 16;
const SECRET_LENGTH = 26;

/** What the new device makes; all but `code` and `publicKey` stays on it, and `linkCode` on its screen. */
export interface NewDeviceLink {
  readonly code: DeviceLinkCode;
  /** X-Wing public key, 1,216 bytes: all that the server carries. */
  readonly publicKey: Uint8Array;
  /** The secret of that key, 32 bytes. */
  readonly seed: Uint8Array;
  /** 16 random bytes. */
  readonly secret: Uint8Array;
  /** Code and secret as the person carries them to the old device: 42 base32 characters. */
  readonly linkCode: string;
}

/** Starts a device link on the new device (protocol section 8). `random` is asked for 32, then for 16 bytes. */
export function newDeviceLink(random: RandomBytes): NewDeviceLink {
  const seed = random(X_WING_SEED_BYTES);
  const secret = random(LINK_SECRET_BYTES);
  const publicKey = xWingPublicKey(seed);
  const code = deviceLinkCode(publicKey);
  return { code, publicKey, seed, secret, linkCode: code + toBase32(secret) };
}

/** The code of a new device's key (protocol section 8). */
export function deviceLinkCode(publicKey: Uint8Array): DeviceLinkCode {
  assertBytes(publicKey, "publicKey");
  return toBase32(hash(publicKey)).slice(0, CODE_LENGTH) as DeviceLinkCode;
}

/** Parses a device link's code, as it stands in a path. Throws `bad_request`. */
export function parseDeviceLinkCode(text: unknown): DeviceLinkCode {
  if (typeof text !== "string" || text.length !== CODE_LENGTH) throw new SmimpError("bad_request", "not the code of a device link");
  fromBase32(text);
  return text as DeviceLinkCode;
}

/** A link code in groups of four, as the new device shows it. */
export function showLinkCode({ linkCode }: Pick<NewDeviceLink, "linkCode">): string {
  return groupBase32(linkCode);
}

/** Parses a link code as typed or scanned, grouped or not. Throws `bad_request`. */
export function parseLinkCode(typed: string): { readonly code: DeviceLinkCode; readonly secret: Uint8Array } {
  const text = typeof typed === "string" ? ungroupBase32(typed) : "";
  if (text.length !== CODE_LENGTH + SECRET_LENGTH) throw new SmimpError("bad_request", "not a link code of 42 characters");
  return { code: parseDeviceLinkCode(text.slice(0, CODE_LENGTH)), secret: fromBase32(text.slice(CODE_LENGTH), LINK_SECRET_BYTES) };
}

/** The members of what is sealed to a device (protocol section 8). */
export const deviceLinkDocument = v.object({
  key: b64(BOX_KEY_BYTES),
  address: normalAddress,
  version: count,
  master_seed: b64(SEED_BYTES),
});

/** What one device gives another: it opens the keystore, and logs in to fetch it. */
export interface DeviceLinkContent {
  /** K_n, 32 bytes. */
  readonly key: Uint8Array;
  /** The master key's seed, 32 bytes. */
  readonly masterSeed: Uint8Array;
  readonly address: Address;
  /** The keystore's version n. */
  readonly version: number;
}

/** What the old device has of the new one. */
export interface DeviceLinkToSeal extends DeviceLinkContent {
  /** From the link code that the person typed or scanned. */
  readonly code: DeviceLinkCode;
  readonly secret: Uint8Array;
  /** From the server. */
  readonly publicKey: Uint8Array;
  /** Asked for 64, then for 24 bytes. */
  readonly random: RandomBytes;
}

/** Seals on the old device (protocol section 8). Throws `commitment_mismatch` where the server gave a key that the code doesn't name. */
export function sealDeviceLink({ code, secret, publicKey, random, ...content }: DeviceLinkToSeal): Uint8Array {
  const text = textOf(content);
  if (deviceLinkCode(publicKey) !== code)
    throw new SmimpError("commitment_mismatch", "this is not the key of the device that shows the code");
  return sealToKey({ publicKey, ad: linkAd(code), text, linkSecret: secret, random });
}

/** Opens on the new device. Throws `decryption_failed`, or `bad_request` for a text that is none. */
export function openDeviceLink(link: Pick<NewDeviceLink, "code" | "seed" | "secret">, sealed: Uint8Array): DeviceLinkContent {
  return contentOf(openWithKey({ seed: link.seed, ad: linkAd(link.code), sealed, linkSecret: link.secret }));
}

/** What is sealed to a device that is linked already (protocol section 8: hand-over). */
export interface HandOverToSeal extends DeviceLinkContent {
  /** The device's X-Wing public key, 1,216 bytes, from the keystore. */
  readonly publicKey: Uint8Array;
  /** Asked for 64, then for 24 bytes. */
  readonly random: RandomBytes;
}

/** Seals a new master key and a new K to one of the owner's devices (protocol section 8). */
export function sealHandOver({ publicKey, random, ...content }: HandOverToSeal): Uint8Array {
  return sealToKey({ publicKey, ad: handOverAd(content.address), text: textOf(content), random });
}

/**
 * Opens a hand-over with the device's X-Wing secret of 32 bytes. Who sealed it is not known: it counts only if the owner's own history,
 * which extends what this device has pinned, ends with the key of that master seed (protocol section 8). Throws
 * `decryption_failed`, or `bad_request` for a text that is none or names another address.
 */
export function openHandOver(seed: Uint8Array, address: Address, sealed: Uint8Array): DeviceLinkContent {
  const content = contentOf(openWithKey({ seed, ad: handOverAd(address), sealed }));
  if (content.address !== address) throw new SmimpError("bad_request", "a hand-over for another address");
  return content;
}

function textOf({ key, masterSeed, address, version }: DeviceLinkContent): Uint8Array {
  assertBytes(key, "key", BOX_KEY_BYTES);
  assertBytes(masterSeed, "masterSeed", SEED_BYTES);
  return utf8(JSON.stringify({ key: toB64(key), address, version, master_seed: toB64(masterSeed) }));
}

function contentOf(text: Uint8Array): DeviceLinkContent {
  const { key, address, version, master_seed } = parseShape(deviceLinkDocument, parseJsonBytes(text));
  return { key: fromB64(key, BOX_KEY_BYTES), masterSeed: fromB64(master_seed, SEED_BYTES), address, version };
}

function handOverAd(address: Address): Uint8Array {
  return concat(utf8("smimp/1.0 hand-over"), 0, utf8(address));
}

function linkAd(code: DeviceLinkCode): Uint8Array {
  return concat(utf8("smimp/1.0 device link"), 0, utf8(code));
}

import * as v from "valibot";
import type { DeviceLinkCode } from "../device-link.ts";
import { MAX_DEVICE_LINK_BYTES } from "../limits.ts";
import { anyAddress, b64, b64UpTo, timestamp } from "../schema.ts";
import { X_WING_PUBLIC_KEY_BYTES } from "../x-wing.ts";
import { endpoint } from "./shapes.ts";

// Linking devices, and handing a new key to those that are linked (protocol section 8).

/** The first 16 base32 characters of the hash of a device's key. */
export const deviceCode = v.pipe(
  v.string(),
  v.regex(/^[A-Z2-7]{16}$/),
  v.transform((code) => code as DeviceLinkCode),
);
const devicePath = v.object({ code: deviceCode });
const deviceKey = b64(X_WING_PUBLIC_KEY_BYTES);

/** Shows a new device's key to a device that is linked already. */
export const offerDeviceLink = endpoint({
  method: "POST",
  path: "device_links",
  caller: "anyone",
  summary: "Shows a new device's key to a device that is linked already.",
  body: v.object({ public_key: deviceKey }),
  answer: v.object({ code: deviceCode, expires_at: timestamp }),
  status: 201,
});

/** The new device's key, and what was sealed to it once it was; with an address, what that account left for a device of its own. */
export const getDeviceLink = endpoint({
  method: "GET",
  path: "device_links/{code}",
  caller: "anyone",
  summary:
    "The new device's key, and what was sealed to it once it was; with address, what that account handed over to a device of its own.",
  params: devicePath,
  query: v.object({ address: v.optional(anyAddress) }),
  answer: v.object({ public_key: deviceKey, sealed: v.nullable(b64UpTo(MAX_DEVICE_LINK_BYTES)) }),
});

/** Hands the keystore's key to another device, sealed; with public_key, to one that is linked already. */
export const sealDeviceLink = endpoint({
  method: "PUT",
  path: "device_links/{code}",
  caller: "owner",
  summary: "Hands the keystore's key to another device, sealed; with public_key, to one that is linked already.",
  params: devicePath,
  body: v.object({ sealed: b64UpTo(MAX_DEVICE_LINK_BYTES), public_key: v.optional(deviceKey) }),
});

import {
  addSeconds,
  DEVICE_LINK_LIFE,
  deviceLinkCode,
  encapsulate,
  fromB64,
  HAND_OVER_LIFE,
  HOUR,
  MAX_HAND_OVERS,
  SmimpError,
  X_WING_COINS_BYTES,
  type Address,
  type DeviceLinkCode,
  type Timestamp,
} from "@smimp/protocol";
import type { Services } from "../services.ts";
import type { DeviceLink } from "../store/device-links.ts";
import { ipPrefix } from "./ip-prefix.ts";

/** New devices that may wait at once, of everybody: some 20 MB. */
const MAX_WAITING = 10_000;

const PROBE_COINS = new Uint8Array(X_WING_COINS_BYTES);

/**
 * Shows a new device's key to whoever knows its code (protocol section 8). The same key again is answered the same. Throws `bad_request`
 * for a key that nobody could seal to, `rate_limited`, `conflict` where another key has this code.
 */
export async function offerDeviceLink(
  { store, clock, rates, settings }: Pick<Services, "store" | "clock" | "rates" | "settings">,
  publicKey: string,
  remoteAddress: string,
): Promise<{ readonly code: DeviceLinkCode; readonly expiresAt: Timestamp }> {
  const now = clock();
  rates.admit("device link", ipPrefix(remoteAddress), settings.quotas.deviceLinksPerHour, HOUR, now);
  const code = codeOf(publicKey);
  const expiresAt = addSeconds(now, DEVICE_LINK_LIFE);
  return await store.transact(async (writer) => {
    const known = unexpired(await writer.deviceLinks.find(code), now);
    if (known !== null) {
      if (known.publicKey !== publicKey) throw new SmimpError("conflict", "another key has this code");
      return { code, expiresAt: known.expiresAt };
    }
    if ((await writer.deviceLinks.countWaiting(now, MAX_WAITING)) >= MAX_WAITING) {
      throw new SmimpError("rate_limited", "too many devices wait at the moment", { retryAfter: DEVICE_LINK_LIFE });
    }
    await writer.deviceLinks.put({ code, publicKey, sealed: null, expiresAt });
    return { code, expiresAt };
  });
}

/** What a new device shows, or with `owner` what that account left for a device of its own. Throws `not_found`. */
export async function readDeviceLink(
  { store, clock }: Pick<Services, "store" | "clock">,
  code: DeviceLinkCode,
  owner: Address | undefined,
): Promise<DeviceLink> {
  const found = await store.read(({ deviceLinks }) => (owner === undefined ? deviceLinks.find(code) : deviceLinks.handOver(owner, code)));
  const link = unexpired(found, clock());
  if (link === null) throw noLink();
  return link;
}

/** Seals to a new device, once; the same again is fine (protocol section 8). Throws `not_found`, `conflict`. */
export async function sealDeviceLink(
  { store, clock }: Pick<Services, "store" | "clock">,
  code: DeviceLinkCode,
  sealed: string,
): Promise<void> {
  await store.transact(async (writer) => {
    const link = unexpired(await writer.deviceLinks.find(code), clock());
    if (link === null) throw noLink();
    if (link.sealed === sealed) return;
    if (link.sealed !== null) throw new SmimpError("conflict", "something was sealed to this device already");
    await writer.deviceLinks.put({ ...link, sealed });
  });
}

/**
 * Leaves something for a device of the account, in place of what was left for it before (protocol section 8). Throws `bad_request` for a key
 * that has another code or that nobody could seal to, `quota_exceeded`.
 */
export async function handOver(
  { store, clock }: Pick<Services, "store" | "clock">,
  owner: Address,
  { code, publicKey, sealed }: { readonly code: DeviceLinkCode; readonly publicKey: string; readonly sealed: string },
): Promise<void> {
  if (codeOf(publicKey) !== code) throw new SmimpError("bad_request", "this key has another code");
  await store.transact(async (writer) => {
    const now = clock();
    const before = unexpired(await writer.deviceLinks.handOver(owner, code), now);
    if (before === null && (await writer.deviceLinks.countHandOvers(owner, now)) >= MAX_HAND_OVERS) {
      throw new SmimpError("quota_exceeded", `an account leaves something for ${MAX_HAND_OVERS} devices at the most`);
    }
    await writer.deviceLinks.putHandOver(owner, { code, publicKey, sealed, expiresAt: addSeconds(now, HAND_OVER_LIFE) });
  });
}

/** The code of a key that can be sealed to. Throws `bad_request`. */
function codeOf(publicKey: string): DeviceLinkCode {
  const key = fromB64(publicKey);
  encapsulate(key, PROBE_COINS);
  return deviceLinkCode(key);
}

function unexpired(link: DeviceLink | null, now: Timestamp): DeviceLink | null {
  return link !== null && link.expiresAt > now ? link : null;
}

function noLink(): SmimpError {
  return new SmimpError("not_found", "there is no such device link");
}

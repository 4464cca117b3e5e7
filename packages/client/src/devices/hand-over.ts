import {
  deviceLinkCode,
  fromB64,
  isSmimpError,
  openHandOver,
  sealHandOver,
  SmimpError,
  toB64,
  xWingPublicKey,
  type DeviceLinkContent,
  type RandomBytes,
} from "@smimp/protocol";
import type { Api } from "../api.ts";
import type { Self } from "../self.ts";
import type { Sessions } from "../session.ts";
import type { StorageReader } from "../storage/storage.ts";
import { ownDevice, sharedDevices } from "./documents.ts";

/** Hands a change of keys over to the owner's other devices (protocol section 8: hand-over). */
export interface HandOvers {
  /**
   * Leaves K, its version and the master key for every other device but those that are left behind. `stillCounts` is asked before
   * each; throws `conflict` where it doesn't.
   */
  leave(content: Omit<DeviceLinkContent, "address">, how: LeaveOptions): Promise<void>;
  /** What was left for this device; null where there is nothing that it can open. Whether it counts, the own history says. */
  find(): Promise<DeviceLinkContent | null>;
}

/** To whom, and whether at all. */
export interface LeaveOptions {
  readonly without: readonly string[];
  readonly stillCounts: () => Promise<boolean>;
}

/** What handing over works with. */
export interface HandOverParts {
  readonly storage: StorageReader;
  readonly api: Api;
  readonly sessions: Sessions;
  readonly self: Self;
  readonly random: RandomBytes;
}

/** Through the owner's server, which sees nothing but sealed bytes. */
export function createHandOvers({ storage, api, sessions, self, random }: HandOverParts): HandOvers {
  return {
    leave: async (content, { without, stillCounts }) => {
      const own = await ownDevice(storage);
      for (const { id, public_key } of await sharedDevices(storage)) {
        if (id === own?.id || without.includes(id)) continue;
        const publicKey = fromB64(public_key);
        const sealed = toB64(sealHandOver({ ...content, address: self.address, publicKey, random }));
        const params = { code: deviceLinkCode(publicKey) };
        await sessions.with(self.baseUrl, async (token) => {
          if (!(await stillCounts())) throw new SmimpError("conflict", "another device has changed the keys");
          return await api.call(self.baseUrl, "sealDeviceLink", { token, params, body: { sealed, public_key } });
        });
      }
    },
    find: async () => {
      const own = await ownDevice(storage);
      if (own === null) return null;
      const seed = fromB64(own.seed);
      const params = { code: deviceLinkCode(xWingPublicKey(seed)) };
      try {
        const { sealed } = await api.call(self.baseUrl, "getDeviceLink", { params, query: { address: self.address } });
        return sealed === null ? null : openHandOver(seed, self.address, fromB64(sealed));
      } catch (error) {
        // What can't be opened was not left by another device.
        if (isSmimpError(error, "not_found") || isSmimpError(error, "decryption_failed") || isSmimpError(error, "bad_request")) return null;
        throw error;
      }
    },
  };
}

import {
  addSeconds,
  DEVICE_LINK_LIFE,
  fromB64,
  MAX_DEVICES,
  parseLinkCode,
  sealDeviceLink,
  SmimpError,
  toB64,
  type Clock,
  type RandomBytes,
} from "@smimp/protocol";
import type { Api } from "../api.ts";
import type { Devices } from "../rooms/devices.ts";
import { changeKeys, type KeysParts } from "../keys/keys.ts";
import { laterThan } from "../keystore/shared-settings.ts";
import { expectDevice, markDirty, readState } from "../keystore/state.ts";
import { readAccount } from "../self.ts";
import type { Sessions } from "../session.ts";
import { assertDeviceName, listDevices, ownDevice, putDevice, type DeviceDocument } from "./documents.ts";

/** What the owner's devices work with. */
export type DevicesParts = KeysParts & {
  readonly api: Api;
  readonly sessions: Sessions;
  readonly random: RandomBytes;
  readonly clock: Clock;
};

/** The devices that share one account. */
export function createDevices(parts: DevicesParts): Devices {
  const { storage, api, sessions, self, keystore, random } = parts;

  async function find(id: string): Promise<DeviceDocument> {
    const found = (await listDevices(storage)).find((each) => each.id === id);
    if (found === undefined) throw new SmimpError("not_found", "there is no such device");
    return found;
  }

  return {
    list: async () => {
      const own = await ownDevice(storage);
      return (await listDevices(storage)).map(({ id, name, added_at }) => ({ id, name, addedAt: added_at, thisOne: id === own?.id }));
    },
    rename: async (id, name) => {
      assertDeviceName(name);
      const device = await find(id);
      await storage.transact(async (writer) => {
        putDevice(writer, { ...device, name, named_at: laterThan(device.named_at ?? device.added_at, parts.clock()) });
        await markDirty(writer);
      });
      await keystore.save();
    },
    remove: async (id) => {
      if ((await ownDevice(storage))?.id === id) throw new TypeError("a device is removed from another one");
      await keystore.pull({ force: true });
      await find(id);
      const isGone = async (): Promise<boolean> => (await listDevices(storage)).every((each) => each.id !== id);
      await changeKeys(
        parts,
        async () => ({ newMaster: true, without: [id], keep: 1 }),
        async () => {
          // The device that came first may have removed the same one.
          await keystore.pull({ force: true });
          return (await isGone()) ? "done" : "again";
        },
      );
    },
    link: async (linkCode) => {
      const { code, secret } = parseLinkCode(linkCode);
      const params = { code };
      await keystore.pull({ force: true });
      if ((await listDevices(storage)).length >= MAX_DEVICES)
        throw new SmimpError("quota_exceeded", `an account has ${MAX_DEVICES} devices at the most`);
      // What is linked to shall be there: the newest version is one that the server has acknowledged.
      await keystore.save();
      await keystore.alone(async () => {
        const offered = await api.call(self.baseUrl, "getDeviceLink", { params });
        const account = await readAccount(storage);
        const { version, key } = await readState(storage);
        if (account === null || version === null) throw new TypeError("the keystore was not saved");
        const content = { key: fromB64(key), version, address: self.address, masterSeed: fromB64(account.master_seed) };
        const sealed = toB64(sealDeviceLink({ code, secret, publicKey: fromB64(offered.public_key), ...content, random }));
        await storage.transact(async (writer) => await expectDevice(writer, addSeconds(parts.clock(), 2 * DEVICE_LINK_LIFE)));
        await sessions.with(
          self.baseUrl,
          async (token) => await api.call(self.baseUrl, "sealDeviceLink", { token, params, body: { sealed } }),
        );
      });
    },
  };
}

import { parseSignatureSetting, readSignatureSetting, SIGNATURE_SETTING, type Clock } from "@smimp/protocol";
import type { Signature } from "./rooms/signature.ts";
import { setSharedSetting, sharedSetting } from "./keystore/shared-settings.ts";
import type { Storage } from "./storage/storage.ts";

/** The text that its owner ends messages with: a shared setting (protocol section 8). */
export function createSignature(storage: Storage, clock: Clock): Signature {
  return {
    get: async () => readSignatureSetting(await sharedSetting(storage, SIGNATURE_SETTING)),
    set: async (text) => {
      const value = parseSignatureSetting(text);
      await storage.transact(async (writer) => await setSharedSetting(writer, SIGNATURE_SETTING, value, clock()));
    },
  };
}

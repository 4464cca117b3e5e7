import { SmimpError } from "@smimp/protocol";
import type { Caller } from "../../accept/caller.ts";
import { storeKeys, storeNonEphemeral, type KeyOwner } from "../../accept/message-keys.ts";
import type { Services } from "../../services.ts";
import type { Handlers } from "../endpoint.ts";

/** GET, POST and PUT ephemeral_keys, GET and PUT nonephemeral_key (protocol section 4). */
export function messageKeyEndpoints(services: Pick<Services, "store" | "clock" | "rates" | "settings">) {
  const { store, clock } = services;
  return {
    getEphemeralKeys: async ({ caller }) => {
      const ids = await store.read((reader) => reader.messageKeys.heldIds(caller.address, clock()));
      return { body: { count: ids.length, key_ids: [...ids] } };
    },
    addEphemeralKeys: async ({ caller, body }) => ({ body: { count: await storeKeys(services, ownerOf(caller), body.keys, "add") } }),
    replaceEphemeralKeys: async ({ caller, body }) => ({
      body: { count: await storeKeys(services, ownerOf(caller), body.keys, "replace") },
    }),
    getNonephemeralKey: async ({ caller }) => {
      const key = await store.read((reader) => reader.messageKeys.nonEphemeral(caller.address));
      if (key === null) throw new SmimpError("not_found", "there is no non-ephemeral key");
      return { body: key.statement };
    },
    putNonephemeralKey: async ({ caller, body }) => {
      await storeNonEphemeral(services, ownerOf(caller), body);
      return { body: null };
    },
  } satisfies Partial<Handlers>;
}

/** The local account behind an owner's session. */
function ownerOf({ address, local }: Caller): KeyOwner {
  if (local === null) throw new TypeError("an owner's session is a local one");
  return { address, publicKey: local.publicKey };
}

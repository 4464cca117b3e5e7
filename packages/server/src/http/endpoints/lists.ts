import type { Hex32 } from "@smimp/protocol";
import { addToList, readList, removeFromList } from "../../accept/lists.ts";
import type { Services } from "../../services.ts";
import type { ListName } from "../../store/list-entries.ts";
import type { Caller } from "../../accept/caller.ts";
import type { Handlers } from "../endpoint.ts";

interface Addition {
  readonly caller: Caller;
  readonly body: { readonly entry: string; readonly note: string | null };
}

/** GET and POST allowlist and blocklist, DELETE of their entries (protocol section 8). */
export function listEndpoints(services: Pick<Services, "store" | "clock">) {
  const { store } = services;
  const read = async (list: ListName, caller: Caller, after: Hex32 | undefined) => {
    const { entries, cursor } = await readList(store, caller.address, list, after);
    return { body: { entries: entries.map(({ hash, note, createdAt }) => ({ hash, note, created_at: createdAt })), cursor } };
  };
  const add = async (list: ListName, { caller, body }: Addition) => ({
    body: { hash: await addToList(services, caller.address, list, body) },
  });
  const remove = async (list: ListName, caller: Caller, hash: Hex32) => {
    await removeFromList(store, caller.address, list, hash);
    return { body: null };
  };
  return {
    getAllowlist: async ({ caller, query }) => await read("allowlist", caller, query.cursor),
    addToAllowlist: async (call) => await add("allowlist", call),
    removeFromAllowlist: async ({ caller, params }) => await remove("allowlist", caller, params.hash),
    getBlocklist: async ({ caller, query }) => await read("blocklist", caller, query.cursor),
    addToBlocklist: async (call) => await add("blocklist", call),
    removeFromBlocklist: async ({ caller, params }) => await remove("blocklist", caller, params.hash),
  } satisfies Partial<Handlers>;
}

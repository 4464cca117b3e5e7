import { listFolder } from "../../accept/mailbox.ts";
import type { Services } from "../../services.ts";
import type { Handlers } from "../endpoint.ts";

/** GET folders, GET folder/{message-type}: so far every type has its root folder only (protocol section 8). */
export function folderEndpoints({ store }: Pick<Services, "store">) {
  return {
    getFolders: () => ({ body: { folders: [] } }),
    getFolder: async ({ caller, params, query }) => ({
      body: await listFolder(store, caller.address, params.message_type, { cursor: query.cursor, limit: query.limit }),
    }),
  } satisfies Partial<Handlers>;
}

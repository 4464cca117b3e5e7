import { readKeystore, writeKeystore } from "../../accept/keystores.ts";
import type { Services } from "../../services.ts";
import { isHeld, quoted, writeCondition } from "../conditions.ts";
import type { Handlers } from "../endpoint.ts";

/** GET and PUT keystore (protocol section 8). */
export function keystoreEndpoints(services: Pick<Services, "store" | "clock" | "rates" | "settings">) {
  const { store } = services;
  return {
    getKeystore: async (call) => {
      const { etag, bytes } = await readKeystore(store, call.caller.address, call.query.version);
      const headers = { etag: quoted(etag) };
      return isHeld(call, etag) ? { body: null, headers, status: 304 as const } : { body: bytes, headers };
    },
    putKeystore: async (call) => {
      const condition = writeCondition(call);
      const { keep } = call.query;
      const bytes = await call.body.all();
      const etag = await writeKeystore(services, call.caller.address, bytes, condition, keep === undefined ? undefined : Number(keep));
      return { body: null, headers: { etag: quoted(etag) } };
    },
  } satisfies Partial<Handlers>;
}

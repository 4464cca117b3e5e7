import { hash, toHex, utf8 } from "@smimp/protocol";
import { readHistory, readMostRecent, readPublicKey } from "../../accept/public-identity.ts";
import type { Services } from "../../services.ts";
import { isHeld, quoted } from "../conditions.ts";
import type { Handlers } from "../endpoint.ts";
import { PUBLIC_CACHE } from "../headers.ts";

/** GET get_user/{address}/history, /most_recent, /public_key: public, with ETag, cacheable for a minute (protocol section 3). */
export function getUserEndpoints({ store }: Pick<Services, "store">) {
  return {
    getHistory: async (call) => {
      const { records, profile, link } = await readHistory(store, call.params.address);
      return cached(call, { records: [...records], profile }, link, profile);
    },
    getMostRecent: async (call) => {
      const { record, profile, link } = await readMostRecent(store, call.params.address);
      return cached(call, { record, profile }, link, profile);
    },
    getPublicKey: async (call) => {
      const { publicKey, sequence, link } = await readPublicKey(store, call.params.address);
      return cached(call, { public_key: publicKey, sequence, link }, link, null);
    },
  } satisfies Partial<Handlers>;
}

function cached<Body>(call: Parameters<typeof isHeld>[0], body: Body, link: string, profile: string | null) {
  // The link stands for the whole chain; a profile may be deleted beside it.
  const etag = toHex(hash(utf8(`${link}\n${profile ?? ""}`)));
  const headers = { etag: quoted(etag), "cache-control": PUBLIC_CACHE };
  return isHeld(call, etag) ? { body: null, headers, status: 304 as const } : { body, headers };
}

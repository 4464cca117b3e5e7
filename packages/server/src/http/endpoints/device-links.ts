import { handOver, offerDeviceLink, readDeviceLink, sealDeviceLink } from "../../accept/device-links.ts";
import type { Services } from "../../services.ts";
import type { Handlers } from "../endpoint.ts";

/** POST device_links, GET and PUT device_links/{code} (protocol section 8). */
export function deviceLinkEndpoints(services: Pick<Services, "store" | "clock" | "rates" | "settings">) {
  return {
    offerDeviceLink: async ({ body, remoteAddress }) => {
      const { code, expiresAt } = await offerDeviceLink(services, body.public_key, remoteAddress);
      return { body: { code, expires_at: expiresAt } };
    },
    getDeviceLink: async ({ params, query }) => {
      const { publicKey, sealed } = await readDeviceLink(services, params.code, query.address);
      return { body: { public_key: publicKey, sealed } };
    },
    sealDeviceLink: async ({ caller, params: { code }, body: { sealed, public_key: publicKey } }) => {
      if (publicKey === undefined) await sealDeviceLink(services, code, sealed);
      else await handOver(services, caller.address, { code, publicKey, sealed });
      return { body: null };
    },
  } satisfies Partial<Handlers>;
}

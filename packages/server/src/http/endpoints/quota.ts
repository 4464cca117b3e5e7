import { readQuota } from "../../accept/mailbox.ts";
import type { Services } from "../../services.ts";
import type { Handlers } from "../endpoint.ts";

/** GET quota (protocol section 8). */
export function quotaEndpoints(services: Pick<Services, "store" | "settings">) {
  return {
    getQuota: async ({ caller }) => ({ body: await readQuota(services, caller.address) }),
  } satisfies Partial<Handlers>;
}

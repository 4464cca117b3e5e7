import { deleteAccount } from "../../accept/delete-account.ts";
import { initializeAccount } from "../../accept/initialize-account.ts";
import { updateProfile } from "../../accept/update-profile.ts";
import type { Services } from "../../services.ts";
import type { Handlers } from "../endpoint.ts";

/** POST initialize_account, DELETE account (protocol section 8), POST update_profile (protocol section 3). */
export function accountEndpoints(services: Pick<Services, "store" | "clock" | "random" | "settings" | "rates" | "chains" | "bus">) {
  return {
    initializeAccount: async ({ body, remoteAddress }) => ({ body: await initializeAccount(services, body, remoteAddress) }),
    updateProfile: async ({ body }) => ({ body: await updateProfile(services, body) }),
    deleteAccount: async ({ body }) => {
      await deleteAccount(services, body);
      return { body: null };
    },
  } satisfies Partial<Handlers>;
}

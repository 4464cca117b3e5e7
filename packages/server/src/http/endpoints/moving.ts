import { exportAccount } from "../../accept/export-account.ts";
import { importAccount } from "../../accept/import-account.ts";
import type { Services } from "../../services.ts";
import type { Handlers } from "../endpoint.ts";

/** GET export, POST import_account (protocol section 8). */
export function movingEndpoints(
  services: Pick<Services, "store" | "clock" | "settings" | "rates" | "remote" | "chains" | "bus" | "transfers">,
) {
  return {
    exportAccount: ({ caller, query, remoteAddress }) => {
      const { lines, signal } = exportAccount(services, caller, remoteAddress, query.since);
      return { body: lines, signal };
    },
    importAccount: async ({ caller, body, remoteAddress }) => ({
      body: { link: await importAccount(services, caller, remoteAddress, body.stream) },
    }),
  } satisfies Partial<Handlers>;
}

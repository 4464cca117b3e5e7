import { sendMessage } from "../../accept/send-message.ts";
import type { Services } from "../../services.ts";
import type { Handlers } from "../endpoint.ts";

/** POST send_message/{address} (protocol section 6). */
export function sendMessageEndpoints(services: Pick<Services, "store" | "clock" | "settings" | "remote" | "bus">) {
  return {
    sendMessage: async ({ caller, params, query, body }) => ({
      body: { message_id: await sendMessage(services, caller, params.address, body, query.received_via) },
    }),
  } satisfies Partial<Handlers>;
}

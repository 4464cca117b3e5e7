import { askKey, workFor } from "../../accept/ask-key.ts";
import type { Services } from "../../services.ts";
import type { Handlers } from "../endpoint.ts";

/** POST get_message_key (protocol section 6), GET get_pow_params/{address}/{message_type} (protocol section 7). */
export function getMessageKeyEndpoints(services: Pick<Services, "store" | "clock" | "random" | "settings" | "rates">) {
  return {
    getMessageKey: async ({ caller, body, remoteAddress }) => {
      const request = { sender: caller.address, recipient: body.address, messageType: body.message_type, remoteAddress };
      const { ticket, expiresAt, publicKey, sequence, link, messageKey } = await askKey(services, request, body.pow);
      return { body: { ticket, expires_at: expiresAt, public_key: publicKey, sequence, link, message_key: messageKey } };
    },
    getPowParams: async ({ caller, params, remoteAddress }) => {
      const { address: recipient, message_type: messageType } = params;
      return { body: await workFor(services, { sender: caller.address, recipient, messageType, remoteAddress }) };
    },
  } satisfies Partial<Handlers>;
}

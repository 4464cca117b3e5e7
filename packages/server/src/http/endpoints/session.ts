import { endSession, offerChallenge, openSession } from "../../accept/sessions.ts";
import type { Services } from "../../services.ts";
import type { Handlers } from "../endpoint.ts";

/** GET and POST create_session/{address}, POST destroy_session (protocol section 5). */
export function sessionEndpoints(services: Pick<Services, "store" | "clock" | "random" | "rates" | "settings" | "remote" | "bus">) {
  return {
    getSessionChallenge: async ({ params, remoteAddress }) => {
      const { token, expiresAt } = await offerChallenge(services, params.address, remoteAddress);
      return { body: { token, expires_at: expiresAt } };
    },
    createSession: async ({ params, body, remoteAddress }) => {
      const { authenticationToken, expiresAt, local } = await openSession(services, params.address, body, remoteAddress);
      return { body: { authentication_token: authenticationToken, expires_at: expiresAt, local } };
    },
    destroySession: async ({ caller }) => {
      await endSession(services, caller);
      return { body: null };
    },
  } satisfies Partial<Handlers>;
}

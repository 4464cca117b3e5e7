import { isSmimpError } from "@smimp/protocol";
import { findCaller } from "../../accept/caller.ts";
import { readChanges } from "../../accept/mailbox.ts";
import { openEventStream } from "../../notify/event-stream.ts";
import type { Services } from "../../services.ts";
import type { Handlers } from "../endpoint.ts";

/** GET changes, GET events (protocol sections 8 and 12). */
export function changesEndpoints(services: Pick<Services, "store" | "clock" | "bus" | "settings">) {
  const { store, clock } = services;
  return {
    getChanges: async ({ caller, query }) => {
      const { state, created, updated, destroyed, folders, more } = await readChanges(store, caller.address, query);
      return { body: { state: String(state), created: [...created], updated: [...updated], destroyed: [...destroyed], folders, more } };
    },
    getEvents: async ({ caller }) => {
      const { address, session } = caller;
      const stillAdmitted = async (): Promise<boolean> => {
        try {
          await findCaller(store, session, clock());
          return true;
        } catch (error) {
          if (isSmimpError(error)) return false;
          throw error;
        }
      };
      return { body: await openEventStream(services, { address, session, stillAdmitted }) };
    },
  } satisfies Partial<Handlers>;
}

import { hash, toHex, utf8 } from "@smimp/protocol";
import { archiveMessage, deleteMessage, isRead, markRead, readMessage, readMessages } from "../../accept/mailbox.ts";
import type { Services } from "../../services.ts";
import { isHeld, quoted, writeCondition } from "../conditions.ts";
import type { Handlers } from "../endpoint.ts";

/** message/{id}, messages, message_read/{id}, message_archive/{id} (protocol section 8). */
export function messageEndpoints(services: Pick<Services, "store" | "clock" | "bus">) {
  const { store } = services;
  return {
    getMessage: async (call) => {
      const { id, update_read: markIt } = call.params;
      const body = await readMessage(services, call.caller.address, id, markIt === "true");
      const etag = toHex(hash(utf8(JSON.stringify(body))));
      const headers = { etag: quoted(etag) };
      return isHeld(call, etag) ? { body: null, headers, status: 304 as const } : { body, headers };
    },
    getMessages: async ({ caller, body }) => ({ body: await readMessages(store, caller.address, body.ids) }),
    deleteMessage: async ({ caller, params }) => {
      await deleteMessage(services, caller.address, params.id);
      return { body: null };
    },
    getMessageRead: async ({ caller, params }) => ({ body: { read: await isRead(store, caller.address, params.id) } }),
    setMessageRead: async ({ caller, params, body }) => {
      await markRead(services, caller.address, params.id, body.read);
      return { body: null };
    },
    putMessageArchive: async (call) => {
      const etag = await archiveMessage(services, call.caller.address, call.params.id, call.body, writeCondition(call));
      return { body: null, headers: { etag: quoted(etag) } };
    },
  } satisfies Partial<Handlers>;
}

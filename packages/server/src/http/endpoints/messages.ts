import { archiveMessage, deleteMessage, isRead, markRead, readMessage, readMessages } from "../../accept/mailbox.ts";
import type { Services } from "../../services.ts";
import { sealedEtag } from "../../store/message-filing.ts";
import { quoted, writeCondition } from "../conditions.ts";
import type { Handlers } from "../endpoint.ts";

/** message/{id}, messages, message_read/{id}, message_archive/{id} (protocol section 8). */
export function messageEndpoints(services: Pick<Services, "store" | "clock" | "bus">) {
  const { store } = services;
  return {
    getMessage: async (call) => {
      const { id, update_read: markIt } = call.params;
      const body = await readMessage(services, call.caller.address, id, markIt === "true");
      // The ETag that a write of the archive asks for (protocol section 12). It says nothing of the rest, so there is no 304.
      return body.archive === null ? { body } : { body, headers: { etag: quoted(sealedEtag(body.archive)) } };
    },
    getMessages: ({ caller, body }) => ({ body: readMessages(store, caller.address, body.ids) }),
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

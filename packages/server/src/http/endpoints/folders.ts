import type { AnswerInputOf, BodyOf } from "@smimp/protocol";
import { changeFolder, createFolder, deleteFolder, listFolders, moveMessage } from "../../accept/folders.ts";
import { listFolder, setExtensions } from "../../accept/mailbox.ts";
import type { Services } from "../../services.ts";
import type { Folder, ListedFolder } from "../../store/folders.ts";
import { optionalCondition } from "../conditions.ts";
import type { Handlers } from "../endpoint.ts";

/** folders, folder/{message-type}[/{name}], message_move/{id}, message_extensions/{id} (protocol section 8). */
export function folderEndpoints(services: Pick<Services, "store" | "bus" | "settings">) {
  const { store } = services;
  return {
    getFolders: async ({ caller }) => ({ body: toAnswer(await listFolders(store, caller.address)) }),
    getFoldersOfType: async ({ caller, params }) => ({ body: toAnswer(await listFolders(store, caller.address, params.name)) }),
    createFolder: async ({ caller, body }) => {
      await createFolder(services, caller.address, toFolder(body));
      return { body: null };
    },
    changeFolder: async ({ caller, params, body }) => {
      await changeFolder(services, caller.address, params.name, toFolder(body));
      return { body: null };
    },
    deleteFolder: async ({ caller, params }) => {
      await deleteFolder(services, caller.address, params.name);
      return { body: null };
    },
    getFolder: async ({ caller, params, query }) => ({
      body: await listFolder(store, caller.address, { messageType: params.message_type, name: null }, query),
    }),
    getNamedFolder: async ({ caller, params, query }) => ({
      body: await listFolder(store, caller.address, { messageType: params.message_type, name: params.name }, query),
    }),
    moveMessage: async ({ caller, params, body }) => {
      await moveMessage(services, caller.address, params.id, body.folder);
      return { body: null };
    },
    setMessageExtensions: async (call) => {
      await setExtensions(services, call.caller.address, call.params.id, call.body.extensions, optionalCondition(call));
      return { body: null };
    },
  } satisfies Partial<Handlers>;
}

function toFolder({ name, message_type: messageType, parent, display_name: displayName }: BodyOf<"createFolder">): Folder {
  return { name, messageType, parent, displayName };
}

function toAnswer(folders: readonly ListedFolder[]): AnswerInputOf<"getFolders"> {
  return {
    folders: folders.map(({ name, messageType, parent, displayName, total, unread }) => ({
      name,
      message_type: messageType,
      parent,
      display_name: displayName,
      total,
      unread,
    })),
  };
}

import * as v from "valibot";
import { MAX_EXTENSIONS_BYTES, MAX_FOLDER_PAGE, MAX_NOTE_BYTES } from "../limits.ts";
import { b64UpTo, count, messageType } from "../schema.ts";
import { endpoint, folderName, idPath, messageListing, state } from "./shapes.ts";

// Folders, what is in them, and what the owner's clients note about a message (protocol section 8).

const folderPath = v.object({ name: folderName });
const newFolder = v.object({
  name: folderName,
  message_type: messageType,
  parent: v.nullable(folderName),
  display_name: v.nullable(b64UpTo(MAX_NOTE_BYTES)),
});
const folders = v.object({
  folders: v.array(
    v.object({
      name: v.string(),
      message_type: messageType,
      parent: v.nullable(v.string()),
      display_name: v.nullable(v.string()),
      /** Messages in it, and those of them that are not read; folders in it aside. */
      total: v.optional(count),
      unread: v.optional(count),
    }),
  ),
});
const page = {
  query: v.object({
    cursor: v.optional(v.pipe(v.string(), v.maxLength(128), v.regex(/^[A-Za-z0-9_.-]+$/))),
    limit: v.optional(
      v.pipe(v.string(), v.regex(/^[0-9]{1,3}$/), v.transform(Number), v.number(), v.minValue(1), v.maxValue(MAX_FOLDER_PAGE)),
    ),
  }),
  answer: v.object({ messages: v.pipe(v.array(messageListing), v.maxLength(MAX_FOLDER_PAGE)), cursor: v.nullable(v.string()), state }),
};

/** All folders. */
export const getFolders = endpoint({ method: "GET", path: "folders", caller: "owner", summary: "All folders.", answer: folders });

/** The folders of one message type, which stands in the path where a folder's name does in other calls. */
export const getFoldersOfType = endpoint({
  method: "GET",
  path: "folders/{name}",
  caller: "owner",
  summary: "All folders of the message type that the path names.",
  params: v.object({ name: messageType }),
  answer: folders,
});

/** Makes a folder. */
export const createFolder = endpoint({
  method: "POST",
  path: "folders",
  caller: "owner",
  summary: "Makes a folder.",
  body: newFolder,
  status: 201,
});

/** Changes a folder's parent and display name. */
export const changeFolder = endpoint({
  method: "POST",
  path: "folders/{name}",
  caller: "owner",
  summary: "Changes a folder's parent and display name.",
  params: folderPath,
  body: newFolder,
});

/** Deletes an empty folder. */
export const deleteFolder = endpoint({
  method: "DELETE",
  path: "folders/{name}",
  caller: "owner",
  summary: "Deletes an empty folder.",
  params: folderPath,
});

/** The messages of a type's root folder, newest first. */
export const getFolder = endpoint({
  method: "GET",
  path: "folder/{message_type}",
  caller: "owner",
  summary: "The messages of a type's root folder, newest first.",
  params: v.object({ message_type: messageType }),
  ...page,
});

/** The messages of a folder, newest first. */
export const getNamedFolder = endpoint({
  method: "GET",
  path: "folder/{message_type}/{name}",
  caller: "owner",
  summary: "The messages of a folder, newest first.",
  params: v.object({ message_type: messageType, name: folderName }),
  ...page,
});

/** Moves a message to a folder, or to the root. */
export const moveMessage = endpoint({
  method: "POST",
  path: "message_move/{id}",
  caller: "owner",
  summary: "Moves a message to a folder, or to the root.",
  params: idPath,
  body: v.object({ folder: v.nullable(folderName) }),
});

/** Stores what the owner's clients keep about a message, sealed; If-Match or If-None-Match: * where the writer wants to be sure. */
export const setMessageExtensions = endpoint({
  method: "POST",
  path: "message_extensions/{id}",
  caller: "owner",
  summary: "Stores what the owner's clients keep about a message, sealed; If-Match or If-None-Match: * if wanted.",
  params: idPath,
  body: v.object({ extensions: b64UpTo(MAX_EXTENSIONS_BYTES) }),
});

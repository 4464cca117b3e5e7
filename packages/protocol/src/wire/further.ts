import * as v from "valibot";
import { MAX_ADDRESS_LENGTH } from "../address.ts";
import { MAX_AVATAR_BYTES, MAX_DEVICE_LINK_BYTES, MAX_EXTENSIONS_BYTES, MAX_LIST_ENTRIES, MAX_NOTE_BYTES } from "../limits.ts";
import { b64, b64UpTo, hex32, messageType, timestamp } from "../schema.ts";
import { X_WING_PUBLIC_KEY_BYTES } from "../x-wing.ts";
import { exportAccount, importAccount } from "./account-life.ts";
import { addressPath, endpoint, idPath, type Endpoint } from "./shapes.ts";

// Endpoints of protocol sections 3 and 8 that no server of this project has in service yet: their shapes are settled here, so
// that whoever builds one side finds the other side's. One that goes into service moves to the table in `wire.ts`.

/** A folder's name: an opaque id that a client made (protocol section 8). */
const folderName = v.pipe(v.string(), v.maxLength(64), v.regex(/^[A-Za-z0-9_-]+$/));
const folderPath = v.object({ name: folderName });
const newFolder = v.object({
  name: folderName,
  message_type: messageType,
  parent: v.nullable(folderName),
  display_name: v.nullable(b64UpTo(MAX_NOTE_BYTES)),
});
const listPath = v.object({ hash: hex32 });
const newListEntry = v.object({
  // An address or `#domain`; which of the two it is, and whether it is one, is the parser's of list entries.
  entry: v.pipe(v.string(), v.maxLength(MAX_ADDRESS_LENGTH)),
  note: v.nullable(b64UpTo(MAX_NOTE_BYTES)),
});
const listEntries = v.object({
  entries: v.pipe(
    v.array(v.object({ hash: hex32, note: v.nullable(b64UpTo(MAX_NOTE_BYTES)), created_at: timestamp })),
    v.maxLength(MAX_LIST_ENTRIES),
  ),
});
const listHash = v.object({ hash: hex32 });
/** The first 16 base32 characters of a link code (protocol section 8). */
const deviceCode = v.pipe(v.string(), v.regex(/^[A-Z2-7]{16}$/));
const devicePath = v.object({ code: deviceCode });

/** Endpoints of protocol section 12 that are not in service yet, by the name that code will use for them. */
export const FURTHER_ENDPOINTS = {
  getUserAvatar: endpoint({
    method: "GET",
    path: "user_avatar/{address}",
    caller: "anyone",
    summary: "The avatar's image.",
    params: addressPath,
    answer: "bytes",
  }),
  postUserAvatar: endpoint({
    method: "POST",
    path: "user_avatar",
    caller: "owner",
    summary: "Stores the avatar's image, PNG or JPEG.",
    body: "bytes",
    maxBody: MAX_AVATAR_BYTES,
    answer: v.object({ hash: hex32 }),
  }),
  createFolder: endpoint({ method: "POST", path: "folders", caller: "owner", summary: "Makes a folder.", body: newFolder, status: 201 }),
  changeFolder: endpoint({
    method: "POST",
    path: "folders/{name}",
    caller: "owner",
    summary: "Changes a folder.",
    params: folderPath,
    body: newFolder,
  }),
  deleteFolder: endpoint({
    method: "DELETE",
    path: "folders/{name}",
    caller: "owner",
    summary: "Deletes an empty folder.",
    params: folderPath,
  }),
  moveMessage: endpoint({
    method: "POST",
    path: "message_move/{id}",
    caller: "owner",
    summary: "Moves a message to a folder, or to the root.",
    params: idPath,
    body: v.object({ folder: v.nullable(folderName) }),
  }),
  setMessageExtensions: endpoint({
    method: "POST",
    path: "message_extensions/{id}",
    caller: "owner",
    summary: "Stores what the owner's clients keep about a message, sealed.",
    params: idPath,
    body: v.object({ extensions: b64UpTo(MAX_EXTENSIONS_BYTES) }),
  }),
  offerDeviceLink: endpoint({
    method: "POST",
    path: "device_links",
    caller: "anyone",
    summary: "Shows a new device's key to a device that is linked already.",
    body: v.object({ public_key: b64(X_WING_PUBLIC_KEY_BYTES) }),
    answer: v.object({ code: deviceCode, expires_at: timestamp }),
    status: 201,
  }),
  getDeviceLink: endpoint({
    method: "GET",
    path: "device_links/{code}",
    caller: "anyone",
    summary: "The new device's key, and what was sealed to it once it was.",
    params: devicePath,
    answer: v.object({ public_key: b64(X_WING_PUBLIC_KEY_BYTES), sealed: v.nullable(b64UpTo(MAX_DEVICE_LINK_BYTES)) }),
  }),
  sealDeviceLink: endpoint({
    method: "PUT",
    path: "device_links/{code}",
    caller: "owner",
    summary: "Hands the keystore's key to another device, sealed; with public_key, to one that is linked already.",
    params: devicePath,
    body: v.object({ sealed: b64UpTo(MAX_DEVICE_LINK_BYTES), public_key: v.optional(b64(X_WING_PUBLIC_KEY_BYTES)) }),
  }),
  getAllowlist: endpoint({ method: "GET", path: "allowlist", caller: "owner", summary: "Whom the owner lets in.", answer: listEntries }),
  addToAllowlist: endpoint({
    method: "POST",
    path: "allowlist",
    caller: "owner",
    summary: "Lets somebody in.",
    body: newListEntry,
    answer: listHash,
  }),
  removeFromAllowlist: endpoint({
    method: "DELETE",
    path: "allowlist/{hash}",
    caller: "owner",
    summary: "Takes an entry away.",
    params: listPath,
  }),
  getBlocklist: endpoint({ method: "GET", path: "blocklist", caller: "owner", summary: "Whom the owner keeps out.", answer: listEntries }),
  addToBlocklist: endpoint({
    method: "POST",
    path: "blocklist",
    caller: "owner",
    summary: "Keeps somebody out.",
    body: newListEntry,
    answer: listHash,
  }),
  removeFromBlocklist: endpoint({
    method: "DELETE",
    path: "blocklist/{hash}",
    caller: "owner",
    summary: "Takes an entry away.",
    params: listPath,
  }),
  exportAccount,
  importAccount,
} as const satisfies Readonly<Record<string, Endpoint>>;

import type * as v from "valibot";
import {
  getHistory,
  getMostRecent,
  getPublicKey,
  getServerInformation,
  getUserAvatar,
  getVersion,
  initializeAccount,
  postUserAvatar,
  updateProfile,
} from "./wire/identity.ts";
import { deleteAccount, exportAccount, importAccount } from "./wire/account-life.ts";
import { createSession, destroySession, getSessionChallenge } from "./wire/sessions.ts";
import {
  addEphemeralKeys,
  getEphemeralKeys,
  getMessageKey,
  getNonephemeralKey,
  getPowParams,
  putBlob,
  putNonephemeralKey,
  replaceEphemeralKeys,
  sendMessage,
} from "./wire/sending.ts";
import {
  deleteMessage,
  getBlob,
  getChanges,
  getEvents,
  getKeystore,
  getMessage,
  getMessageRead,
  getMessages,
  getQuota,
  putKeystore,
  putMessageArchive,
  setMessageRead,
} from "./wire/mailbox.ts";
import { getDeviceLink, offerDeviceLink, sealDeviceLink } from "./wire/devices.ts";
import { addToAllowlist, addToBlocklist, getAllowlist, getBlocklist, removeFromAllowlist, removeFromBlocklist } from "./wire/lists.ts";
import {
  changeFolder,
  createFolder,
  deleteFolder,
  getFolder,
  getFolders,
  getFoldersOfType,
  getNamedFolder,
  moveMessage,
  setMessageExtensions,
} from "./wire/folders.ts";
import type { Endpoint } from "./wire/shapes.ts";

// Requests and answers, protocol sections 2 to 8 and 12. One table serves the server's validation, its OpenAPI document and the
// client's parsing, so that the two sides can't drift apart.

export {
  keystoreVersions,
  maxBodyOf,
  messageListing,
  powRequired,
  problemDocument,
  recordStatement,
  storedMessage,
  work,
  workParameters,
  type Caller,
  type Endpoint,
  type MessageListing,
  type RecordStatement,
  type StoredMessage,
  type Work,
  type WorkParameters,
} from "./wire/shapes.ts";

/** Every endpoint that is in service, by the name that code uses for it (protocol section 12). */
export const ENDPOINTS = {
  getVersion,
  getServerInformation,
  getHistory,
  getMostRecent,
  getPublicKey,
  getUserAvatar,
  postUserAvatar,
  initializeAccount,
  updateProfile,
  deleteAccount,
  exportAccount,
  importAccount,
  getSessionChallenge,
  createSession,
  destroySession,
  getEphemeralKeys,
  addEphemeralKeys,
  replaceEphemeralKeys,
  getNonephemeralKey,
  putNonephemeralKey,
  getMessageKey,
  getPowParams,
  putBlob,
  sendMessage,
  getFolders,
  getFoldersOfType,
  createFolder,
  changeFolder,
  deleteFolder,
  getFolder,
  getNamedFolder,
  getMessage,
  getMessages,
  deleteMessage,
  getMessageRead,
  setMessageRead,
  moveMessage,
  setMessageExtensions,
  putMessageArchive,
  getBlob,
  getChanges,
  getEvents,
  getQuota,
  getKeystore,
  putKeystore,
  offerDeviceLink,
  getDeviceLink,
  sealDeviceLink,
  getAllowlist,
  addToAllowlist,
  removeFromAllowlist,
  getBlocklist,
  addToBlocklist,
  removeFromBlocklist,
} as const satisfies Readonly<Record<string, Endpoint>>;

/** Name of an endpoint. */
export type EndpointName = keyof typeof ENDPOINTS;

type Output<E, Key extends string> = E extends { readonly [K in Key]: infer S extends v.GenericSchema } ? v.InferOutput<S> : undefined;
type Input<E, Key extends string> = E extends { readonly [K in Key]: infer S extends v.GenericSchema } ? v.InferInput<S> : undefined;

/** What a server reads of a request to an endpoint, parsed. */
export type ParamsOf<Name extends EndpointName> = Output<(typeof ENDPOINTS)[Name], "params">;
export type QueryOf<Name extends EndpointName> = Output<(typeof ENDPOINTS)[Name], "query">;
export type BodyOf<Name extends EndpointName> = Output<(typeof ENDPOINTS)[Name], "body">;
/** What a client sends. */
export type BodyInputOf<Name extends EndpointName> = Input<(typeof ENDPOINTS)[Name], "body">;
/** What a client reads of an answer, parsed; and what a server gives (the same shape, brands aside). */
export type AnswerOf<Name extends EndpointName> = Output<(typeof ENDPOINTS)[Name], "answer">;
export type AnswerInputOf<Name extends EndpointName> = Input<(typeof ENDPOINTS)[Name], "answer">;

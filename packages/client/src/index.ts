export type * from "./client.ts";
export type * from "./model.ts";
export type * from "./search/model.ts";
export type * from "./storage/storage.ts";
export { createAccount } from "./account.ts";
export { handleEvents, type EventHandlers, type EventOf } from "./handle-events.ts";
export { parseInvite } from "./invite.ts";
export { accountState, openClient, type OpenClientOptions } from "./open.ts";
export { createMemoryStorage } from "./storage/memory.ts";

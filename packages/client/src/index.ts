import type { Client, ClientDeps, CreateAccountOptions, CreatedAccount, Invite } from "./client.ts";
import type { Storage } from "./storage/storage.ts";

export type * from "./client.ts";
export type * from "./model.ts";
export type * from "./storage/storage.ts";
export { createMemoryStorage } from "./storage/memory.ts";
export declare function createAccount(options: CreateAccountOptions): Promise<CreatedAccount>;
export declare function openClient(options: { readonly storage: Storage; readonly deps: ClientDeps }): Promise<Client>;
export declare function parseInvite(link: string): Invite;

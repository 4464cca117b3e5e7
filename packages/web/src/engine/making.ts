import { createAccount, type Client, type ClientDeps, type SendOptions, type Storage } from "@smimp/client";
import { isSmimpError, type Address, type BaseUrl, type ProblemCode } from "@smimp/protocol";
import type { Beginning } from "./vault.ts";

/** What making an account works with. */
export interface MakingOptions extends SendOptions {
  readonly storage: Storage;
  readonly deps: ClientDeps;
  readonly address: Address;
  readonly beginning: Beginning;
  readonly deviceName: string;
}

/** An account that the server has opened, and whose recovery phrase its owner is looking at. */
export interface Making {
  readonly phrase: string;
  readonly baseUrl: string;
  /** The phrase is on paper: this device forgets it, and the account is complete. */
  confirm(): Promise<Client>;
  /** Leaves it as it is, to be gone on with; resolves once nothing runs any more. */
  pause(): Promise<void>;
}

/**
 * Makes an account, or goes on with one that was begun in this storage, as far as its phrase. Rejects as `createAccount` does.
 */
export async function makeAccount(options: MakingOptions): Promise<Making> {
  const { storage, deps, address, beginning, deviceName, ...watched } = options;
  const { baseUrl, code, name } = beginning;
  const shown = Promise.withResolvers<string>();
  const kept = Promise.withResolvers<void>();
  const created = createAccount({
    ...watched,
    storage,
    deps,
    invite: { baseUrl: baseUrl as BaseUrl, code },
    address,
    deviceName,
    ...(name === "" ? {} : { name }),
    keepPhrase: async (phrase) => {
      shown.resolve(phrase);
      await kept.promise;
    },
  }).then(({ client }) => client);
  created.catch(shown.reject);
  return {
    phrase: await shown.promise,
    baseUrl,
    confirm: async () => {
      kept.resolve();
      return await created;
    },
    pause: async () => {
      kept.reject(new DOMException("the account is finished later", "AbortError"));
      await created.catch(() => undefined);
    },
  };
}

/** What a server says that will not open this account, whatever became of an earlier request. */
const REFUSALS: ReadonlySet<string> = new Set<ProblemCode>([
  "unauthenticated",
  "already_initialized",
  "not_accepted",
  "wrong_server",
  "pow_required",
  "pow_invalid",
]);

/** Whether there will never be an account with this address and invite: nobody has lost anything who begins anew. */
export function isRefused(error: unknown): boolean {
  return isSmimpError(error) && REFUSALS.has(error.code);
}

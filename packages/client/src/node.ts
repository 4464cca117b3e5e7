import { createGuardedFetch, readDevelopmentNetwork, type GuardedFetch } from "@smimp/identity/guarded-fetch";
import { parseAddress, randomBytes } from "@smimp/protocol";
import { createAccount, type CreateAccountOptions, type CreatedAccount } from "./account.ts";
import type { Client } from "./client.ts";
import type { ClientDeps } from "./deps.ts";
import { systemClock } from "./clock.ts";
import { parseInvite } from "./invite.ts";
import { openClient } from "./open.ts";
import { createSqliteSearch } from "./search/sqlite/engine.ts";
import { openSqliteStorage } from "./storage/sqlite.ts";
import type { Storage } from "./storage/storage.ts";

export { systemClock } from "./clock.ts";

/** Where a mailbox is on this machine. */
export interface MailboxPlace {
  /** The sealed database; `smimp join` makes one at `~/.smimp/mail.db`. One program at a time may have it open. */
  readonly file: string;
  readonly passphrase: string;
  /** A development network's file, for servers on this machine. */
  readonly developmentNetwork?: string | undefined;
}

/** How a mailbox is made. */
export interface JoinOptions
  extends MailboxPlace, Pick<CreateAccountOptions, "name" | "keepPhrase" | "onProgress" | "askOwner" | "signal"> {
  /** The invite link. */
  readonly invite: string;
  readonly address: string;
}

/**
 * Opens a mailbox of this machine: sealed SQLite file, guarded fetch, the machine's clock and randomness. `close` ends all of it.
 * Throws TypeError where there is none, `decryption_failed` for a wrong passphrase, StorageInUseError where another program has it.
 */
export async function openMailbox(place: MailboxPlace): Promise<Client> {
  return await withParts({ ...place, create: false }, async (storage, deps) => await openClient({ storage, deps }));
}

/**
 * Makes a mailbox of this machine with a new account in it; called again after a crash, it goes on where it was. Throws as
 * `createAccount`, `parseInvite` and `parseAddress` do.
 */
export async function joinMailbox({ file, passphrase, developmentNetwork, ...options }: JoinOptions): Promise<CreatedAccount> {
  const [invite, address] = [parseInvite(options.invite), parseAddress(options.address)];
  let phrase = "";
  const client = await withParts({ file, passphrase, developmentNetwork, create: true }, async (storage, deps) => {
    const created = await createAccount({ ...options, storage, deps, invite, address });
    ({ phrase } = created);
    return created.client;
  });
  return { client, phrase };
}

async function withParts(
  { file, passphrase, developmentNetwork, create }: MailboxPlace & { readonly create: boolean },
  open: (storage: Storage, deps: ClientDeps) => Promise<Client>,
): Promise<Client> {
  const fetch = await fetchFor(developmentNetwork);
  let storage: Storage | undefined;
  try {
    storage = await openSqliteStorage({ file, passphrase, create });
    const client = await open(storage, { fetch, clock: systemClock, random: randomBytes, search: createSqliteSearch() });
    const close = async (): Promise<void> => {
      await client.close();
      await fetch.close();
    };
    return { ...client, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await storage?.close();
    await fetch.close();
    throw error;
  }
}

async function fetchFor(developmentNetwork: string | undefined): Promise<GuardedFetch> {
  if (developmentNetwork === undefined) return createGuardedFetch();
  return createGuardedFetch({ developmentNetwork: await readDevelopmentNetwork(developmentNetwork) });
}

import { createApi } from "./api.ts";
import type { Client, ClientDeps } from "./client.ts";
import { createContacts } from "./contacts.ts";
import { createEventHub } from "./events.ts";
import { createImports } from "./imports/imports.ts";
import { createInbox } from "./inbox/inbox.ts";
import { createMailbox } from "./inbox/mailbox.ts";
import { createSync } from "./inbox/sync.ts";
import { createKeyUpkeep } from "./key-upkeep.ts";
import { createKeystore } from "./keystore/keystore.ts";
import { createNotices } from "./notices.ts";
import { createOutbox, removeOrphans } from "./outbox/outbox.ts";
import { createPeople } from "./people.ts";
import { readAccount, selfOf } from "./self.ts";
import { createSessions } from "./session.ts";
import type { Storage } from "./storage/storage.ts";
import { createMeter, type Meter } from "./traffic.ts";
import { watch } from "./watch.ts";
import { createWorkPool } from "./work/work-pool.ts";

/** What opening an account needs. */
export interface OpenClientOptions {
  readonly storage: Storage;
  readonly deps: ClientDeps;
}

/** Opens the account that a storage holds. Throws TypeError where it holds none, or one whose opening was not finished. */
export async function openClient({ storage, deps }: OpenClientOptions): Promise<Client> {
  return await assemble(storage, deps, createMeter(deps.fetch));
}

/** Whether a storage holds an account; `unfinished` where its opening was interrupted: `createAccount` goes on with it. */
export async function accountState(storage: Storage): Promise<"none" | "unfinished" | "open"> {
  const account = await readAccount(storage);
  if (account === null) return "none";
  return account.opening === null ? "open" : "unfinished";
}

/** Puts the parts of a client together. */
export async function assemble(storage: Storage, { clock, random, work, jitter }: ClientDeps, meter: Meter): Promise<Client> {
  const account = await readAccount(storage);
  if (account === null || account.opening !== null) throw new TypeError("there is no account in this storage: create one first");
  const self = selfOf(account);
  const { fetch } = meter;
  const api = createApi(fetch);
  const sessions = createSessions(api, self, clock);
  const notices = createNotices(storage, clock, random);
  const events = createEventHub();
  const people = createPeople({ storage, fetch, clock, notices, me: self.address });
  const keystore = createKeystore({ storage, api, sessions, self, clock, random });
  const upkeep = createKeyUpkeep({ storage, api, sessions, self, keystore, clock, random });
  const mailbox = createMailbox(api, sessions, self);
  const sync = createSync({ storage, people, self, clock, random, notices, mailbox, keystore, upkeep, events, jitter });
  const workPool = createWorkPool({ ...work, random });
  const outbox = createOutbox({ storage, api, sessions, people, self, clock, random, notices, events, workPool });
  await removeOrphans(storage);

  return {
    address: self.address,
    baseUrl: self.baseUrl,
    outbox,
    inbox: createInbox({ storage, api, sessions, self, mailbox, sync, clock }),
    contacts: createContacts(people, self),
    notices,
    imports: createImports({ storage, api, sessions, people, self, clock, random, mailbox, workPool }),
    sync: async (options) => await sync.run(options),
    send: async (draft, options = {}) => {
      const { id } = await outbox.enqueue(draft);
      const [entry] = await outbox.flush({ ...options, id, force: true });
      // Its copies may have gone out with another flush in the meantime.
      const now = entry ?? (await outbox.get(id));
      if (now === null) throw new TypeError("the message was taken out of the outbox while it was sent");
      return now;
    },
    watch: (options) => watch({ api, sessions, baseUrl: self.baseUrl, sync, outbox, events, clock, random }, options),
    traffic: meter.traffic,
    close: async () => {
      await outbox.stop();
      workPool.close();
      await sessions.end();
      await storage.close();
    },
  };
}

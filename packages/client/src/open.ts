import type { Hex32 } from "@smimp/protocol";
import { createApplications } from "./applications/applications.ts";
import type { Client } from "./client.ts";
import type { ClientDeps } from "./deps.ts";
import { createAutoReply } from "./auto-reply/auto-reply.ts";
import { createBell } from "./bell.ts";
import { createContacts } from "./contacts.ts";
import { createDevices } from "./devices/devices.ts";
import { assureDevice } from "./devices/documents.ts";
import { removeDraftOrphans } from "./drafts/documents.ts";
import { createDrafts } from "./drafts/drafts.ts";
import { createEventHub } from "./events.ts";
import { createFolders } from "./folders/folders.ts";
import { createIdentityParts } from "./identity-parts.ts";
import { createImports } from "./imports/imports.ts";
import { clearBurned } from "./inbox/burned.ts";
import { removeMessage } from "./inbox/forgetting.ts";
import { createInbox } from "./inbox/inbox.ts";
import { createMailbox } from "./inbox/mailbox.ts";
import { changeExtensions } from "./inbox/noting.ts";
import { tidyRemembered } from "./inbox/remembering.ts";
import { buildThreadLists, moveLabelCounts } from "./inbox/summaries.ts";
import { createSync } from "./inbox/sync.ts";
import { createKeyUpkeep } from "./key-upkeep.ts";
import { createBurning } from "./keys/burning.ts";
import { createKeys } from "./keys/keys.ts";
import { createOwnRecords } from "./keys/own-records.ts";
import { createLists } from "./lists/lists.ts";
import { createAccountRoom } from "./moving/account-room.ts";
import { createHome } from "./moving/home.ts";
import { sendableEmail, sendableShort } from "./outbox/enqueue.ts";
import { createOutbox, removeOrphans } from "./outbox/outbox.ts";
import { createProfile } from "./profile/profile.ts";
import { createMailboxSearch } from "./search/mailbox-search.ts";
import { createSecretKeys } from "./secret-keys/secret-keys.ts";
import { isReady, readAccount, type AccountDocument } from "./self.ts";
import { createSignature } from "./signature.ts";
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

/**
 * Whether a storage holds an account; `unfinished` where its opening was interrupted: `createAccount` goes on with it; `recovering`
 * where a recovery was: `recoverAccount` does.
 */
export async function accountState(storage: Storage): Promise<"none" | "unfinished" | "recovering" | "open"> {
  const account = await readAccount(storage);
  if (account === null) return "none";
  if (account.opening !== null) return "unfinished";
  return account.recovering === true ? "recovering" : "open";
}

/** Puts the parts of a client together. */
export async function assemble(storage: Storage, deps: ClientDeps, meter: Meter): Promise<Client> {
  const { clock, random, work, jitter, search: engine } = deps;
  const account = await readAccount(storage);
  if (account === null || !isReady(account)) throw new TypeError(whyNot(account));
  await storage.transact(async (writer) => await assureDevice(writer, clock(), random));
  const identity = createIdentityParts({ storage, account, deps, meter });
  const { self, api, sessions, notices, people, own, keystore } = identity;
  const events = createEventHub();
  const upkeep = createKeyUpkeep({ storage, api, sessions, self, keystore, clock, random });
  const mailbox = createMailbox(api, sessions, self);
  const left = createBell();
  const choreBell = createBell();
  const folders = createFolders({ storage, api, sessions, self, keystore, mailbox, clock, random });
  const workPool = createWorkPool({ ...work, random });
  const outbox = createOutbox({ storage, api, sessions, people, self, own, clock, random, notices, events, workPool });
  const asking = { storage, api, sessions, people, self, own, clock, random, mailbox, workPool };
  const drafts = createDrafts({ ...asking, outbox, notices, bell: choreBell });
  const autoReply = createAutoReply({ storage, outbox, people, self, clock, random });
  const remove = async (messageId: Hex32): Promise<void> => await removeMessage({ storage, mailbox, clock }, messageId);
  const lists = createLists({ storage, api, sessions, self, keystore, clock, random, remove });
  const search = createMailboxSearch({ storage, people, folders, events, clock, engine });
  const burning = createBurning({
    storage,
    keystore,
    clock,
    random,
    rescues: [async () => await folders.refresh(), lists.allow.list, lists.block.list, drafts.reseal],
    clear: async (signal) => await clearBurned(storage, [folders, lists], signal),
    forget: search.forget,
  });
  const records = createOwnRecords({ ...identity, clock });
  const home = createHome({ storage, people, self });
  const { account: room, moving } = createAccountRoom({ ...identity, storage, fetch: meter.fetch, records, home, clock });
  const chores = [
    moving.goOn,
    burning.goOn,
    drafts.push,
    lists.allowCorrespondents,
    autoReply.answer,
    async () => await tidyRemembered(storage, clock),
  ];
  const sync = createSync({
    home,
    folders,
    storage,
    people,
    self,
    clock,
    random,
    notices,
    mailbox,
    keystore,
    upkeep,
    events,
    chores,
    jitter,
  });
  await moveLabelCounts(storage);
  await buildThreadLists(storage);
  await removeOrphans(storage);
  await removeDraftOrphans(storage);

  const inbox = createInbox({ storage, api, sessions, self, mailbox, sync, clock, random, keystore });
  const note = async (messageId: Hex32, name: string, value: boolean): Promise<void> =>
    await changeExtensions({ storage, mailbox, keystore, clock, random }, messageId, (text) => ({ ...text, [name]: value }));

  const close = async (): Promise<void> => {
    await search.close();
    await outbox.stop();
    workPool.close();
    await sessions.end();
    await storage.close();
  };

  return {
    address: self.address,
    get baseUrl() {
      return self.baseUrl;
    },
    outbox,
    inbox,
    contacts: createContacts(people, self),
    devices: createDevices({ ...identity, storage, clock, random }),
    keys: { ...createKeys({ ...identity, storage, clock, random }), burnBefore: burning.burnBefore },
    profile: createProfile({ ...identity, storage, records }),
    account: room,
    notices,
    folders,
    drafts,
    lists: { allow: lists.allow, block: lists.block },
    autoReply: { get: autoReply.get, set: autoReply.set },
    signature: createSignature(storage, clock),
    applications: createApplications({ storage, outbox, remove }),
    secretKeys: createSecretKeys({ storage, outbox, random, note, remove }),
    imports: createImports(asking),
    search,
    sync: async (options) => await sync.run(options),
    send: async (draft, options = {}) => await outbox.send(sendableEmail({ storage, clock, random, me: self.address }, draft), options),
    sendShort: async (to, text, attachments = [], options = {}) =>
      await outbox.send(sendableShort(random, typeof to === "string" ? [to] : to, text, attachments, options), options),
    watch: (options) => watch({ api, sessions, self, sync, outbox, events, clock, random, left, chores: choreBell }, options),
    traffic: meter.traffic,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function whyNot(account: AccountDocument | null): string {
  if (account?.recovering === true) return "the recovery of this account was interrupted: recover it once more";
  return "there is no account in this storage: create one first";
}

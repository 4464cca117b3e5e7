import { fromB64 } from "@smimp/protocol";
import { createApi, type Api } from "./api.ts";
import type { ClientDeps } from "./deps.ts";
import { createHandOvers } from "./devices/hand-over.ts";
import { createKeyChanges, type KeyChanges } from "./keys/change.ts";
import { createOwnKeys, type OwnKeys } from "./keys/own-keys.ts";
import { createKeystore, type Keystore } from "./keystore/keystore.ts";
import { createTransfer, type AsOwner, type KeystoreTransfer } from "./keystore/transfer.ts";
import { createNotices, type NoticeBoard } from "./notices.ts";
import { createPeople, type People } from "./people.ts";
import { readAccount, selfOf, type AccountDocument, type LiveSelf } from "./self.ts";
import { createSessions, type Sessions } from "./session.ts";
import type { Storage } from "./storage/storage.ts";
import type { Meter } from "./traffic.ts";

/** Who the owner is, on this device: their keys, their history, their sessions, their keystore. */
export interface IdentityParts {
  readonly self: LiveSelf;
  readonly api: Api;
  readonly sessions: Sessions;
  readonly notices: NoticeBoard;
  readonly people: People;
  readonly own: OwnKeys;
  readonly transfer: KeystoreTransfer;
  readonly changes: KeyChanges;
  readonly keystore: Keystore;
}

/** What they are made of. */
export interface IdentityOptions {
  readonly storage: Storage;
  readonly account: AccountDocument;
  readonly deps: Pick<ClientDeps, "clock" | "random" | "patience">;
  readonly meter: Meter;
  /** In whose sessions the keystore is carried; the owner's own where left out. */
  readonly asOwner?: AsOwner;
}

/**
 * Puts them together. They need each other in a circle: sessions wait for a changed key, which is found in the history and in what
 * another device handed over; the keystore waits for a change of keys, which is saved in the keystore.
 */
export function createIdentityParts({ storage, account, deps, meter, asOwner }: IdentityOptions): IdentityParts {
  const { clock, random } = deps;
  const { fetch } = meter;
  const self = selfOf(account);
  const api = createApi(fetch, deps.patience);
  const sessions = createSessions(api, self, clock, async (refused) => await own.catchUp(refused));
  const notices = createNotices(storage, clock, random);
  const people = createPeople({ storage, fetch, clock, notices, me: self.address });
  const handOvers = createHandOvers({ storage, api, sessions, self, random });
  const own = createOwnKeys({ storage, people, self, notices, handOvers });
  const inOwnSession: AsOwner = async (work) => await sessions.with(self.baseUrl, work);
  const transfer = createTransfer(api, { self, asOwner: asOwner ?? inOwnSession });
  const changes = createKeyChanges({ storage, api, transfer, people, self, handOvers, notices, clock, random });
  const keystore = createKeystore({
    storage,
    transfer,
    self,
    clock,
    random,
    notices,
    finishChange: async (room) => await changes.finish(room),
    takeHandOver: async () => await own.takeHandOver(),
    leaveHandOver: async (content) => {
      const account = await readAccount(storage);
      if (account === null) return;
      const stillCounts = async (): Promise<boolean> => (await readAccount(storage))?.master_seed === account.master_seed;
      await handOvers.leave({ ...content, masterSeed: fromB64(account.master_seed) }, { without: [], stillCounts });
    },
  });
  return { self, api, sessions, notices, people, own, transfer, changes, keystore };
}

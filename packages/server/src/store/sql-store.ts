import { SqlAccounts } from "./accounts.ts";
import { SqlAvatars } from "./avatars.ts";
import type { Removals } from "./blob-files.ts";
import { SqlBlobs } from "./blobs.ts";
import { SqlCleaning } from "./cleaning.ts";
import { SqlCorrespondents } from "./correspondents.ts";
import { SqlCounters } from "./counters.ts";
import { SqlDepartures } from "./departures.ts";
import { SqlDeviceLinks } from "./device-links.ts";
import { SqlFolders } from "./folders.ts";
import { SqlInvites } from "./invites.ts";
import { SqlKeystores } from "./keystores.ts";
import { SqlListEntries } from "./list-entries.ts";
import { SqlMessageKeys } from "./message-keys.ts";
import { SqlMoving } from "./moving.ts";
import { SqlRemotePins } from "./remote-pins.ts";
import { SqlRestoring } from "./restoring.ts";
import { SqlRetention } from "./retention.ts";
import type { Queries } from "./schema.ts";
import { SqlSessions } from "./sessions.ts";
import { SqlMessages } from "./sql-messages.ts";
import type { StoreWriter } from "./store.ts";
import { SqlTickets } from "./tickets.ts";
import { SqlWork } from "./work.ts";

/**
 * Everything on one connection. On a read-only connection it serves as a `StoreReader`. `removals` gathers the files that
 * the transaction lets go.
 */
export function sqlStore(db: Queries, removals: Removals): StoreWriter {
  const messages = new SqlMessages(db, removals);
  return {
    accounts: new SqlAccounts(db),
    invites: new SqlInvites(db),
    sessions: new SqlSessions(db),
    messageKeys: new SqlMessageKeys(db),
    counters: new SqlCounters(db),
    tickets: new SqlTickets(db),
    work: new SqlWork(db),
    correspondents: new SqlCorrespondents(db),
    blobs: new SqlBlobs(db, removals),
    messages,
    folders: new SqlFolders(db),
    listEntries: new SqlListEntries(db),
    avatars: new SqlAvatars(db),
    keystores: new SqlKeystores(db),
    deviceLinks: new SqlDeviceLinks(db),
    remotePins: new SqlRemotePins(db),
    moving: new SqlMoving(db),
    departures: new SqlDepartures(db, removals),
    retention: new SqlRetention(db, messages),
    restoring: new SqlRestoring(db, removals),
    cleaning: new SqlCleaning(db, removals),
  };
}

import type { AccountsReader, AccountsWriter } from "./accounts.ts";
import type { AvatarsReader, AvatarsWriter } from "./avatars.ts";
import type { BlobFiles } from "./blob-files.ts";
import type { BlobsReader, BlobsWriter } from "./blobs.ts";
import type { CleaningWriter } from "./cleaning.ts";
import type { CorrespondentsReader, CorrespondentsWriter } from "./correspondents.ts";
import type { CountersReader, CountersWriter } from "./counters.ts";
import type { DeparturesReader, DeparturesWriter } from "./departures.ts";
import type { DeviceLinksReader, DeviceLinksWriter } from "./device-links.ts";
import type { FoldersReader, FoldersWriter } from "./folders.ts";
import type { InvitesReader, InvitesWriter } from "./invites.ts";
import type { KeystoresReader, KeystoresWriter } from "./keystores.ts";
import type { ListEntriesReader, ListEntriesWriter } from "./list-entries.ts";
import type { MessageKeysReader, MessageKeysWriter } from "./message-keys.ts";
import type { MessagesReader, MessagesWriter } from "./messages.ts";
import type { MovingReader, MovingWriter } from "./moving.ts";
import type { RemotePinsReader, RemotePinsWriter } from "./remote-pins.ts";
import type { RestoringWriter } from "./restoring.ts";
import type { RetentionWriter } from "./retention.ts";
import type { SessionsReader, SessionsWriter } from "./sessions.ts";
import type { TicketsReader, TicketsWriter } from "./tickets.ts";
import type { WorkReader, WorkWriter } from "./work.ts";

// The contract between the server and its durable state. Each concern's methods and row types stand in the file named
// after it, next to the one place that holds its SQL; `README.md` tells the life of one row.

/** What can be asked of the store. All reads of one `Store.read` see the same moment. */
export interface StoreReader {
  readonly accounts: AccountsReader;
  readonly invites: InvitesReader;
  readonly sessions: SessionsReader;
  readonly messageKeys: MessageKeysReader;
  readonly counters: CountersReader;
  readonly tickets: TicketsReader;
  readonly work: WorkReader;
  readonly correspondents: CorrespondentsReader;
  readonly blobs: BlobsReader;
  readonly messages: MessagesReader;
  readonly folders: FoldersReader;
  readonly listEntries: ListEntriesReader;
  readonly avatars: AvatarsReader;
  readonly keystores: KeystoresReader;
  readonly deviceLinks: DeviceLinksReader;
  readonly remotePins: RemotePinsReader;
  readonly moving: MovingReader;
  readonly departures: DeparturesReader;
}

/** What a transaction can do: everything a reader can, on the state that includes its own writes, and the writes. */
export interface StoreWriter extends StoreReader {
  readonly accounts: AccountsWriter;
  readonly invites: InvitesWriter;
  readonly sessions: SessionsWriter;
  readonly messageKeys: MessageKeysWriter;
  readonly counters: CountersWriter;
  readonly tickets: TicketsWriter;
  readonly work: WorkWriter;
  readonly correspondents: CorrespondentsWriter;
  readonly blobs: BlobsWriter;
  readonly messages: MessagesWriter;
  readonly folders: FoldersWriter;
  readonly listEntries: ListEntriesWriter;
  readonly avatars: AvatarsWriter;
  readonly keystores: KeystoresWriter;
  readonly deviceLinks: DeviceLinksWriter;
  readonly remotePins: RemotePinsWriter;
  readonly moving: MovingWriter;
  readonly departures: DeparturesWriter;
  readonly retention: RetentionWriter;
  readonly restoring: RestoringWriter;
  readonly cleaning: CleaningWriter;
}

/**
 * The durable state of a server. Transactions run one after the other, many of them made durable by one write to disk.
 *
 * The rule of both functions that are handed over: they await nothing but methods of the reader or writer that they were
 * given. Fetching, verifying signatures and proof of work come before; answering and notifying come after. One that does not
 * settle within `TRANSACTION_SECONDS` is rolled back and rejected with `temporarily_unavailable`, and from then on its writer
 * throws TypeError.
 */
export interface Store {
  /** Runs `fn` on one consistent snapshot of what is committed. No write is possible: the connection is read-only. */
  read<T>(fn: (reader: StoreReader) => Promise<T>): Promise<T>;
  /**
   * Runs `fn` as one atomic transaction and resolves with its result only once that is on durable storage. If `fn` throws,
   * all it wrote is undone, others are unaffected, and the promise rejects with what it threw.
   */
  transact<T>(fn: (writer: StoreWriter) => Promise<T>): Promise<T>;
  /** The bytes of attachments; files that a transaction lets go are deleted after its commit. */
  readonly blobs: BlobFiles;
  /**
   * Resolves unless writing failed last; where it did, it is tried with a small write. Rejects with `temporarily_unavailable`: the disk is
   * full or fails, and nothing can be acknowledged.
   */
  checkWritable(): Promise<void>;
  /** Checks the database file and its references. Resolves with what is wrong, one line each; empty: all is well. */
  checkIntegrity(): Promise<readonly string[]>;
  /**
   * The runs of earlier processes whose files stand in the blob folder. To be asked while nobody else serves: then they are over, and what of
   * theirs no row holds, none ever will.
   */
  blobRuns(): Promise<ReadonlySet<string>>;
  /** Deletes what runs that are over left in the blob folder: files that are unfinished, or that no row holds. This process, and others, may serve meanwhile. Resolves with the number of files. */
  recoverBlobs(runs: ReadonlySet<string>): Promise<number>;
  /**
   * Empties the write-ahead log, in which what was deleted or replaced still stands; in the database itself it is overwritten. Nothing to
   * do where nothing was written since the last time. False: another process reads or writes at this moment.
   */
  emptyLog(): boolean;
  /** Finishes what was handed in, closes the files, leaves nothing in the write-ahead log. Idempotent. */
  close(): Promise<void>;
}

/** Seconds a function handed to the store may take. */
export const TRANSACTION_SECONDS = 10;

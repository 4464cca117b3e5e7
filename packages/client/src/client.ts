import type { Fetch, Resolved } from "@smimp/identity";
import type { Address, BaseUrl, Clock, Hex32, MessageType, RandomBytes, Timestamp } from "@smimp/protocol";
import type {
  ApplicationMessage,
  AutoReply,
  ClientEvent,
  Contact,
  Draft,
  DraftAttachment,
  DraftSummary,
  Folder,
  History,
  ImportedMail,
  InboxMessage,
  InboxSummary,
  ListedEntry,
  Notice,
  OutboxEntry,
  PendingSecretKey,
  Progress,
  SecretKey,
  SendOptions,
  SyncResult,
  ThreadSummary,
  Traffic,
} from "./model.ts";
import type { Search, SearchEngine } from "./search/model.ts";
import type { Storage } from "./storage/storage.ts";
import type { WorkerLike } from "./work/thread.ts";

/** What a client is given from outside; nothing else of the world is touched. */
export interface ClientDeps {
  /** The guarded fetch of `@smimp/identity/guarded-fetch` in Node. */
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Threads for proofs of work, where the platform's own don't do. */
  readonly work?: WorkSettings;
  /** Full-text search; in Node `createSqliteSearch()` of `@smimp/client/sqlite-search`. Without it nothing can be searched for. */
  readonly search?: SearchEngine;
  /**
   * Longest wait before the history of a stranger is fetched who wrote for the first time, milliseconds: when a message was opened
   * shall not show at their server. 256 where somebody waits for a sync, 5,000 in the background, where it is left out.
   */
  readonly jitter?: number;
  /**
   * Longest wait for a server's answer, seconds, and for each 64 KiB of one that comes bit by bit; then it is
   * `temporarily_unavailable`. 60 where it is left out.
   */
  readonly patience?: number;
}

/** How proofs of work are done; nothing of it has to be set. */
export interface WorkSettings {
  /** Most threads at a time, one a core unless given; 0: none, so that all is done in turns of this event loop. */
  readonly threads?: number;
  /**
   * Starts a browser's Worker that runs `@smimp/client/worker`, where it is not to be had as `worker.js` beside the module that
   * holds the client, or where a page's policy asks for more than an address.
   */
  readonly startWorker?: () => WorkerLike;
}

/** An invitation: `${baseUrl}join#${code}` (protocol section 8). */
export interface Invite {
  readonly baseUrl: BaseUrl;
  /** 32 base32 characters; null where registration is open. */
  readonly code: string | null;
}

/** What `createAccount` needs. */
export interface CreateAccountOptions extends SendOptions {
  readonly storage: Storage;
  readonly invite: Invite;
  readonly address: Address;
  readonly deps: ClientDeps;
  /** The public name in the profile. */
  readonly name?: string;
  /** What this device is called. */
  readonly deviceName?: string;
  /**
   * Shows the 24 words; the account counts as open once it resolves. Until then a crash loses nothing: `createAccount`, called
   * again, goes on and shows the same words.
   */
  readonly keepPhrase?: (phrase: string) => Promise<void>;
}

/** A new account. */
export interface CreatedAccount {
  readonly client: Client;
  /** 24 words, to be written on paper and forgotten: the client keeps neither them nor what they stand for. */
  readonly phrase: string;
}

/** One page of a list. */
export interface PageOptions {
  readonly limit?: number;
  /** The last message of the page before. */
  readonly after?: Hex32;
}

/** What of the outbox is tried, and how. */
export interface FlushOptions extends SendOptions {
  /** Tries all that is queued, due or not. */
  readonly force?: boolean;
  /** Tries this entry alone. */
  readonly id?: string;
}

/** The outbox: durable, each copy delivered exactly once. */
export interface Outbox {
  list(): Promise<readonly OutboxEntry[]>;
  get(id: string): Promise<OutboxEntry | null>;
  /** Stores a draft in one transaction; it survives a restart from then on. Throws TypeError for a draft without recipients or with more than 1,000. */
  enqueue(draft: Draft): Promise<OutboxEntry>;
  /** As `enqueue`, a short message. */
  enqueueShort(to: readonly Address[], text: string, attachments?: readonly DraftAttachment[]): Promise<OutboxEntry>;
  /**
   * What was written, to write on it again: an email or a short message, which has its text as `body`. Attachments can be opened for as
   * long as the entry is there, and fail with `not_found` once they are kept no more. Throws `not_found` for an unknown entry and for
   * other types.
   */
  written(id: string): Promise<Draft>;
  /**
   * Tries what is due now, many copies side by side but few to one server; returns the entries that it touched, once each of their
   * copies was tried. A server that doesn't answer delays only its own copies.
   */
  flush(options?: FlushOptions): Promise<readonly OutboxEntry[]>;
  /**
   * Queues the copies that have failed for good once more, or those of them that go to `to`; `flush` sends them. Throws `not_found`
   * for an unknown entry, TypeError after a week for one with attachments: they are kept no more.
   */
  retry(id: string, options?: { readonly to?: readonly Address[] }): Promise<OutboxEntry>;
  /** Takes an entry out, stopping what is on its way of it. Resolves with what had become of its copies by then; null where it is unknown. */
  remove(id: string): Promise<OutboxEntry | null>;
}

/** Which messages are listed: those of a folder (null: the inbox), with a label, or of a view; all where nothing is said. */
export interface InboxListOptions extends PageOptions {
  /** A folder's id; null is the inbox. */
  readonly folder?: string | null;
  readonly label?: string;
  /** `inbox`: what came in and was not moved; `sent`: the owner's own; `all`: whatever folder it is in. */
  readonly view?: "inbox" | "sent" | "all" | "starred";
}

/**
 * Which threads are listed: letters of a view, a folder, with a label, or short messages as conversations. What lies in folders for
 * trash or junk stands only in the lists of these.
 */
export interface ThreadListOptions extends InboxListOptions {
  /** `mail` unless said otherwise; `chats` are not narrowed any further. */
  readonly kind?: "mail" | "chats";
  /** Leaves out so many threads first: a page from anywhere in a long list. */
  readonly skip?: number;
}

/** How much stands in a list of threads. */
export interface ThreadCounts {
  readonly threads: number;
  /** Threads with an unread message in the list. */
  readonly unreadThreads: number;
  /** Messages, of all threads. */
  readonly total: number;
  readonly unread: number;
}

/** The inbox as it was last synced. */
export interface Inbox {
  /** Newest first. */
  list(options?: InboxListOptions): Promise<readonly InboxSummary[]>;
  /**
   * Threads, the one with the newest message in the list first; `after` is the `latest` of the last one before. A page costs the same
   * wherever in the list it is, and however long its threads are.
   */
  threads(options?: ThreadListOptions): Promise<readonly ThreadSummary[]>;
  /** How long a list of threads is. */
  countThreads(options?: Omit<ThreadListOptions, keyof PageOptions | "skip">): Promise<ThreadCounts>;
  /** Those messages of a thread that stand in a list, oldest first. */
  threadIn(threadId: Hex32, options: Omit<ThreadListOptions, keyof PageOptions | "skip">): Promise<readonly InboxSummary[]>;
  /** Every message that stands in a list, newest first, a page at a time. */
  messagesIn(options?: Omit<ThreadListOptions, keyof PageOptions | "skip">): AsyncIterable<readonly InboxSummary[]>;
  /** The messages of a thread, sent ones too and whatever folder they are in, oldest first. */
  thread(threadId: Hex32): Promise<readonly InboxSummary[]>;
  /** The short messages between the owner and these people, oldest first. */
  conversation(people: readonly Address[]): Promise<readonly InboxSummary[]>;
  /** How many messages a list holds, and how many of them are unread. */
  count(options?: Omit<InboxListOptions, keyof PageOptions>): Promise<{ readonly total: number; readonly unread: number }>;
  /** Every label that a message bears. */
  labels(): Promise<readonly { readonly label: string; readonly total: number; readonly unread: number }[]>;
  /** The line of a message; null where it is not here. */
  get(messageId: Hex32): Promise<InboxSummary | null>;
  /** The whole message, without marking it as read; one that is only listed so far is fetched. Throws `not_found`, or as a request does. */
  read(messageId: Hex32): Promise<InboxMessage>;
  /** The content of an attachment, verified chunk by chunk; throws after the last chunk if the whole isn't what was announced. */
  attachment(
    messageId: Hex32,
    index: number,
    options?: { readonly onProgress?: (progress: Progress) => void; readonly signal?: AbortSignal },
  ): AsyncIterable<Uint8Array>;
  setRead(messageIds: Hex32 | readonly Hex32[], read: boolean): Promise<void>;
  /** Adds and takes away labels, which only the owner's devices can read. Throws `not_found`. */
  label(messageIds: readonly Hex32[], change: { readonly add?: readonly string[]; readonly remove?: readonly string[] }): Promise<void>;
  star(messageIds: readonly Hex32[], starred: boolean): Promise<void>;
  /** Deletes it here and on the server. */
  remove(messageId: Hex32): Promise<void>;
  /** Deletes them here and on the server, some at a time; what fails leaves the others deleted. */
  removeMany(messageIds: readonly Hex32[]): Promise<void>;
}

/** People whose identities are pinned. */
export interface Contacts {
  list(): Promise<readonly Contact[]>;
  get(address: Address): Promise<Contact | null>;
  /** Fetches the whole history, checks it and pins it. Throws `history_rewritten` and the other codes of protocol section 3. */
  resolve(address: Address): Promise<Resolved>;
  /** The history as it was last fetched, the owner's own too; where it isn't here it is fetched, as `resolve` does, and throws as that. */
  history(address: Address): Promise<History>;
  /** What people call themselves, as far as it is known here: no server is asked. */
  names(addresses: readonly Address[]): Promise<readonly (string | null)[]>;
  /** Marks the safety number as compared; a key change takes the mark away. */
  setVerified(address: Address, verified: boolean): Promise<void>;
}

/** One of the owner's devices. */
export interface Device {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly addedAt: Timestamp;
  readonly thisOne: boolean;
}

/** The devices that share the account (protocol section 8). */
export interface Devices {
  /** As this device knows them, by the time that they were added. */
  list(): Promise<readonly Device[]>;
  /**
   * Lets a new device in, whose link code its owner has typed or scanned here. Throws `bad_request` for a code that is none, `not_found`
   * for one that has expired, `commitment_mismatch` where the server shows the key of another device, `conflict` for one that was used.
   */
  link(linkCode: string): Promise<void>;
  /** Throws `not_found`; TypeError for a name that is empty or has more than 100 characters. */
  rename(id: string, name: string): Promise<void>;
  /**
   * Shuts a device out: master key, K, message keys and the month's archive key are replaced, and all other devices are handed them. What
   * it has seen it can keep; of what comes from now on it can read nothing. Throws `not_found`; TypeError for this device itself.
   */
  remove(id: string): Promise<void>;
}

/** What linking a new device needs. */
export interface LinkDeviceOptions {
  /** Empty. */
  readonly storage: Storage;
  readonly address: Address;
  readonly deps: ClientDeps;
  /** What the device is called; 1 to 100 characters. */
  readonly name: string;
}

/** A device that waits to be linked. */
export interface DeviceLinking {
  /** 42 base32 characters in groups of four, for `devices.link` of a device that is linked already. */
  readonly linkCode: string;
  /** Ten minutes after it began. */
  readonly expiresAt: Timestamp;
  /**
   * Waits for the other device and opens the account. Throws `not_found` once the code has expired, `decryption_failed` where somebody
   * answered who had not seen it, `own_history_mismatch` where the server's history is not the other device's; the signal's reason.
   */
  finish(options?: { readonly signal?: AbortSignal }): Promise<Client>;
  /** Stops waiting: `finish` throws an AbortError. */
  cancel(): void;
}

/** How the owner's keys stand. */
export interface KeysStatus {
  readonly publicKey: string;
  readonly masterSince: Timestamp;
  readonly recoverySince: Timestamp;
  /** Records of the own history, of which there can be 1,000. */
  readonly records: number;
  /** Single-use keys that were published and not used, as far as this device knows. */
  readonly singleUseKeys: number;
  /** Months whose archive keys are there, e.g. `2026-11`, the oldest first. */
  readonly archiveMonths: readonly string[];
  /** Whether the server's keystore holds all that this device knows. */
  readonly saved: boolean;
  /** Whether a change of keys was interrupted: it goes on with the next sync. */
  readonly changing: boolean;
}

/** The owner's keys (protocol sections 3, 4 and 8). */
export interface Keys {
  status(): Promise<KeysStatus>;
  /** Saves the keystore where something changed, and takes over what other devices saved. */
  save(): Promise<void>;
  /**
   * Replaces the master key, message keys and K; the other devices are handed them. Throws `rate_limited` beyond 20 records a day, and
   * `temporarily_unavailable` where the server can't be reached: then it goes on with the next sync.
   */
  rotate(): Promise<void>;
  /**
   * Replaces the recovery phrase, and with it recovery key, master key and K; older versions of the keystore are erased. `keepPhrase` shows
   * the new words and resolves once they are on paper: only then anything changes. Throws `bad_request` for words that are no phrase,
   * `unauthenticated` for another's, and as `rotate`: after `temporarily_unavailable` both sheets are to be kept until `status` says
   * that nothing is changing any more. A notice says so if the old phrase stays. Resolves with the new words.
   */
  changePhrase(options: { readonly oldPhrase: string; readonly keepPhrase: (phrase: string) => Promise<void> }): Promise<string>;
  /**
   * Burns everything that was opened before a month, e.g. `2026-03`: destroys its archive keys here, on the server and, with their next
   * syncs, on all devices, and whatever of these messages is left on this one, among what was sent and in the search index too. Nobody
   * can read them any more; they are shown as burned. What matters is when a message was opened, not when it was sent: mail that was
   * imported this month burns with this month. Resolves with how many messages of this device burned, and how many stay readable though
   * they are dated before that month; where the server can't be reached, it goes on with the next sync. Throws TypeError.
   */
  burnBefore(month: string): Promise<{ readonly messages: number; readonly stay: number }>;
}

/** What somebody says of themselves in public (protocol section 3). */
export interface OwnProfile {
  readonly name: string | null;
  readonly website: string | null;
  readonly profiles: readonly string[];
  readonly avatar: { readonly hash: Hex32; readonly mediaType: "image/png" | "image/jpeg" } | null;
}

/** An image that goes with a profile; its hash and its first bytes are as they have to be. */
export interface Avatar {
  readonly hash: Hex32;
  readonly mediaType: "image/png" | "image/jpeg";
  readonly bytes: Uint8Array;
}

/** What is to be changed of a profile; what is left out stays, null takes it away. */
export interface ProfileChange {
  readonly name?: string | null;
  /** An https URL. */
  readonly website?: string | null;
  /** https URLs, at most 64. */
  readonly profiles?: readonly string[] | null;
  /** Takes the avatar away; `setAvatar` sets one. */
  readonly avatar?: null;
}

/** The public profile: each change is a record of the history, of which there are 1,000 in all and 20 a day (protocol section 3). */
export interface ProfileRoom {
  get(): Promise<OwnProfile>;
  /** Somebody else's, as it was when their history was last fetched; null where they have none. */
  of(address: Address): Promise<OwnProfile | null>;
  /**
   * The avatar that somebody's profile names, or the owner's own; null where it names none, where there is none, or where what the server
   * shows is not the one. Kept, unless it is large. With `fetch: false` no server is asked: what wasn't fetched before is null.
   */
  avatarOf(address: Address, options?: { readonly fetch?: boolean }): Promise<Avatar | null>;
  /** Throws `bad_request` for what is no https URL or too long, `too_large`, `rate_limited`. */
  set(change: ProfileChange): Promise<void>;
  /** Throws `bad_request` for what is no image of that type, `too_large` beyond 1 MiB. */
  setAvatar(bytes: Uint8Array, mediaType: "image/png" | "image/jpeg"): Promise<void>;
  /** Has the server delete profile and avatar; the history, with its hashes of them, stays valid. */
  deletePersonalData(): Promise<void>;
}

/** What moving an account needs. */
export interface MoveOptions {
  /** The new server's base URL; it must hold the account's domain. */
  readonly to: BaseUrl;
  /** A one-time code of the new server. */
  readonly code: string | null;
  readonly signal?: AbortSignal;
}

/**
 * How far a move is. `announcing` and `copying` go on where they were interrupted; `waiting_for_domain` until whoever keeps the domain's
 * smimp.txt has it name the new server; `settling` for two hours, in which mail that still comes to the old server is taken along.
 */
export interface MoveStatus {
  readonly step: "none" | "announcing" | "copying" | "waiting_for_domain" | "settling";
  readonly from: BaseUrl | null;
  readonly to: BaseUrl | null;
}

/** How much of the server's room an account takes, bytes. */
export interface Quota {
  readonly used: number;
  /** Null where there is no limit. */
  readonly total: number | null;
}

/** The account as a whole (protocol sections 3 and 8). */
export interface AccountRoom {
  /** How much room there is on the server, as it says now. */
  quota(): Promise<Quota>;
  /** Everything that the server holds, sealed as it is: lines of JSON. Throws `temporarily_unavailable` where it breaks off, `rate_limited`. */
  export(options?: { readonly signal?: AbortSignal }): AsyncIterable<Uint8Array>;
  /**
   * Deletes the account on its server, or after a move on the old one (`server`), for good: the address can never be opened there again.
   * Throws `bad_request` for words that are no phrase, `unauthenticated` for another's.
   */
  remove(options: { readonly phrase: string; readonly server?: BaseUrl }): Promise<void>;
  /**
   * Moves to another server, as far as that goes now; called again, or with each sync, it goes on. Who writes and who is written to
   * notices nothing; this and all other devices follow by themselves. Throws `wrong_server`, `unauthenticated` for a wrong code,
   * `quota_exceeded`, and a transport's errors; TypeError where another move is under way.
   */
  move(options: MoveOptions): Promise<MoveStatus>;
  moveStatus(): Promise<MoveStatus>;
  /** Gives a move up, before the domain names the new server. What was copied stays there until it is deleted. Throws TypeError once it has. */
  cancelMove(): Promise<void>;
}

/** What restoring an account needs. */
export interface RecoverOptions {
  /** Empty, or one in which a recovery of this address was interrupted. */
  readonly storage: Storage;
  /** 24 words. */
  readonly phrase: string;
  readonly address: Address;
  readonly deps: ClientDeps;
  /** What this device is called. */
  readonly deviceName?: string;
  /** Replaces the master key and leaves all other devices behind: for one that was lost or stolen. */
  readonly rotate?: boolean;
  /** After a thief has replaced the master key: takes the address back, with what the keystores from before hold. Includes `rotate`. */
  readonly takeBack?: boolean;
}

/** Notices that were not dismissed. */
export interface Notices {
  list(): Promise<readonly Notice[]>;
  dismiss(id: string): Promise<void>;
}

/** Drafts: here at once, on the owner's other devices with the next sync. Where two devices write on the same one, both are kept. */
export interface Drafts {
  /**
   * Stores a draft, in place of the one with this id; one that was sent or deleted meanwhile is a new one, with a new id. Attachments
   * that `get` gave out are taken over as they are. Throws TypeError for an attachment of another size than announced, `bad_request`.
   */
  save(draft: Draft, id?: string): Promise<{ readonly id: string }>;
  /** The one that was written last first. */
  list(): Promise<readonly DraftSummary[]>;
  /** Throws `not_found`. */
  get(id: string): Promise<DraftSummary & { readonly draft: Draft }>;
  /** Deletes it here and, with the next sync, everywhere. Throws `not_found`. */
  remove(id: string): Promise<void>;
  /** Sends it, as `send` does, and deletes it everywhere: from the moment it is in the outbox it is no draft any more. Throws `not_found`. */
  send(id: string, options?: SendOptions): Promise<OutboxEntry>;
  /** Puts it into the outbox, as `outbox.enqueue` does, and deletes it everywhere. Throws `not_found`, and TypeError as `enqueue` does. */
  enqueue(id: string): Promise<OutboxEntry>;
}

/** The text that the owner ends messages with, for whatever shows a new message to be written; CommonMark. All devices share it. */
export interface Signature {
  /** Null where there is none. */
  get(): Promise<string | null>;
  /** Null takes it away. Throws `bad_request` beyond 16,384 characters. */
  set(text: string | null): Promise<void>;
}

/** Folders, their names sealed. What is here can be read without a server; changes need one. */
export interface Folders {
  /** By name. */
  list(): Promise<readonly Folder[]>;
  /** Throws `not_found` for a parent that is none, `conflict` where folders would stand too deep, `quota_exceeded`. */
  create(folder: {
    readonly name: string;
    readonly role?: "archive" | "junk" | "trash";
    readonly parent?: string | null;
    /** `email` where it is left out. */
    readonly messageType?: MessageType;
  }): Promise<Folder>;
  rename(id: string, name: string): Promise<Folder>;
  /** Puts it into another folder, or with null beside all others. Throws `conflict` where it would stand in itself. */
  setParent(id: string, parent: string | null): Promise<Folder>;
  /** Deletes an empty folder. Throws `conflict` where something stands in it. */
  remove(id: string): Promise<void>;
  /** Moves messages to a folder of their type, or with null to the inbox. Throws `not_found`. */
  move(messageIds: readonly Hex32[], folder: string | null): Promise<void>;
}

/** Whom the owner lets in without work, or keeps out: addresses, and `#domain` for all of a domain. */
export interface AccessList {
  list(): Promise<readonly ListedEntry[]>;
  /** Adds an entry, or changes what is noted of it. Throws `bad_address`, `quota_exceeded`. */
  add(entry: string, text?: string): Promise<ListedEntry>;
  /** Takes an entry away, named as it was added or by its hash. Throws `bad_address`. */
  remove(entry: string): Promise<void>;
}

/** Address beats domain, allow beats block. Everybody the owner writes to is let in by the sync that follows, unless kept out by name. */
export interface Lists {
  readonly allow: AccessList;
  /** Who is added finds the account closed; what they sent before and waits for their history is deleted. */
  readonly block: AccessList;
}

/** Automatic answers in the owner's absence. */
export interface AutoReplies {
  get(): Promise<AutoReply | null>;
  /**
   * Answers everybody known who writes, once in so many days each, from now on; null ends it. All devices share it, and one of them
   * answers. Never answered: automatic answers, oneself, who was written to in secret (bcc), strangers, and mail from elsewhere.
   */
  set(reply: AutoReply | null): Promise<void>;
}

/** Messages of applications: types that begin with `x-custom-`, bytes of any kind (protocol section 9). */
export interface Applications {
  /** Sends bytes to one or more programs of people; no copy is kept. Throws `bad_request` for another type. */
  send(to: Address | readonly Address[], type: string, bytes: Uint8Array, options?: SendOptions): Promise<OutboxEntry>;
  /** Messages of a type, newest first; 100 where no limit is given. */
  list(type: string, options?: PageOptions): Promise<readonly ApplicationMessage[]>;
  /** Deletes it here and on the server. */
  remove(messageId: Hex32): Promise<void>;
}

/** Keys that people hand over to each other. Nothing is imported that wasn't accepted. */
export interface SecretKeys {
  /** Keys that came in and wait for a word. */
  pending(): Promise<readonly PendingSecretKey[]>;
  /** Imports a key, on all devices of the owner. Throws `not_found` where none waits. */
  accept(messageId: Hex32): Promise<SecretKey>;
  /** Deletes it unseen. Throws `not_found` where none waits. */
  decline(messageId: Hex32): Promise<void>;
  /** Keys that were accepted. */
  list(): Promise<readonly SecretKey[]>;
  /** Destroys an accepted key and deletes its message. */
  remove(messageId: Hex32): Promise<void>;
  send(
    to: Address,
    key: {
      readonly kind: SecretKey["kind"];
      readonly name: string;
      readonly algorithm: string;
      /** 1 to 8,192 bytes. */
      readonly key: Uint8Array;
      readonly note?: string;
    },
    options?: SendOptions,
  ): Promise<OutboxEntry>;
}

/** One email from elsewhere. */
export interface MailToImport {
  /** Names this mail, e.g. its Message-ID or a hash of it all: what was imported under a key is not imported again. */
  readonly key: string;
  /** What it says of itself; of at most 998 characters each. */
  readonly imported: ImportedMail;
  readonly subject: string;
  readonly body: string;
  readonly attachments: readonly DraftAttachment[];
  readonly read: boolean;
  /** The id of a folder; the inbox where it is left out. */
  readonly folder?: string;
  /** When it was received where it comes from: its place in lists; its date where this is left out. */
  readonly receivedAt?: Timestamp;
  /** What mail of the same thread has in common, e.g. the first Message-ID of `References`. */
  readonly thread?: string;
  readonly signal?: AbortSignal;
}

/** Mail from elsewhere, sealed to oneself and shown as not authenticated (protocol section 9). */
export interface Imports {
  /**
   * Leaves one email in the own mailbox, where the next sync finds it; `known` where that was done before, on whichever device.
   * May be called for many at a time: so many as are good for it are on their way together. Throws `bad_request` for content that no
   * message can hold, TypeError for an attachment of another size than announced, and as requests do: then it can be called again.
   */
  add(mail: MailToImport): Promise<"added" | "known">;
}

/** One person's account on one device. */
export interface Client extends AsyncDisposable {
  readonly address: Address;
  readonly baseUrl: BaseUrl;
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  readonly contacts: Contacts;
  readonly devices: Devices;
  readonly keys: Keys;
  readonly profile: ProfileRoom;
  readonly account: AccountRoom;
  readonly notices: Notices;
  readonly imports: Imports;
  readonly search: Search;
  readonly lists: Lists;
  readonly autoReply: AutoReplies;
  readonly signature: Signature;
  readonly folders: Folders;
  readonly drafts: Drafts;
  readonly applications: Applications;
  readonly secretKeys: SecretKeys;
  /** Fetches what is new, opens and archives it, and tops up keys. */
  sync(options?: { readonly signal?: AbortSignal }): Promise<SyncResult>;
  /** Enqueues a draft and tries each copy once; what can't be sent now stays queued. */
  send(draft: Draft, options?: SendOptions): Promise<OutboxEntry>;
  /** Sends a short message to one or more people, as `send` does; its copy stands in the conversation with them. */
  sendShort(
    to: Address | readonly Address[],
    text: string,
    attachments?: readonly DraftAttachment[],
    options?: SendOptions,
  ): Promise<OutboxEntry>;
  /** Stays connected: syncs and flushes whenever something changes, until `signal` aborts. */
  watch(options?: SendOptions): AsyncIterable<ClientEvent>;
  traffic(): Traffic;
  /** Ends sessions and closes the storage. */
  close(): Promise<void>;
}

import type { Address, BaseUrl, Hex32, MessageType, ProblemCode, Timestamp } from "@smimp/protocol";

// What callers of the client hand in and get back. Wire names end at this file: everything here is camelCase.

/** An attachment as a sender hands it over. `open` is called once for each time that it is handed over; its bytes are copied. */
export interface DraftAttachment {
  readonly name: string;
  readonly mediaType: string;
  /** Bytes of the content; the stream must give exactly as many. */
  readonly size: number;
  open(): AsyncIterable<Uint8Array>;
}

/** A message before it is sealed (protocol section 9, `email`). */
export interface Draft {
  readonly to: readonly Address[];
  readonly cc?: readonly Address[];
  /** Get a copy and stand in neither `to` nor `cc`. */
  readonly bcc?: readonly Address[];
  readonly subject: string;
  /** CommonMark. */
  readonly body: string;
  readonly attachments?: readonly DraftAttachment[];
  /** The message this one answers: sets `in_reply_to` and the thread. */
  readonly replyTo?: { readonly ref: Hex32; readonly threadId: Hex32 | null };
  /** Whether a sealed copy goes into the sender's own mailbox; yes unless said otherwise. */
  readonly keepCopy?: boolean;
  /** Where answers shall go, and automatic ones, if not to the sender. */
  readonly answersTo?: Address;
  readonly autoAnswersTo?: Address;
  /**
   * Written by a program, and not by its owner: no program answers it, so that two of them don't write to each other for ever (protocol
   * section 9). Whom it goes to is not let in by it, and no notice says that it failed.
   */
  readonly automatic?: true;
}

/** A draft, as lists show it. */
export interface DraftSummary {
  /** Names it on this device. */
  readonly id: string;
  readonly savedAt: Timestamp;
  /** Everybody it is to go to. */
  readonly to: readonly Address[];
  readonly subject: string;
  readonly preview: string;
  readonly attachments: number;
  /** Other devices can have it as it is here. */
  readonly synced: boolean;
}

/** Where one copy of a message stands. */
export type CopyState = "queued" | "sending" | "sent" | "failed";

/** One recipient's copy in the outbox. */
export interface OutboxCopy {
  readonly to: Address;
  /** True for the copy in the sender's own mailbox. */
  readonly own: boolean;
  readonly state: CopyState;
  /** Why it is not sent, or why the last attempt failed. */
  readonly reason: ProblemCode | null;
  /** For people; holds neither content nor keys. */
  readonly detail: string | null;
  readonly attempts: number;
  /** Earliest next attempt while `queued`. */
  readonly nextAttemptAt: Timestamp;
  readonly messageId: Hex32 | null;
  /** HTTP requests that all attempts took so far, blobs included; lookups of an identity are not counted here. */
  readonly requests: number;
}

/** A message in the outbox: one copy for each recipient. */
export interface OutboxEntry {
  readonly id: string;
  /** Shared by all copies (protocol section 9). */
  readonly ref: Hex32;
  readonly messageType: MessageType;
  /** Empty for types that have none. */
  readonly subject: string;
  readonly queuedAt: Timestamp;
  readonly copies: readonly OutboxCopy[];
}

/** How far a piece of work is. `total` and `done` count bytes, tries for `work` (an expected total), and copies that were tried for `copies`. */
export interface Progress {
  readonly step: "resolve" | "session" | "key" | "work" | "seal" | "upload" | "send" | "copies" | "download";
  readonly to: Address | null;
  /** The attachment's file name for `upload` and `download`. */
  readonly name: string | null;
  readonly done: number;
  readonly total: number;
}

/** What a client asks its owner before going on (protocol section 7). */
export interface OwnerQuestion {
  readonly kind: "work";
  readonly to: Address;
  readonly expectedTries: number;
}

/** How to send. */
export interface SendOptions {
  readonly onProgress?: (progress: Progress) => void;
  /** Asked before more than 2^26 tries of work; without it the answer is no, and the copy fails with `pow_required`. */
  readonly askOwner?: (question: OwnerQuestion) => Promise<boolean>;
  /** Stops work, uploads and waiting; what was queued stays queued. */
  readonly signal?: AbortSignal;
}

/** How to send a short message. */
export interface ShortOptions extends SendOptions {
  /** As in `Draft`. */
  readonly automatic?: true;
}

/** An attachment of a received message. */
export interface InboxAttachment {
  readonly index: number;
  readonly name: string;
  readonly mediaType: string;
  /** Bytes of the content. */
  readonly size: number;
}

/**
 * `open`: verified and readable. `unconfirmed`: the sender's chain could not be fetched yet, so nothing is shown.
 * `invalid`: something is wrong with it; `reason` says what, and its content is never shown.
 * `burned`: its archive key was destroyed, and nobody can read it any more; what is left is who sent it, when it came and where it stands.
 */
export type InboxState = "open" | "unconfirmed" | "invalid" | "burned";

/** One line of the inbox. */
export interface InboxSummary {
  readonly messageId: Hex32;
  /** When the server took it; for imported mail when it was received before, as it claims. */
  readonly receivedAt: Timestamp;
  /** Greater than that of every message that came to the server before it: orders messages of the same second. */
  readonly position: number;
  /** Verified where `state` is `open`. */
  readonly from: Address;
  readonly state: InboxState;
  readonly reason: ProblemCode | null;
  readonly messageType: MessageType;
  readonly subject: string;
  /** The first words of the body. */
  readonly preview: string;
  /** How many attachments it has; 0 as long as it isn't fetched. */
  readonly attached: number;
  readonly read: boolean;
  /** Bytes on the server. */
  readonly size: number;
  /** The owner's own message: a sent copy. */
  readonly own: boolean;
  readonly marks: MessageMarks;
  /** False: only what another device of the owner's noted is here; the message is fetched in the background, or when it is read. */
  readonly fetched: boolean;
  /** Shared by all copies of the message; null until it is here and open. */
  readonly ref: Hex32 | null;
  /** What it belongs to: the thread that it names, else that of the message it answers; for short messages the conversation. */
  readonly threadId: Hex32 | null;
  /** The first of those in `to` and `cc`. */
  readonly recipients: readonly Address[];
  /** The id of its folder; null is the inbox. */
  readonly folder: string | null;
  readonly starred: boolean;
  readonly labels: readonly string[];
  /** What mail from elsewhere says of itself, unverified; null for messages of this system. */
  readonly imported: ImportedMail | null;
}

/** What imported mail said of itself where it came from: nobody has verified any of it. */
export interface ImportedMail {
  /** As it was written there, e.g. `Bob <bob@example.org>`; empty once it was burned. */
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly date: Timestamp | null;
  readonly messageId: string | null;
}

/** Messages that belong together. */
export interface ThreadSummary {
  /** Null for a message that belongs nowhere: it could not be opened. */
  readonly threadId: Hex32 | null;
  /** That of its first message. */
  readonly subject: string;
  /** The newest message in the list that was asked for. */
  readonly latest: InboxSummary;
  /** All that belong together, wherever they are. */
  readonly messages: number;
  /** Those that stand in the list, and how many of them are unread. */
  readonly listed: number;
  readonly unread: number;
  /** Who wrote or got one of the newest of them, who wrote first. */
  readonly participants: readonly Address[];
  /** What is marked on any of the newest of them. */
  readonly marks: MessageMarks;
}

/** What a person should know of a message beside its content. */
export interface MessageMarks {
  /** The sender was met with this message; their safety number was never compared. */
  readonly firstContact: boolean;
  /** Signed by a key that its owner revoked with the recovery key (protocol section 6). */
  readonly revokedKey: boolean;
  /** Signed by a key that had been replaced when the message was first seen (protocol section 6). */
  readonly formerKey: boolean;
  /** Came through a bridge or an import: not authenticated (protocol section 8). */
  readonly notAuthenticated: boolean;
}

/** A message as it is read. Content is empty unless `state` is `open`. */
export interface InboxMessage extends InboxSummary {
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly inReplyTo: Hex32 | null;
  /** Where its sender wants answers, if not at `from`. */
  readonly answersTo: Address | null;
  /** Written by a program, as an answer in its owner's absence is; never to be answered by one. */
  readonly autoReply: boolean;
  readonly dateSent: Timestamp | null;
  /** CommonMark of an email, text of a short message. */
  readonly body: string;
  readonly attachments: readonly InboxAttachment[];
}

/** A folder. Its name is sealed: only the owner's devices can read it. */
export interface Folder {
  readonly id: string;
  /** Null where it can't be read, because its archive key was destroyed: it wants to be named anew. */
  readonly name: string | null;
  /** What clients use it for, if for anything of their own. */
  readonly role: "archive" | "junk" | "trash" | null;
  /** The id of the folder that it stands in. */
  readonly parent: string | null;
  /** Only messages of this type go into it. */
  readonly messageType: MessageType;
  readonly total: number;
  readonly unread: number;
}

/** An entry of the allow or block list. */
export interface ListedEntry {
  readonly hash: Hex32;
  /** An address or `#domain`; null where it can't be told any more, because the key of its note was destroyed. */
  readonly entry: string | null;
  /** What the owner noted. */
  readonly text: string;
  readonly createdAt: Timestamp;
}

/** What is answered in the owner's absence. */
export interface AutoReply {
  readonly text: string;
  /** From when on, and until when; from now on and until it is ended where they are left out. */
  readonly from?: Timestamp;
  readonly until?: Timestamp;
  /** Nobody is answered more than once in so many days; 7 unless said otherwise. */
  readonly everyDays?: number;
}

/** A message of an application (protocol section 9). */
export interface ApplicationMessage {
  readonly messageId: Hex32;
  readonly from: Address;
  readonly messageType: MessageType;
  readonly receivedAt: Timestamp;
  /** Orders messages of the same second. */
  readonly position: number;
  readonly own: boolean;
  readonly marks: MessageMarks;
  readonly bytes: Uint8Array;
}

/** A key that somebody hands over (protocol section 9): what they say of it, as long as the owner hasn't accepted it. */
export interface PendingSecretKey {
  readonly messageId: Hex32;
  readonly from: Address;
  readonly kind: "signing" | "message" | "symmetric";
  readonly name: string;
  readonly algorithm: string;
  readonly note: string;
  readonly receivedAt: Timestamp;
  readonly marks: MessageMarks;
}

/** A key that was handed over and that the owner has accepted. */
export interface SecretKey extends PendingSecretKey {
  readonly key: Uint8Array;
}

/**
 * What a notice is about: a fault of protocol section 10; a contact's key that changed, so that the safety number has to be
 * compared again; a message that names a record which its sender's server doesn't show; a message given up after 5 days; that this
 * device is no longer one of the owner's, or that the server has no such account any more; that the server showed an older keystore than before; that one which nobody could open
 * stood in the place of the keystore and was replaced; that a new recovery phrase did not come into force; that a
 * move to another server is over.
 */
export type NoticeCode =
  | ProblemCode
  | "contact_key_changed"
  | "history_withheld"
  | "delivery_given_up"
  | "device_removed"
  | "account_deleted"
  | "keystore_rolled_back"
  | "keystore_replaced"
  | "phrase_unchanged"
  | "moved";

/** Something the person has to know, kept until it is dismissed. */
export interface Notice {
  readonly id: string;
  readonly at: Timestamp;
  readonly code: NoticeCode;
  /** Whom or what it is about, if anyone. */
  readonly address: Address | null;
  readonly messageId: Hex32 | null;
  readonly detail: string;
}

/** What `watch` reports. */
export type ClientEvent =
  | { readonly type: "message"; readonly message: InboxSummary }
  /** Another device of the owner's changed a message, or what it noted is here now; or a message waits for its sender to be confirmed. */
  | { readonly type: "changed"; readonly message: InboxSummary }
  /**
   * So many messages that another device has archived are listed now; they are fetched when they are read, or in the background. `more`:
   * the list of the whole mailbox goes on; whoever is new here gets it page by page.
   */
  | { readonly type: "listed"; readonly messages: number; readonly more: boolean }
  /** Another device of the owner's deleted a message. */
  | { readonly type: "removed"; readonly messageId: Hex32 }
  /** A message of an application came in. */
  | { readonly type: "custom"; readonly message: ApplicationMessage }
  /** Somebody handed over a key: it is imported once its owner accepts it, and not otherwise. */
  | { readonly type: "secret-key"; readonly key: PendingSecretKey }
  /** Another device of the owner's wrote a draft. */
  | { readonly type: "draft"; readonly id: string }
  | { readonly type: "sent"; readonly entry: OutboxEntry; readonly copy: OutboxCopy }
  | { readonly type: "failed"; readonly entry: OutboxEntry; readonly copy: OutboxCopy }
  | { readonly type: "notice"; readonly notice: Notice }
  | { readonly type: "connection"; readonly state: "connected" | "lost"; readonly reason: ProblemCode | null };

/** What a sync brought. */
export interface SyncResult {
  /** Messages that are new, oldest first; a new device's are not those that another one has archived. */
  readonly messages: readonly InboxSummary[];
  readonly notices: readonly Notice[];
}

/** A person whose identity is pinned. */
export interface Contact {
  readonly address: Address;
  readonly sequence: number;
  readonly link: Hex32;
  readonly publicKey: string;
  /** 60 digits to compare (protocol section 3); null in a list where the history isn't here yet: looking at the contact fetches it. */
  readonly safetyNumber: string | null;
  readonly verified: boolean;
  /** When the safety number was compared; null where it wasn't, or counts no more. */
  readonly verifiedAt: Timestamp | null;
  /** When this device saw that a compared safety number counts no more, since the keys changed; null once it was compared again or the owner took the mark away. */
  readonly loweredAt: Timestamp | null;
  /** Their server showed another history than this one: nothing is sent to them before it shows this one again. */
  readonly disputed: boolean;
  /** When this device first saw the history; null where it doesn't know, as where another device did. */
  readonly metAt: Timestamp | null;
  /** What they call themselves, as it was last fetched; null where they don't. */
  readonly name: string | null;
}

/** One record of somebody's history, verified. */
export interface HistoryRecord {
  readonly sequence: number;
  readonly link: Hex32;
  /** As its owner dated it. */
  readonly changedAt: Timestamp;
  /** Whose word it is: the master key's of the record before, or the recovery phrase's. */
  readonly signedBy: "master" | "recovery";
  readonly servers: readonly BaseUrl[];
  /** What it changed of the record before; `opened` is the first one's alone. */
  readonly changes: readonly ("opened" | "key" | "recovery_key" | "servers" | "profile")[];
}

/** Somebody's history, as it was last fetched and checked. */
export interface History {
  readonly address: Address;
  readonly baseUrl: BaseUrl;
  /** From the first record on. */
  readonly records: readonly HistoryRecord[];
}

/** Requests and bytes that left and came, since the client was opened. */
export interface Traffic {
  readonly requests: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

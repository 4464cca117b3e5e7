import type { Address, Hex32, MessageType, Statement, Timestamp } from "@smimp/protocol";
import type { PaidWork } from "./tickets.ts";

/** How a message came in (protocol section 8). */
export type ReceivedVia = "smimp_client" | "smtp_bridge" | "imap_bridge" | "import_api";

/** A message that passed every check, ready to be stored. */
export interface NewMessage {
  readonly recipient: Address;
  readonly messageId: Hex32;
  /** The exact text that was signed. */
  readonly envelope: Statement;
  readonly from: Address;
  readonly messageType: MessageType;
  readonly receivedAt: Timestamp;
  readonly receivedVia: ReceivedVia;
  readonly work: PaidWork | null;
  /** The ticket it came under, whose uploads it may name. */
  readonly ticket: Hex32;
  readonly blobs: readonly { readonly hash: Hex32; readonly size: number }[];
}

/** A line of a folder's listing. `size`: bytes of the envelope's data and all blobs. */
export interface MessageLine {
  readonly messageId: Hex32;
  readonly receivedAt: Timestamp;
  /** The state with which it came: orders messages of the same second. */
  readonly position: number;
  readonly read: boolean;
  readonly from: Address;
  readonly size: number;
  /** `b64`, as the client sent it. */
  readonly archive: string | null;
  readonly summary: string | null;
}

/** A message as it is kept. */
export interface Message extends MessageLine {
  readonly envelope: Statement;
  readonly messageType: MessageType;
  readonly receivedVia: ReceivedVia;
  readonly folder: string | null;
  readonly work: PaidWork | null;
  readonly extensions: string | null;
}

/** One page of a folder, newest first. */
export interface MessagePage {
  readonly messages: readonly MessageLine[];
  /** What to ask the next page with; null: this is the last. Decimal digits. */
  readonly cursor: string | null;
  /** The account's state that the page shows. */
  readonly state: number;
}

/** What happened to an account's messages after a state (protocol section 8). */
export interface Changes {
  /** The state up to which this tells; ask with it next. */
  readonly state: number;
  readonly created: readonly Hex32[];
  readonly updated: readonly Hex32[];
  /** May name a message that the asker never saw. */
  readonly destroyed: readonly Hex32[];
  /** Whether a folder was made, changed or deleted. */
  readonly folders: boolean;
  /** Whether there is more: ask again. */
  readonly more: boolean;
}

/** What must hold of the `archive`, or `extensions`, that stands: its ETag, or that there is none (`If-None-Match: *`). */
export type SealedCondition = { readonly etag: string } | "none";

/** Questions about messages. Another account's ids answer as unknown ones (protocol section 10). */
export interface MessagesReader {
  /** Whether this message was accepted before: it is stored, or was deleted less than 30 days ago (protocol section 6). */
  wasAccepted(recipient: Address, messageId: Hex32): Promise<boolean>;
  find(owner: Address, messageId: Hex32): Promise<Message | null>;
  /** Those there are, in the order asked. */
  findMany(owner: Address, messageIds: readonly Hex32[]): Promise<readonly Message[]>;
  /** A page of a type's root folder, or of a folder of that type. Throws `bad_request` for a cursor that none of these pages gave. */
  page(
    owner: Address,
    messageType: MessageType,
    options: { readonly folder?: string | null; readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<MessagePage>;
  /** The account's state. Throws `unknown_user` without such an account. */
  state(owner: Address): Promise<number>;
  /**
   * At most `limit` changes after a state. Throws `state_too_old` where what was destroyed since then is no longer known, or
   * the state is none of this account's; state 0 always works, and with `forgotten` every earlier one: then what was destroyed may be
   * missing.
   */
  changes(owner: Address, since: number, limit: number, options?: { readonly forgotten: boolean }): Promise<Changes>;
}

/** Changes of messages. Each adds one to the account's state; methods that make one resolve with the new state. */
export interface MessagesWriter extends MessagesReader {
  /**
   * Stores a message in the root of its type, gives it the uploads that it names, counts its bytes, remembers its id. Throws `blob_missing` where a blob
   * was not uploaded whole, with that size, under its ticket; `conflict` where it was accepted before; `unknown_user` without recipient.
   */
  add(message: NewMessage): Promise<number>;
  /** Deletes a message; its id is remembered for 30 days; its blobs' files go after the commit. Null: no such message. */
  remove(owner: Address, messageId: Hex32, at: Timestamp): Promise<number | null>;
  /** Marks a message; the state moves only if that changes something. Null: no such message. */
  setRead(owner: Address, messageId: Hex32, read: boolean): Promise<number | null>;
  /**
   * Moves a message to a folder, or with null to the root; the state moves only if that changes something. Throws `not_found` where its
   * type has no such folder. Null: no such message.
   */
  move(owner: Address, messageId: Hex32, folder: string | null): Promise<number | null>;
  /**
   * Stores what the owner's clients keep about a message, sealed, and counts its bytes. Throws `precondition_failed` where a condition is
   * given and not met. Null: no such message.
   */
  setExtensions(
    owner: Address,
    messageId: Hex32,
    extensions: string,
    condition: SealedCondition | null,
  ): Promise<{ readonly state: number; readonly grownBy: number } | null>;
  /** Stores the sealed message key and summary. Throws `precondition_failed`. Null: no such message. */
  setArchive(
    owner: Address,
    messageId: Hex32,
    archive: { readonly archive: string; readonly summary: string },
    condition: SealedCondition,
  ): Promise<number | null>;
}

import type { Address, Hex32 } from "@smimp/protocol";
import type { InboxMessage, InboxSummary, Progress, ThreadSummary } from "../model.ts";

/** One page of a list. */
export interface PageOptions {
  readonly limit?: number;
  /** The last message of the page before. */
  readonly after?: Hex32;
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

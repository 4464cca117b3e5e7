import type { Hex32, Timestamp } from "@smimp/protocol";
import type { InboxAttachment, InboxMessage, InboxSummary } from "../model.ts";

/** How a search is narrowed and ordered, beside what the query itself says. */
export interface SearchOptions {
  /** At most so many hits; 50 unless said otherwise, 500 at most. */
  readonly limit?: number;
  /** Hits to pass over: those of the pages before. */
  readonly offset?: number;
  /** Newest first, unless the best match shall come first. */
  readonly order?: "newest" | "relevance";
  /** Only this folder's messages; null is the inbox. */
  readonly folder?: string | null;
  /** Only what came from a person or domain, as `from:` in a query. */
  readonly from?: string;
  /** Only what was received at that time or later. */
  readonly after?: Timestamp;
  /** Only what was received before that time. */
  readonly before?: Timestamp;
}

/** A piece of a message's text; `match` where it is what was searched for. */
export interface SnippetPart {
  readonly text: string;
  readonly match: boolean;
}

/** A message that was found, and where in its text. */
export interface SearchHit extends InboxSummary {
  readonly snippet: readonly SnippetPart[];
}

/** How much of the mailbox the index knows. */
export interface SearchStatus {
  /** Messages that can be found. */
  readonly indexed: number;
  /** Messages whose changes the index has not seen yet. */
  readonly pending: number;
}

/** What looks like an operator and is none, such as `after:soon`. */
export interface NotUnderstood {
  /** As it was typed. */
  readonly text: string;
  /** `words`: it was searched for as it stands; `nothing`: it narrows nothing; `no_folder`: nothing can be in a folder that is not there. */
  readonly taken: "words" | "nothing" | "no_folder";
}

/** What was found. */
export interface SearchResult extends SearchStatus {
  /** What of the query made no sense as it was typed. */
  readonly notUnderstood: readonly NotUnderstood[];
  readonly hits: readonly SearchHit[];
  /** There are more: ask again with a greater `offset`. */
  readonly more: boolean;
}

/** How an index is brought up to date. */
export interface IndexOptions {
  /** Told after every few messages. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Stops in between; what was done so far is kept. */
  readonly signal?: AbortSignal;
}

/** Search in everything that was received and sent, on this device alone: no server learns a query. */
export interface Search {
  /**
   * Finds messages by what people type: words (the last one may be unfinished), `"phrases"`, `-without`, `from:`, `to:`, `subject:`,
   * `in:` a folder, `label:`, `before:` and `after:` a date, `has:attachment`, `is:unread`. Whatever is typed, it is no error;
   * `notUnderstood` says which of these names stand before something that makes no sense there.
   * A few new messages are taken into the index first; a large backlog is not waited for (`pending` says how large it is).
   * Throws TypeError where the client was given no search engine.
   */
  find(query: string, options?: SearchOptions): Promise<SearchResult>;
  /** Brings the index up to date. Throws the reason of `signal`, and TypeError where the client was given no search engine. */
  index(options?: IndexOptions): Promise<SearchStatus>;
  /** How much of the mailbox the index knows, without opening it. */
  status(): Promise<SearchStatus>;
  /** Takes words of messages out of the index and of its sealed copy for good: for what was burned. Resolves when they are gone. */
  forget(messageIds: readonly Hex32[]): Promise<void>;
}

/** What the index takes from a whole message beside its line. */
export type SearchableContent = Pick<InboxMessage, "to" | "cc" | "body"> & {
  readonly attachments: readonly Pick<InboxAttachment, "name">[];
};

/** Which part of a message a term is looked for in. */
export type SearchField = "any" | "from" | "to" | "subject";

/** Words that stand together. */
export interface SearchTerm {
  readonly field: SearchField;
  /** Normalised as `searchable` does it, with at least one letter or digit. */
  readonly text: string;
  /** The last word may go on. */
  readonly prefix: boolean;
  /** Messages with it are left out. */
  readonly negated: boolean;
}

/** What an index is asked. Each member that is null or empty asks for nothing. */
export interface IndexQuery {
  readonly terms: readonly SearchTerm[];
  /** Ids of folders, of which the message is in one; null is the inbox. */
  readonly folders: readonly (string | null)[] | null;
  /** Ids of folders that are left out. */
  readonly exceptFolders: readonly string[];
  /** Labels that the message has, all of them, whatever their case. */
  readonly labels: readonly string[];
  readonly after: Timestamp | null;
  readonly before: Timestamp | null;
  readonly attachment: boolean | null;
  readonly unread: boolean | null;
  readonly starred: boolean | null;
  /** What the owner sent, or what was received. */
  readonly own: boolean | null;
  readonly order: "newest" | "relevance";
  readonly limit: number;
  readonly offset: number;
}

/** What of a message changes after it came. */
export interface IndexedState {
  readonly unread: boolean;
  readonly starred: boolean;
  readonly folder: string | null;
  readonly labels: readonly string[];
}

/** What is searched of a message; texts are normalised as `searchable` does it. */
export interface SearchDocument extends IndexedState {
  readonly messageId: Hex32;
  readonly receivedAt: Timestamp;
  readonly sender: string;
  readonly recipients: string;
  readonly subject: string;
  readonly body: string;
  /** Names of attachments. */
  readonly files: string;
  readonly attachment: boolean;
  readonly own: boolean;
  /** False while only a summary is here. */
  readonly whole: boolean;
}

/** A change of the index. */
export type IndexChange =
  | { readonly type: "put"; readonly document: SearchDocument }
  | ({ readonly type: "state"; readonly messageId: Hex32 } & IndexedState)
  | { readonly type: "remove"; readonly messageId: Hex32 };

/** A part of an image. A chunk with the hash of one that is stored already needs not be stored again. */
export interface ImageChunk {
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
}

/** A sealed copy to be: the index as bytes, in chunks. */
export interface IndexImage {
  readonly chunks: readonly ImageChunk[];
  /** A chunk's bytes. */
  chunk(index: number): Promise<Uint8Array>;
  /** Lets go of the bytes. */
  release(): Promise<void>;
}

/** A full-text index in memory. It keeps nothing anywhere: what shall outlive it is its image, which the client seals. */
export interface SearchIndex {
  /** For each message whether it is known as a whole, by a summary only, or not at all. */
  known(messageIds: readonly Hex32[]): Promise<readonly ("whole" | "summary" | null)[]>;
  /** Makes changes, all or none. */
  apply(changes: readonly IndexChange[]): Promise<void>;
  /** Ids of what matches, in the order asked; one more than `limit` where there are more. */
  find(query: IndexQuery): Promise<readonly Hex32[]>;
  /** Messages in it. */
  count(): Promise<number>;
  /** Its image; with `purge`, nothing is left in it of what was removed. */
  image(options: { readonly purge: boolean }): Promise<IndexImage>;
  close(): Promise<void>;
}

/** An image as it comes back. */
export interface StoredImage {
  /** Bytes in all. */
  readonly size: number;
  chunks(): AsyncIterable<Uint8Array>;
}

/** Makes indexes; each platform has its own. */
export interface SearchEngine {
  /** Names the form of its images: one of another form is not opened but made anew. */
  readonly format: string;
  /** Opens an index from its image, or an empty one. Rejects an image that it can't read. */
  open(image: StoredImage | null): Promise<SearchIndex>;
}

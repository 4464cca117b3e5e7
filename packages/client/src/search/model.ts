import type { Hex32, Timestamp } from "@smimp/protocol";
import type { InboxAttachment, InboxMessage } from "../model.ts";

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

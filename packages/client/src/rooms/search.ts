import type { Hex32, Timestamp } from "@smimp/protocol";
import type { InboxSummary } from "../model.ts";

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

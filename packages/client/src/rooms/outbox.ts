import type { Address } from "@smimp/protocol";
import type { Draft, DraftAttachment, OutboxEntry, SendOptions, ShortOptions } from "../model.ts";

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
  enqueueShort(
    to: readonly Address[],
    text: string,
    attachments?: readonly DraftAttachment[],
    options?: Pick<ShortOptions, "automatic">,
  ): Promise<OutboxEntry>;
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
  /**
   * Takes an entry out, stopping what is on its way of it. Resolves with what had become of its copies by then; null where it is unknown.
   * `keep` is told that, while nothing of the entry goes out any more and what was `written` can still be opened: to make a draft of it,
   * for example. Where it rejects, the entry stays and goes on being sent, and `remove` rejects with the same.
   */
  remove(id: string, options?: { readonly keep?: (entry: OutboxEntry) => Promise<void> }): Promise<OutboxEntry | null>;
}

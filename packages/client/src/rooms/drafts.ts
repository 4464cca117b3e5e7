import type { Draft, DraftSummary, OutboxEntry, SendOptions } from "../model.ts";

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

import type { Address, Timestamp } from "@smimp/protocol";
import { sql } from "kysely";
import type { MessagesWriter } from "./messages.ts";
import type { Queries } from "./schema.ts";
import type { Store } from "./store.ts";

/** Messages that one transaction deletes. */
const BATCH = 100;

/** Deletes what an operator's policy says is too old. */
export interface RetentionWriter {
  /**
   * Deletes at most `limit` messages that came at or before `until`, the oldest first, as their owners would: ids are remembered for 30
   * days, files go after the commit. Resolves with the accounts' new states, one for each message.
   */
  removeOlder(until: Timestamp, at: Timestamp, limit: number): Promise<readonly { readonly owner: Address; readonly state: number }[]>;
}

/**
 * Deletes all messages that came at or before `until`, in small transactions between which others run. `onState` is told each account's
 * newest state. Resolves with the number of messages.
 */
export async function deleteOldMessages(
  store: Store,
  until: Timestamp,
  at: Timestamp,
  onState: (owner: Address, state: number) => void,
): Promise<number> {
  for (let count = 0; ;) {
    const removed = await store.transact((writer) => writer.retention.removeOlder(until, at, BATCH));
    for (const [owner, state] of new Map(removed.map((each) => [each.owner, each.state]))) onState(owner, state);
    count += removed.length;
    if (removed.length < BATCH) return count;
  }
}

/** Retention in SQL. */
export class SqlRetention implements RetentionWriter {
  readonly #db: Queries;
  readonly #messages: MessagesWriter;

  constructor(db: Queries, messages: MessagesWriter) {
    this.#db = db;
    this.#messages = messages;
  }

  async removeOlder(until: Timestamp, at: Timestamp, limit: number): ReturnType<RetentionWriter["removeOlder"]> {
    const rows = await this.#db
      .selectFrom("messages")
      .innerJoin("accounts", "accounts.address", "messages.recipient")
      .select(["messages.recipient", "messages.message_id"])
      .where("messages.received_at", "<=", until)
      // Those of accounts that leave go with them; one that arrives is not looked at before it is whole.
      .where("accounts.phase", "=", sql.lit("live"))
      .orderBy("messages.received_at")
      .limit(limit)
      .execute();
    const removed: { owner: Address; state: number }[] = [];
    for (const { recipient, message_id: messageId } of rows) {
      const state = await this.#messages.remove(recipient, messageId, at);
      if (state !== null) removed.push({ owner: recipient, state });
    }
    return removed;
  }
}

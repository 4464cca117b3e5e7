import type { Address, Timestamp } from "@smimp/protocol";
import type { Queries } from "./schema.ts";

/** Questions about who wrote to whom. */
export interface CorrespondentsReader {
  /** Whether a message of `sender` was accepted for `recipient` before: no first contact. */
  isKnown(recipient: Address, sender: Address): Promise<boolean>;
}

/** Changes of who wrote to whom. */
export interface CorrespondentsWriter extends CorrespondentsReader {
  /** Remembers that a message was accepted. True: it was the first. */
  remember(recipient: Address, sender: Address, at: Timestamp): Promise<boolean>;
}

/** Who wrote to whom, in SQL. */
export class SqlCorrespondents implements CorrespondentsWriter {
  readonly #db: Queries;

  constructor(db: Queries) {
    this.#db = db;
  }

  async isKnown(recipient: Address, sender: Address): Promise<boolean> {
    const row = await this.#db
      .selectFrom("correspondents")
      .select("sender")
      .where("recipient", "=", recipient)
      .where("sender", "=", sender)
      .executeTakeFirst();
    return row !== undefined;
  }

  async remember(recipient: Address, sender: Address, at: Timestamp): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await this.#db
      .insertInto("correspondents")
      .values({ recipient, sender, first_accepted_at: at })
      .onConflict((oc) => oc.columns(["recipient", "sender"]).doNothing())
      .executeTakeFirst();
    return (numInsertedOrUpdatedRows ?? 0n) > 0n;
  }
}

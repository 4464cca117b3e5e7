import type { Address, Hex32, Timestamp, WorkParameters } from "@smimp/protocol";
import type { Queries } from "./schema.ts";

/** Work that was asked for (protocol section 7). */
export interface WorkDemand {
  readonly parameters: WorkParameters;
  readonly sender: Address;
  readonly recipient: Address;
  /** A message type, or `registration` (protocol section 8). */
  readonly messageType: string;
  readonly spentAt: Timestamp | null;
}

/** Questions about work that was asked for. */
export interface WorkReader {
  /** What was asked under this nonce, spent or expired ones too until they are cleaned away. */
  find(nonce: Hex32): Promise<WorkDemand | null>;
}

/** Changes of work that was asked for. */
export interface WorkWriter extends WorkReader {
  create(demand: Omit<WorkDemand, "spentAt">): Promise<void>;
  /** Spends the parameters: true exactly once. Whether they fit and are unexpired is checked by the caller, before hashing. */
  spend(nonce: Hex32, at: Timestamp): Promise<boolean>;
}

/** Work that was asked for, in SQL. */
export class SqlWork implements WorkWriter {
  readonly #db: Queries;

  constructor(db: Queries) {
    this.#db = db;
  }

  async find(nonce: Hex32): Promise<WorkDemand | null> {
    const row = await this.#db.selectFrom("work_demands").selectAll().where("nonce", "=", nonce).executeTakeFirst();
    if (row === undefined) return null;
    return {
      parameters: { algorithm: "blake2b", zero_bits: row.zero_bits, count: row.count, nonce, expires_at: row.expires_at },
      sender: row.sender,
      recipient: row.recipient,
      messageType: row.message_type,
      spentAt: row.spent_at,
    };
  }

  async create(demand: Omit<WorkDemand, "spentAt">): Promise<void> {
    const { parameters, sender, recipient, messageType } = demand;
    const { nonce, zero_bits, count, expires_at } = parameters;
    await this.#db
      .insertInto("work_demands")
      .values({ nonce, sender, recipient, message_type: messageType, zero_bits, count, expires_at, spent_at: null })
      .execute();
  }

  async spend(nonce: Hex32, at: Timestamp): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable("work_demands")
      .set({ spent_at: at })
      .where("nonce", "=", nonce)
      .where("spent_at", "is", null)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }
}

import type { Address, Hex32, MessageType, Timestamp, Work, WorkParameters } from "@smimp/protocol";
import type { Queries } from "./schema.ts";

/** A paid proof of work with what it was asked under; kept with the message (protocol section 7). */
export interface PaidWork {
  readonly parameters: WorkParameters;
  readonly pow: Work;
}

/** A ticket: the right to deliver one message (protocol section 6). */
export interface Ticket {
  readonly ticket: Hex32;
  readonly sender: Address;
  readonly recipient: Address;
  readonly messageType: MessageType;
  /** The message key it was given out with. */
  readonly keyId: Hex32;
  readonly expiresAt: Timestamp;
  readonly work: PaidWork | null;
  /** The message it was spent on; null: not spent. */
  readonly spentBy: Hex32 | null;
}

/** Questions about tickets. */
export interface TicketsReader {
  /** The ticket, spent or expired ones too until they are cleaned away. */
  find(ticket: Hex32): Promise<Ticket | null>;
}

/** Changes of tickets. */
export interface TicketsWriter extends TicketsReader {
  create(ticket: Omit<Ticket, "spentBy">): Promise<void>;
  /** Spends a ticket on a message: true exactly once. Whether it fits and is unexpired is checked by the caller. */
  spend(ticket: Hex32, messageId: Hex32): Promise<boolean>;
}

/** Tickets in SQL. */
export class SqlTickets implements TicketsWriter {
  readonly #db: Queries;

  constructor(db: Queries) {
    this.#db = db;
  }

  async find(ticket: Hex32): Promise<Ticket | null> {
    const row = await this.#db.selectFrom("tickets").selectAll().where("ticket", "=", ticket).executeTakeFirst();
    if (row === undefined) return null;
    return {
      ticket,
      sender: row.sender,
      recipient: row.recipient,
      messageType: row.message_type,
      keyId: row.key_id,
      expiresAt: row.expires_at,
      work: readWork(row.work),
      spentBy: row.spent_by,
    };
  }

  async create(ticket: Omit<Ticket, "spentBy">): Promise<void> {
    await this.#db
      .insertInto("tickets")
      .values({
        ticket: ticket.ticket,
        sender: ticket.sender,
        recipient: ticket.recipient,
        message_type: ticket.messageType,
        key_id: ticket.keyId,
        expires_at: ticket.expiresAt,
        work: writeWork(ticket.work),
        spent_by: null,
      })
      .execute();
  }

  async spend(ticket: Hex32, messageId: Hex32): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable("tickets")
      .set({ spent_by: messageId })
      .where("ticket", "=", ticket)
      .where("spent_by", "is", null)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }
}

/** Paid work as a column's text. */
export function writeWork(work: PaidWork | null): string | null {
  return work === null ? null : JSON.stringify(work);
}

/** Paid work of a column's text, which only `writeWork` makes. */
export function readWork(text: string | null): PaidWork | null {
  return text === null ? null : (JSON.parse(text) as PaidWork);
}

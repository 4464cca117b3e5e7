import type { Address, Hex32, MessageType, Timestamp, Work, WorkParameters } from "@smimp/protocol";

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

import type { Address, Timestamp } from "@smimp/protocol";

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

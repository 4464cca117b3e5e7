import type { Chain, Hex32, Timestamp } from "@smimp/protocol";
import type { NewRecord } from "../store/accounts.ts";

/** Where a chain stands. */
export interface Head {
  readonly sequence: number;
  readonly link: Hex32;
}

/** The head of a verified chain, ready to be stored. */
export function toNewRecord(chain: Chain, acceptedAt: Timestamp): NewRecord {
  const { statement, document, link, signedBy } = chain.head;
  const head = { sequence: document.sequence, link, publicKey: document.public_key, recoveryKey: document.recovery_key };
  return { statement, head, signedBy, acceptedAt };
}

import { SmimpError, type Address, type Timestamp, type Work } from "@smimp/protocol";
import type { StoreReader } from "../store/store.ts";
import type { WorkDemand } from "../store/work.ts";

/** Whom and what work was asked for. */
export interface WorkScope {
  readonly sender: Address;
  readonly recipient: Address;
  /** A message type or `registration`. */
  readonly messageType: string;
}

/**
 * What was asked under a proof's nonce. The order of protocol section 7: known, unexpired, unspent, and for this sender,
 * recipient and type; hashing comes after. Throws `pow_invalid` or `pow_expired`.
 */
export async function findDemand(reader: StoreReader, scope: WorkScope, pow: Work, now: Timestamp): Promise<WorkDemand> {
  const demand = await reader.work.find(pow.nonce);
  if (demand === null) throw new SmimpError("pow_invalid", "these parameters are not known");
  if (demand.parameters.expires_at <= now) throw new SmimpError("pow_expired", "these parameters have expired");
  if (demand.spentAt !== null) throw new SmimpError("pow_invalid", "this work was used already");
  const { sender, recipient, messageType } = scope;
  if (demand.sender !== sender || demand.recipient !== recipient || demand.messageType !== messageType) {
    throw new SmimpError("pow_invalid", "this work was asked of somebody else or for something else");
  }
  return demand;
}

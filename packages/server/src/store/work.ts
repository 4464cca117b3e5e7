import type { Address, Hex32, Timestamp, WorkParameters } from "@smimp/protocol";

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

import type { Address, Hex32, Timestamp } from "@smimp/protocol";

/** An invite; of its code only the hash is known here (protocol section 8). */
export interface Invite {
  /** H(utf8(code)). */
  readonly codeHash: Hex32;
  /** The address it is for; null: any free one. */
  readonly address: Address | null;
  readonly createdAt: Timestamp;
  readonly expiresAt: Timestamp;
  readonly usedAt: Timestamp | null;
  readonly usedBy: Address | null;
}

/** Questions about invites. */
export interface InvitesReader {
  find(codeHash: Hex32): Promise<Invite | null>;
  /** All, newest first. */
  list(): Promise<readonly Invite[]>;
}

/** Changes of invites. */
export interface InvitesWriter extends InvitesReader {
  create(invite: Pick<Invite, "codeHash" | "address" | "createdAt" | "expiresAt">): Promise<void>;
  /** Uses an invite up: true exactly once, for an unexpired one that is for this address or for any. */
  use(codeHash: Hex32, address: Address, now: Timestamp): Promise<boolean>;
}

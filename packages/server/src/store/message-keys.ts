import type { Address, Hex32, Statement, Timestamp } from "@smimp/protocol";

/** Kinds of message keys (protocol section 4). */
export type MessageKeyKind = "ephemeral" | "non_ephemeral";

/** What became of a message key: `held` (a single-use one: not issued yet), `issued`, or `void`. Only the first ever changes. */
export type MessageKeyState = "held" | "issued" | "void";

/** A verified message key, ready to be stored or given out. */
export interface MessageKeyRow {
  readonly keyId: Hex32;
  readonly statement: Statement;
  readonly expiresAt: Timestamp;
}

/** Questions about message keys. */
export interface MessageKeysReader {
  /** Ids of single-use keys that are held, not expired: what `GET ephemeral_keys` answers. */
  heldIds(address: Address, now: Timestamp): Promise<readonly Hex32[]>;
  /** The non-ephemeral key, an expired one too; null before the account is initialised or after all keys were made void. */
  nonEphemeral(address: Address): Promise<MessageKeyRow | null>;
  /** What is known of a key id of this account. */
  find(
    address: Address,
    keyId: Hex32,
  ): Promise<{ readonly kind: MessageKeyKind; readonly state: MessageKeyState; readonly expiresAt: Timestamp } | null>;
}

/**
 * Changes of message keys. A key id stays known for ever, so a key that was issued or made void is never issued, however often
 * it is uploaded (protocol section 4). Limits on how many are held are the caller's: it throws when a count is too high.
 */
export interface MessageKeysWriter extends MessageKeysReader {
  /** Adds single-use keys; known ones are passed over. Resolves with how many are held afterwards. */
  add(address: Address, keys: readonly MessageKeyRow[], now: Timestamp): Promise<number>;
  /** Makes held single-use keys that are not among `keys` void, and adds the others. Resolves with how many are held afterwards. */
  replaceHeld(address: Address, keys: readonly MessageKeyRow[], now: Timestamp): Promise<number>;
  /** Sets the one non-ephemeral key; the one before is void. Throws `conflict` where this key was void or single-use already. */
  setNonEphemeral(address: Address, key: MessageKeyRow): Promise<void>;
  /** Issues a held single-use key with at least 24 h left, oldest expiry first: each at most once ever. Null: none left. */
  issue(address: Address, now: Timestamp): Promise<MessageKeyRow | null>;
  /** Makes all keys of an account void, the non-ephemeral one too (a new master key, protocol section 3). */
  voidAll(address: Address): Promise<void>;
  /** Makes every held single-use key of every account void, as after restoring a backup. Resolves with their number. */
  voidAllHeld(): Promise<number>;
}

import type { Address, Hex32, PublicKey, RecordStatement, Timestamp } from "@smimp/protocol";

/** What the last record of a chain says, ready for compare-and-set and for verifying sessions. */
export interface RecordHead {
  readonly sequence: number;
  readonly link: Hex32;
  readonly publicKey: PublicKey;
  readonly recoveryKey: PublicKey;
}

/** An account of this server. */
export interface Account {
  readonly address: Address;
  readonly head: RecordHead;
  /** The exact text, or null where none was given or it was deleted. */
  readonly profile: string | null;
  /** 32 random bytes under which this account's allow and block lists are hashed (protocol section 8). */
  readonly listKey: Uint8Array;
  readonly createdAt: Timestamp;
  /** When the operator disabled it, else null. */
  readonly disabledAt: Timestamp | null;
  /** Counts this account's changes; the number that `changes` and `events` speak of. */
  readonly state: number;
  /** Bytes of all its messages and their blobs. */
  readonly usedBytes: number;
}

/** A record that was accepted, ready to be stored: verified and its link computed by the caller. */
export interface NewRecord {
  readonly statement: RecordStatement;
  readonly head: RecordHead;
  readonly signedBy: "master" | "recovery";
  readonly acceptedAt: Timestamp;
}

/** A record as it is kept. */
export interface StoredRecord {
  readonly sequence: number;
  readonly link: Hex32;
  readonly statement: RecordStatement;
  readonly signedBy: "master" | "recovery";
  readonly acceptedAt: Timestamp;
}

/** Questions about accounts and their chains. */
export interface AccountsReader {
  /** The account, disabled or not; null for unknown and deleted ones. */
  find(address: Address): Promise<Account | null>;
  /** Whether the address has an account here or ever had: such an address is never given again (protocol section 3). */
  isTaken(address: Address): Promise<boolean>;
  /** The whole chain in order; also that of a deleted account. Empty: never had one here. */
  records(address: Address): Promise<readonly StoredRecord[]>;
  /** The last record; also that of a deleted account. */
  lastRecord(address: Address): Promise<StoredRecord | null>;
  /** The address of this server that ever held this key, as master or recovery key; null if none did. */
  holderOf(key: PublicKey): Promise<Address | null>;
  /** Records accepted since then, recovery-signed ones not counted (protocol section 3). */
  countRecordsSince(address: Address, since: Timestamp): Promise<number>;
  /** Accounts in the order of their addresses, from the one after `after`. */
  list(options: { readonly after?: Address; readonly limit: number }): Promise<readonly Account[]>;
}

/** Changes of accounts and their chains. */
export interface AccountsWriter extends AccountsReader {
  /** Creates an account with record 0. Throws `already_initialized` where `isTaken`, `key_reused` where another address held a key. */
  create(account: {
    readonly address: Address;
    readonly record: NewRecord;
    readonly profile: string | null;
    readonly listKey: Uint8Array;
  }): Promise<void>;
  /**
   * Appends a record whose `previous` is the head, and replaces the profile. Throws `conflict` unless `previous` is the link of
   * the head at this moment, `key_reused` where another address held a key, `unknown_user` without such an account.
   */
  append(address: Address, previous: Hex32, record: NewRecord, profile: string | null): Promise<void>;
  /** Disables (or, with null, enables) an account. False: no such account. */
  setDisabled(address: Address, at: Timestamp | null): Promise<boolean>;
  /**
   * Deletes an account and everything it owns, but its chain, its keys' names and a tombstone. Its blobs' files go after the
   * commit. False: no such account.
   */
  remove(address: Address, at: Timestamp): Promise<boolean>;
}

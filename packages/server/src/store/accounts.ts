import { SmimpError, type Address, type Hex32, type PublicKey, type RecordStatement, type Timestamp } from "@smimp/protocol";
import type { Selectable } from "kysely";
import type { Database, Queries } from "./schema.ts";
import { endAccess } from "./sessions.ts";

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
  /** Bytes that the operator allows this account, -1 for no limit; null: as many as any. */
  readonly quotaBytes: number | null;
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
  /** Whether the address had an account here that was deleted. */
  isGone(address: Address): Promise<boolean>;
  /** The whole chain in order; also that of a deleted account. Empty: never had one here. */
  records(address: Address): Promise<readonly StoredRecord[]>;
  /** The last record; also that of a deleted account. */
  lastRecord(address: Address): Promise<StoredRecord | null>;
  /** The record of an account's chain with this link; null where there is none. */
  recordWith(address: Address, link: Hex32): Promise<StoredRecord | null>;
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
  /** Sets what the operator allows this account, in bytes; -1: no limit, null: as many as any. False: no such account. */
  setQuota(address: Address, bytes: number | null): Promise<boolean>;
  /**
   * Deletes an account: from here on nobody finds it, its sessions are ended, its profile is gone, and a tombstone stands. Its chain
   * and its keys' names stay. What it owned is taken away in pieces (`departures`). False: no such account.
   */
  remove(address: Address, at: Timestamp): Promise<boolean>;
}

/** Accounts in SQL. */
export class SqlAccounts implements AccountsWriter {
  readonly #db: Queries;

  constructor(db: Queries) {
    this.#db = db;
  }

  async find(address: Address): Promise<Account | null> {
    const row = await this.#db
      .selectFrom("accounts")
      .selectAll()
      .where("address", "=", address)
      .where("phase", "=", "live")
      .executeTakeFirst();
    return row === undefined ? null : toAccount(row);
  }

  async isTaken(address: Address): Promise<boolean> {
    const account = await this.#db.selectFrom("accounts").select("address").where("address", "=", address).executeTakeFirst();
    return account !== undefined || (await this.isGone(address));
  }

  async isGone(address: Address): Promise<boolean> {
    const row = await this.#db.selectFrom("address_tombstones").select("address").where("address", "=", address).executeTakeFirst();
    return row !== undefined;
  }

  async records(address: Address): Promise<readonly StoredRecord[]> {
    const rows = await this.#db.selectFrom("records").selectAll().where("address", "=", address).orderBy("sequence").execute();
    return rows.map(toRecord);
  }

  async lastRecord(address: Address): Promise<StoredRecord | null> {
    const query = this.#db.selectFrom("records").selectAll().where("address", "=", address).orderBy("sequence", "desc").limit(1);
    const row = await query.executeTakeFirst();
    return row === undefined ? null : toRecord(row);
  }

  async recordWith(address: Address, link: Hex32): Promise<StoredRecord | null> {
    const query = this.#db.selectFrom("records").selectAll().where("address", "=", address).where("link", "=", link);
    const row = await query.executeTakeFirst();
    return row === undefined ? null : toRecord(row);
  }

  async holderOf(key: PublicKey): Promise<Address | null> {
    const row = await this.#db.selectFrom("account_keys").select("address").where("public_key", "=", key).executeTakeFirst();
    return row?.address ?? null;
  }

  async countRecordsSince(address: Address, since: Timestamp): Promise<number> {
    const { count } = await this.#db
      .selectFrom("records")
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .where("address", "=", address)
      .where("signed_by", "=", "master")
      .where("accepted_at", ">=", since)
      .executeTakeFirstOrThrow();
    return count;
  }

  async list(options: { readonly after?: Address; readonly limit: number }): Promise<readonly Account[]> {
    let query = this.#db.selectFrom("accounts").selectAll().where("phase", "=", "live").orderBy("address").limit(options.limit);
    if (options.after !== undefined) query = query.where("address", ">", options.after);
    return (await query.execute()).map(toAccount);
  }

  async create(account: Parameters<AccountsWriter["create"]>[0]): Promise<void> {
    const { address, record, profile, listKey } = account;
    if (await this.isTaken(address)) throw new SmimpError("already_initialized", "this address has or had an account");
    await claimKeys(this.#db, address, record.head);
    const { sequence, link, publicKey, recoveryKey } = record.head;
    await this.#db
      .insertInto("accounts")
      .values({
        address,
        sequence,
        link,
        public_key: publicKey,
        recovery_key: recoveryKey,
        profile,
        list_key: listKey,
        created_at: record.acceptedAt,
        disabled_at: null,
        state: 0,
        used_bytes: 0,
        changes_floor: 0,
      })
      .execute();
    await addRecord(this.#db, address, record);
  }

  async append(address: Address, previous: Hex32, record: NewRecord, profile: string | null): Promise<void> {
    const { sequence, link, publicKey, recoveryKey } = record.head;
    const { numUpdatedRows } = await this.#db
      .updateTable("accounts")
      .set({ sequence, link, public_key: publicKey, recovery_key: recoveryKey, profile })
      .where("address", "=", address)
      .where("link", "=", previous)
      .where("phase", "=", "live")
      .executeTakeFirst();
    if (numUpdatedRows === 0n) {
      if ((await this.find(address)) === null) throw new SmimpError("unknown_user", "no such account");
      throw new SmimpError("conflict", "the chain has another head by now");
    }
    await claimKeys(this.#db, address, record.head);
    await addRecord(this.#db, address, record);
  }

  async setDisabled(address: Address, at: Timestamp | null): Promise<boolean> {
    const query = this.#db.updateTable("accounts").set({ disabled_at: at }).where("address", "=", address).where("phase", "=", "live");
    return (await query.executeTakeFirst()).numUpdatedRows > 0n;
  }

  async setQuota(address: Address, bytes: number | null): Promise<boolean> {
    const query = this.#db.updateTable("accounts").set({ quota_bytes: bytes }).where("address", "=", address).where("phase", "=", "live");
    return (await query.executeTakeFirst()).numUpdatedRows > 0n;
  }

  async remove(address: Address, at: Timestamp): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable("accounts")
      .set({ phase: "leaving", profile: null, list_key: new Uint8Array() })
      .where("address", "=", address)
      .where("phase", "=", "live")
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    await endAccess(this.#db, address);
    await this.#db.insertInto("address_tombstones").values({ address, deleted_at: at }).execute();
    return true;
  }
}

/** Notes the keys of a record: a key stands under one address here for ever (protocol section 3). Throws `key_reused`. */
export async function claimKeys(db: Queries, address: Address, head: RecordHead): Promise<void> {
  for (const key of new Set([head.publicKey, head.recoveryKey])) {
    const row = await db.selectFrom("account_keys").select("address").where("public_key", "=", key).executeTakeFirst();
    if (row?.address === address) continue;
    if (row !== undefined) throw new SmimpError("key_reused", "another address holds or held this key");
    await db.insertInto("account_keys").values({ public_key: key, address }).execute();
  }
}

/** Adds a record to a chain's rows. */
export async function addRecord(db: Queries, address: Address, record: NewRecord): Promise<void> {
  const { statement, head, signedBy, acceptedAt } = record;
  await db
    .insertInto("records")
    .values({
      address,
      sequence: head.sequence,
      link: head.link,
      data: statement.data,
      signature: statement.signature,
      new_key_signature: statement.new_key_signature ?? null,
      recovery_signature: statement.recovery_signature ?? null,
      signed_by: signedBy,
      accepted_at: acceptedAt,
    })
    .execute();
}

function toAccount(row: Selectable<Database["accounts"]>): Account {
  return {
    address: row.address,
    head: { sequence: row.sequence, link: row.link, publicKey: row.public_key, recoveryKey: row.recovery_key },
    profile: row.profile,
    listKey: row.list_key,
    createdAt: row.created_at,
    disabledAt: row.disabled_at,
    state: row.state,
    usedBytes: row.used_bytes,
    quotaBytes: row.quota_bytes,
  };
}

function toRecord(row: Selectable<Database["records"]>): StoredRecord {
  const statement: RecordStatement = {
    data: row.data,
    signature: row.signature,
    ...(row.new_key_signature === null ? {} : { new_key_signature: row.new_key_signature }),
    ...(row.recovery_signature === null ? {} : { recovery_signature: row.recovery_signature }),
  };
  return { sequence: row.sequence, link: row.link, statement, signedBy: row.signed_by, acceptedAt: row.accepted_at };
}

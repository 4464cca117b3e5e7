import { SmimpError, type Address, type Hex32, type Timestamp } from "@smimp/protocol";
import { nextState } from "./account-state.ts";
import { addRecord, claimKeys, type NewRecord, type RecordHead } from "./accounts.ts";
import type { StoredBlob } from "./blobs.ts";
import { countInFolder } from "./folders.ts";
import type { Keystore } from "./keystores.ts";
import type { Message } from "./messages.ts";
import type { Queries } from "./schema.ts";
import { toMessage } from "./sql-messages.ts";
import { writeWork } from "./tickets.ts";

/** A message as it leaves or arrives with its whole account. `size` counts its envelope and all blobs that it names. */
export interface MovedMessage extends Message {
  /** Those whose bytes are there. */
  readonly blobs: readonly StoredBlob[];
}

/** A single-use key that is known here, whatever became of it. */
export interface KnownKey {
  readonly keyId: Hex32;
  readonly expiresAt: Timestamp;
}

/** Somebody whose message was accepted once. */
export interface KnownCorrespondent {
  readonly address: Address;
  readonly firstAcceptedAt: Timestamp;
}

/** An account as it begins to arrive: its chain is verified, and nobody sees it yet. */
export interface Arrival {
  readonly address: Address;
  readonly head: RecordHead;
  readonly profile: string | null;
  readonly listKey: Uint8Array;
  readonly createdAt: Timestamp;
  /** The state that the account had where it comes from: here it goes on from there, and older ones are too old. */
  readonly state: number;
}

/** All that an account holds, page by page, in an order that what happens meanwhile doesn't disturb. */
export interface MovingReader {
  /** Messages created after a state, oldest first. */
  messagesAfter(
    owner: Address,
    state: number,
    limit: number,
  ): Promise<readonly { readonly messageId: Hex32; readonly createdState: number }[]>;
  /** A message with its blobs' files, all of one moment. */
  message(owner: Address, messageId: Hex32): Promise<MovedMessage | null>;
  /** Ids of single-use keys that are not expired. */
  knownKeys(owner: Address, now: Timestamp, after: Hex32 | null, limit: number): Promise<readonly KnownKey[]>;
  /** Keystores, the oldest first, one at a time: the one after a position. */
  keystoreAfter(owner: Address, position: number): Promise<(Keystore & { readonly position: number }) | null>;
  correspondents(owner: Address, after: Address | null, limit: number): Promise<readonly KnownCorrespondent[]>;
  /** Ids of messages deleted lately, from the one after a state. */
  remembered(
    owner: Address,
    state: number,
    limit: number,
  ): Promise<readonly { readonly messageId: Hex32; readonly destroyedAt: Timestamp; readonly state: number }[]>;
  /** Bytes that an account uses, one that arrives too. */
  usedBytes(owner: Address): Promise<number>;
}

/** An account that arrives: everything goes to an address that nobody finds until `complete`. */
export interface MovingWriter extends MovingReader {
  /** Begins. Throws `already_initialized` where the address is taken in any way. */
  begin(arrival: Arrival): Promise<void>;
  /** Adds a message that was accepted elsewhere, behind those that are there. False: it was accepted here before, and nothing is added. */
  addMessage(owner: Address, message: Omit<MovedMessage, "position">): Promise<boolean>;
  /** Notes single-use keys that another server may have given out: none of them is ever issued here. Resolves with how many weren't known. */
  know(owner: Address, keys: readonly KnownKey[]): Promise<number>;
  /** Notes a message that was deleted elsewhere. */
  remember(owner: Address, messageId: Hex32, destroyedAt: Timestamp): Promise<void>;
  /** Makes an arriving account one of this server's, with its chain. Throws `key_reused`, `conflict` where it isn't arriving. */
  complete(address: Address, records: readonly NewRecord[]): Promise<void>;
  /** Gives an arriving account up: it is taken away like a deleted one, and leaves no tombstone. */
  abandon(address: Address): Promise<void>;
}

/** Moving in SQL. */
export class SqlMoving implements MovingWriter {
  readonly #db: Queries;

  constructor(db: Queries) {
    this.#db = db;
  }

  async messagesAfter(owner: Address, state: number, limit: number): ReturnType<MovingReader["messagesAfter"]> {
    const rows = await this.#db
      .selectFrom("messages")
      .select(["message_id", "created_state"])
      .where("recipient", "=", owner)
      .where("created_state", ">", state)
      .orderBy("created_state")
      .limit(limit)
      .execute();
    return rows.map((row) => ({ messageId: row.message_id, createdState: row.created_state }));
  }

  async message(owner: Address, messageId: Hex32): Promise<MovedMessage | null> {
    const row = await this.#db
      .selectFrom("messages")
      .selectAll()
      .where("recipient", "=", owner)
      .where("message_id", "=", messageId)
      .executeTakeFirst();
    if (row === undefined) return null;
    const blobs = await this.#db
      .selectFrom("message_blobs")
      .select(["hash", "size", "file"])
      .where("recipient", "=", owner)
      .where("message_id", "=", messageId)
      .execute();
    return { ...toMessage(row), blobs };
  }

  async knownKeys(owner: Address, now: Timestamp, after: Hex32 | null, limit: number): Promise<readonly KnownKey[]> {
    const rows = await this.#db
      .selectFrom("message_keys")
      .select(["key_id", "expires_at"])
      .where("address", "=", owner)
      .where("key_id", ">", after ?? ("" as Hex32))
      .where("kind", "=", "ephemeral")
      .where("expires_at", ">", now)
      .orderBy("key_id")
      .limit(limit)
      .execute();
    return rows.map((row) => ({ keyId: row.key_id, expiresAt: row.expires_at }));
  }

  async keystoreAfter(owner: Address, position: number): ReturnType<MovingReader["keystoreAfter"]> {
    const row = await this.#db
      .selectFrom("keystores")
      .selectAll()
      .where("address", "=", owner)
      .where("position", ">", position)
      .orderBy("position")
      .limit(1)
      .executeTakeFirst();
    if (row === undefined) return null;
    return { position: row.position, version: row.version, etag: row.etag, bytes: row.bytes, storedAt: row.stored_at };
  }

  async correspondents(owner: Address, after: Address | null, limit: number): ReturnType<MovingReader["correspondents"]> {
    const rows = await this.#db
      .selectFrom("correspondents")
      .select(["sender", "first_accepted_at"])
      .where("recipient", "=", owner)
      .where("sender", ">", after ?? ("" as Address))
      .orderBy("sender")
      .limit(limit)
      .execute();
    return rows.map((row) => ({ address: row.sender, firstAcceptedAt: row.first_accepted_at }));
  }

  async remembered(owner: Address, state: number, limit: number): ReturnType<MovingReader["remembered"]> {
    const rows = await this.#db
      .selectFrom("destroyed_messages")
      .select(["message_id", "destroyed_at", "destroyed_state"])
      .where("recipient", "=", owner)
      .where("destroyed_state", ">", state)
      .orderBy("destroyed_state")
      .limit(limit)
      .execute();
    return rows.map((row) => ({ messageId: row.message_id, destroyedAt: row.destroyed_at, state: row.destroyed_state }));
  }

  async usedBytes(owner: Address): Promise<number> {
    const row = await this.#db.selectFrom("accounts").select("used_bytes").where("address", "=", owner).executeTakeFirst();
    return row?.used_bytes ?? 0;
  }

  async begin({ address, head, profile, listKey, createdAt, state }: Arrival): Promise<void> {
    for (const table of ["accounts", "address_tombstones"] as const) {
      const taken = await this.#db.selectFrom(table).select("address").where("address", "=", address).executeTakeFirst();
      if (taken !== undefined) throw new SmimpError("already_initialized", "this address has or had an account");
    }
    await this.#db
      .insertInto("accounts")
      .values({
        address,
        sequence: head.sequence,
        link: head.link,
        public_key: head.publicKey,
        recovery_key: head.recoveryKey,
        profile,
        list_key: listKey,
        created_at: createdAt,
        disabled_at: null,
        state,
        used_bytes: 0,
        // What happened before was told elsewhere.
        changes_floor: state,
        phase: "arriving",
      })
      .execute();
  }

  async addMessage(owner: Address, message: Omit<MovedMessage, "position">): Promise<boolean> {
    const { messageId, envelope, blobs } = message;
    for (const table of ["messages", "destroyed_messages"] as const) {
      const known = this.#db.selectFrom(table).select("message_id").where("recipient", "=", owner).where("message_id", "=", messageId);
      if ((await known.executeTakeFirst()) !== undefined) return false;
    }
    const state = await nextState(this.#db, owner, message.size + (message.extensions?.length ?? 0));
    await countInFolder(this.#db, owner, message.folder, { total: 1, unread: message.read ? 0 : 1 });
    await this.#db
      .insertInto("messages")
      .values({
        recipient: owner,
        message_id: messageId,
        created_state: state,
        updated_state: null,
        data: envelope.data,
        signature: envelope.signature,
        sender: message.from,
        message_type: message.messageType,
        size: message.size,
        received_at: message.receivedAt,
        received_via: message.receivedVia,
        is_read: message.read ? 1 : 0,
        folder: message.folder,
        work: writeWork(message.work),
        archive: message.archive,
        summary: message.summary,
        extensions: message.extensions,
      })
      .execute();
    for (const { hash, size, file } of blobs) {
      await this.#db.insertInto("message_blobs").values({ recipient: owner, message_id: messageId, hash, size, file }).execute();
    }
    return true;
  }

  async know(owner: Address, keys: readonly KnownKey[]): Promise<number> {
    let added = 0;
    for (const { keyId, expiresAt } of keys) {
      const voided = { state: "void", data: null, signature: null } as const;
      const inserted = await this.#db
        .insertInto("message_keys")
        .values({ address: owner, key_id: keyId, kind: "ephemeral", expires_at: expiresAt, ...voided })
        .onConflict((oc) => oc.columns(["address", "key_id"]).doNothing())
        .executeTakeFirst();
      if ((inserted.numInsertedOrUpdatedRows ?? 0n) > 0n) added++;
      else {
        // One that is held here may have been given out there.
        await this.#db
          .updateTable("message_keys")
          .set(voided)
          .where("address", "=", owner)
          .where("key_id", "=", keyId)
          .where("kind", "=", "ephemeral")
          .execute();
      }
    }
    return added;
  }

  async remember(owner: Address, messageId: Hex32, destroyedAt: Timestamp): Promise<void> {
    const state = await nextState(this.#db, owner, 0);
    await this.#db
      .insertInto("destroyed_messages")
      .values({ recipient: owner, message_id: messageId, created_state: state, destroyed_state: state, destroyed_at: destroyedAt })
      .onConflict((oc) => oc.columns(["recipient", "message_id"]).doNothing())
      .execute();
  }

  async complete(address: Address, records: readonly NewRecord[]): Promise<void> {
    const { numUpdatedRows } = await this.#db
      .updateTable("accounts")
      .set({ phase: "live" })
      .where("address", "=", address)
      .where("phase", "=", "arriving")
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new SmimpError("conflict", "this account is not being imported any more");
    for (const record of records) {
      await claimKeys(this.#db, address, record.head);
      await addRecord(this.#db, address, record);
    }
  }

  async abandon(address: Address): Promise<void> {
    await this.#db
      .updateTable("accounts")
      .set({ phase: "leaving" })
      .where("address", "=", address)
      .where("phase", "=", "arriving")
      .execute();
  }
}

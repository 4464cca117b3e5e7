import { hash, SmimpError, toHex, utf8, type Address, type Hex32, type MessageType, type Timestamp } from "@smimp/protocol";
import type { Selectable } from "kysely";
import type { Removals } from "./blob-files.ts";
import { readChanges } from "./message-changes.ts";
import type { ArchiveCondition, Changes, Message, MessageLine, MessagePage, MessagesWriter, NewMessage } from "./messages.ts";
import type { Database, Queries } from "./schema.ts";
import { readWork, writeWork } from "./tickets.ts";

const LINE = ["message_id", "received_at", "is_read", "sender", "size", "archive", "summary"] as const;

/** The ETag of an `archive`, of it alone (protocol section 12): 64 hex digits, without quotation marks. */
export function archiveEtag(archive: string): string {
  return toHex(hash(utf8(archive)));
}

/** Messages in SQL. */
export class SqlMessages implements MessagesWriter {
  readonly #db: Queries;
  readonly #removals: Removals;

  constructor(db: Queries, removals: Removals) {
    this.#db = db;
    this.#removals = removals;
  }

  async wasAccepted(recipient: Address, messageId: Hex32): Promise<boolean> {
    for (const table of ["messages", "destroyed_messages"] as const) {
      const query = this.#db.selectFrom(table).select("message_id").where("recipient", "=", recipient).where("message_id", "=", messageId);
      if ((await query.executeTakeFirst()) !== undefined) return true;
    }
    return false;
  }

  async find(owner: Address, messageId: Hex32): Promise<Message | null> {
    const [message] = await this.findMany(owner, [messageId]);
    return message ?? null;
  }

  async findMany(owner: Address, messageIds: readonly Hex32[]): Promise<readonly Message[]> {
    const found: Message[] = [];
    // One by one: a primary key look-up each, and one prepared statement for any number of ids.
    for (const messageId of messageIds) {
      const row = await this.#db
        .selectFrom("messages")
        .selectAll()
        .where("recipient", "=", owner)
        .where("message_id", "=", messageId)
        .executeTakeFirst();
      if (row !== undefined) found.push(toMessage(row));
    }
    return found;
  }

  async page(
    owner: Address,
    messageType: MessageType,
    options: { readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<MessagePage> {
    let query = this.#db
      .selectFrom("messages")
      .select([...LINE, "created_state"])
      .where("recipient", "=", owner)
      .where("message_type", "=", messageType)
      .where("folder", "is", null)
      .orderBy("created_state", "desc")
      .limit(options.limit + 1);
    if (options.cursor !== undefined) {
      if (!/^[0-9]{1,15}$/.test(options.cursor)) throw new SmimpError("bad_request", "no such cursor");
      query = query.where("created_state", "<", Number(options.cursor));
    }
    const rows = await query.execute();
    const shown = rows.slice(0, options.limit);
    const cursor = rows.length > shown.length ? String(shown.at(-1)?.created_state ?? 0) : null;
    return { messages: shown.map(toLine), cursor, state: await this.state(owner) };
  }

  async state(owner: Address): Promise<number> {
    const row = await this.#db.selectFrom("accounts").select("state").where("address", "=", owner).executeTakeFirst();
    if (row === undefined) throw new SmimpError("unknown_user", "no such account");
    return row.state;
  }

  changes(owner: Address, since: number, limit: number): Promise<Changes> {
    return readChanges(this.#db, owner, since, limit);
  }

  async add(message: NewMessage): Promise<number> {
    const { recipient, messageId, envelope } = message;
    if (await this.wasAccepted(recipient, messageId)) throw new SmimpError("conflict", "this message was accepted before");
    const size = utf8(envelope.data).length + message.blobs.reduce((sum, blob) => sum + blob.size, 0);
    const state = await this.#nextState(recipient, size);
    await this.#db
      .insertInto("messages")
      .values({
        recipient,
        message_id: messageId,
        created_state: state,
        updated_state: null,
        data: envelope.data,
        signature: envelope.signature,
        sender: message.from,
        message_type: message.messageType,
        size,
        received_at: message.receivedAt,
        received_via: message.receivedVia,
        is_read: 0,
        folder: null,
        work: writeWork(message.work),
        archive: null,
        summary: null,
        extensions: null,
      })
      .execute();
    for (const blob of message.blobs) await this.#takeUpload(message, blob);
    return state;
  }

  async remove(owner: Address, messageId: Hex32, at: Timestamp): Promise<number | null> {
    const blobs = await this.#db
      .deleteFrom("message_blobs")
      .where("recipient", "=", owner)
      .where("message_id", "=", messageId)
      .returning("file")
      .execute();
    const row = await this.#db
      .deleteFrom("messages")
      .where("recipient", "=", owner)
      .where("message_id", "=", messageId)
      .returning(["created_state", "size"])
      .executeTakeFirst();
    if (row === undefined) return null;
    for (const { file } of blobs) this.#removals.push(file);
    const state = await this.#nextState(owner, -row.size);
    await this.#db
      .insertInto("destroyed_messages")
      .values({ recipient: owner, message_id: messageId, created_state: row.created_state, destroyed_state: state, destroyed_at: at })
      .execute();
    return state;
  }

  async setRead(owner: Address, messageId: Hex32, read: boolean): Promise<number | null> {
    const row = await this.#db
      .selectFrom("messages")
      .select("is_read")
      .where("recipient", "=", owner)
      .where("message_id", "=", messageId)
      .executeTakeFirst();
    if (row === undefined) return null;
    if ((row.is_read === 1) === read) return await this.state(owner);
    return await this.#update(owner, messageId, { is_read: read ? 1 : 0 });
  }

  async setArchive(
    owner: Address,
    messageId: Hex32,
    { archive, summary }: { readonly archive: string; readonly summary: string },
    condition: ArchiveCondition,
  ): Promise<number | null> {
    const row = await this.#db
      .selectFrom("messages")
      .select("archive")
      .where("recipient", "=", owner)
      .where("message_id", "=", messageId)
      .executeTakeFirst();
    if (row === undefined) return null;
    const met = condition === "none" ? row.archive === null : row.archive !== null && archiveEtag(row.archive) === condition.etag;
    if (!met) throw new SmimpError("precondition_failed", "another archive stands here by now");
    return await this.#update(owner, messageId, { archive, summary });
  }

  async #update(
    owner: Address,
    messageId: Hex32,
    values: Partial<Pick<Database["messages"], "is_read" | "archive" | "summary">>,
  ): Promise<number> {
    const state = await this.#nextState(owner, 0);
    await this.#db
      .updateTable("messages")
      .set({ ...values, updated_state: state })
      .where("recipient", "=", owner)
      .where("message_id", "=", messageId)
      .execute();
    return state;
  }

  #nextState(owner: Address, bytes: number): Promise<number> {
    return nextState(this.#db, owner, bytes);
  }

  /** A message names only blobs uploaded whole under its ticket, each once (protocol section 6). */
  async #takeUpload(message: NewMessage, blob: { readonly hash: Hex32; readonly size: number }): Promise<void> {
    const { recipient, messageId, ticket } = message;
    const upload = await this.#db
      .deleteFrom("uploads")
      .where("ticket", "=", ticket)
      .where("hash", "=", blob.hash)
      .where("recipient", "=", recipient)
      .where("size", "=", blob.size)
      .returning("file")
      .executeTakeFirst();
    if (upload === undefined) throw new SmimpError("blob_missing", "a blob was not uploaded under this ticket, or has another size");
    await this.#db
      .insertInto("message_blobs")
      .values({ recipient, message_id: messageId, hash: blob.hash, size: blob.size, file: upload.file })
      .execute();
  }
}

/** Raises an account's state by one, and its used bytes by so many. Throws `unknown_user`. */
export async function nextState(db: Queries, owner: Address, bytes: number): Promise<number> {
  const row = await db
    .updateTable("accounts")
    .set((eb) => ({ state: eb("state", "+", 1), used_bytes: eb("used_bytes", "+", bytes) }))
    .where("address", "=", owner)
    .returning("state")
    .executeTakeFirst();
  if (row === undefined) throw new SmimpError("unknown_user", "no such account");
  return row.state;
}

function toLine(row: Pick<Selectable<Database["messages"]>, (typeof LINE)[number]>): MessageLine {
  return {
    messageId: row.message_id,
    receivedAt: row.received_at,
    read: row.is_read === 1,
    from: row.sender,
    size: row.size,
    archive: row.archive,
    summary: row.summary,
  };
}

/** A message of its row. */
export function toMessage(row: Selectable<Database["messages"]>): Message {
  return {
    ...toLine(row),
    envelope: { data: row.data, signature: row.signature },
    messageType: row.message_type,
    receivedVia: row.received_via,
    folder: row.folder,
    work: readWork(row.work),
    extensions: row.extensions,
  };
}

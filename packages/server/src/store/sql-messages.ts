import { SmimpError, utf8, type Address, type Hex32, type MessageType, type Timestamp } from "@smimp/protocol";
import type { Selectable } from "kysely";
import { nextState } from "./account-state.ts";
import type { Removals } from "./blob-files.ts";
import { countInFolder } from "./folders.ts";
import { readChanges } from "./message-changes.ts";
import { assertStands, moveMessage, setMessageExtensions, setMessageRead, updateMessage } from "./message-filing.ts";
import type { Changes, Message, MessageLine, MessagePage, MessagesWriter, NewMessage, SealedCondition } from "./messages.ts";
import type { Database, Queries } from "./schema.ts";
import { readWork, writeWork } from "./tickets.ts";

const LINE = ["message_id", "received_at", "created_state", "is_read", "sender", "size", "archive", "summary"] as const;

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
    options: { readonly folder?: string | null; readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<MessagePage> {
    let query = this.#db
      .selectFrom("messages")
      .select(LINE)
      .where("recipient", "=", owner)
      .where("message_type", "=", messageType)
      .orderBy("created_state", "desc")
      .limit(options.limit + 1);
    const { folder = null } = options;
    query = folder === null ? query.where("folder", "is", null) : query.where("folder", "=", folder);
    if (options.cursor !== undefined) {
      const before = /^[0-9]{1,16}$/.test(options.cursor) ? Number(options.cursor) : Number.NaN;
      if (!Number.isSafeInteger(before)) throw new SmimpError("bad_request", "no such cursor");
      query = query.where("created_state", "<", before);
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

  changes(owner: Address, since: number, limit: number, options?: { readonly forgotten: boolean }): Promise<Changes> {
    return readChanges(this.#db, owner, since, limit, options);
  }

  async add(message: NewMessage): Promise<number> {
    const { recipient, messageId, envelope } = message;
    if (await this.wasAccepted(recipient, messageId)) throw new SmimpError("conflict", "this message was accepted before");
    const size = utf8(envelope.data).length + message.blobs.reduce((sum, blob) => sum + blob.size, 0);
    const state = await nextState(this.#db, recipient, size);
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
      .returning(["created_state", "size", "is_read", "folder", "extensions"])
      .executeTakeFirst();
    if (row === undefined) return null;
    for (const { file } of blobs) this.#removals.push(file);
    await countInFolder(this.#db, owner, row.folder, { total: -1, unread: row.is_read - 1 });
    const state = await nextState(this.#db, owner, -row.size - (row.extensions?.length ?? 0));
    await this.#db
      .insertInto("destroyed_messages")
      .values({ recipient: owner, message_id: messageId, created_state: row.created_state, destroyed_state: state, destroyed_at: at })
      .execute();
    return state;
  }

  async setRead(owner: Address, messageId: Hex32, read: boolean): Promise<number | null> {
    const state = await setMessageRead(this.#db, owner, messageId, read);
    return state === "same" ? await this.state(owner) : state;
  }

  async move(owner: Address, messageId: Hex32, folder: string | null): Promise<number | null> {
    const state = await moveMessage(this.#db, owner, messageId, folder);
    return state === "same" ? await this.state(owner) : state;
  }

  setExtensions(
    owner: Address,
    messageId: Hex32,
    extensions: string,
    condition: SealedCondition | null,
  ): Promise<{ readonly state: number; readonly grownBy: number } | null> {
    return setMessageExtensions(this.#db, owner, messageId, extensions, condition);
  }

  async setArchive(
    owner: Address,
    messageId: Hex32,
    { archive, summary }: { readonly archive: string; readonly summary: string },
    condition: SealedCondition,
  ): Promise<number | null> {
    const row = await this.#db
      .selectFrom("messages")
      .select("archive")
      .where("recipient", "=", owner)
      .where("message_id", "=", messageId)
      .executeTakeFirst();
    if (row === undefined) return null;
    assertStands(row.archive, condition);
    return await updateMessage(this.#db, owner, messageId, { archive, summary });
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

function toLine(row: Pick<Selectable<Database["messages"]>, (typeof LINE)[number]>): MessageLine {
  return {
    messageId: row.message_id,
    receivedAt: row.received_at,
    position: row.created_state,
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

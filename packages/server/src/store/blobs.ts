import { domainOf, type Address, type Hex32, type Timestamp } from "@smimp/protocol";
import { sql } from "kysely";
import type { BlobFile, Removals } from "./blob-files.ts";
import type { Queries } from "./schema.ts";

/** What the smallest upload counts as: a file costs more than its bytes. */
export const LEAST_UPLOAD_BYTES = 64 * 1024;
const COUNTED = sql<number>`max(size, ${sql.lit(LEAST_UPLOAD_BYTES)})`;

/** A blob that was uploaded whole under a ticket and is not named by a message yet. */
export interface Upload {
  readonly ticket: Hex32;
  readonly sender: Address;
  /** The recipient that the ticket is for: the account that will own the blob. */
  readonly recipient: Address;
  readonly hash: Hex32;
  readonly size: number;
  readonly file: BlobFile;
  readonly uploadedAt: Timestamp;
}

/** A blob that a stored message names. */
export interface StoredBlob {
  readonly hash: Hex32;
  readonly size: number;
  readonly file: BlobFile;
}

/** Questions about blobs. */
export interface BlobsReader {
  /** A blob named by one of the account's messages. */
  find(owner: Address, hash: Hex32): Promise<StoredBlob | null>;
  /** What was uploaded under a ticket and is not named yet. */
  uploads(ticket: Hex32): Promise<readonly Upload[]>;
  /**
   * Bytes of what was uploaded for a recipient and is not named yet: by anybody, by a sender, and by anybody of that sender's domain. Small blobs
   * count as `LEAST_UPLOAD_BYTES`.
   */
  unnamedFor(recipient: Address, sender: Address): Promise<{ readonly all: number; readonly ofSender: number; readonly ofDomain: number }>;
  /** The same of what a sender uploaded, for anybody. */
  unnamedBy(sender: Address): Promise<number>;
  /** Whether any row holds this file. */
  isHeld(file: BlobFile): Promise<boolean>;
}

/** Changes of blobs. `messages.add` gives uploads to their message. */
export interface BlobsWriter extends BlobsReader {
  /** Notes an upload whose file is durable already. False: this ticket has that blob already, and the new file goes after the commit. */
  addUpload(upload: Upload): Promise<boolean>;
}

/** Blobs in SQL. */
export class SqlBlobs implements BlobsWriter {
  readonly #db: Queries;
  readonly #removals: Removals;

  constructor(db: Queries, removals: Removals) {
    this.#db = db;
    this.#removals = removals;
  }

  async find(owner: Address, hash: Hex32): Promise<StoredBlob | null> {
    const row = await this.#db
      .selectFrom("message_blobs")
      .select(["size", "file"])
      .where("recipient", "=", owner)
      .where("hash", "=", hash)
      .limit(1)
      .executeTakeFirst();
    return row === undefined ? null : { hash, size: row.size, file: row.file };
  }

  async uploads(ticket: Hex32): Promise<readonly Upload[]> {
    const rows = await this.#db.selectFrom("uploads").selectAll().where("ticket", "=", ticket).orderBy("hash").execute();
    return rows.map((row) => ({
      ticket,
      sender: row.sender,
      recipient: row.recipient,
      hash: row.hash,
      size: row.size,
      file: row.file,
      uploadedAt: row.uploaded_at,
    }));
  }

  async unnamedFor(recipient: Address, sender: Address): ReturnType<BlobsReader["unnamedFor"]> {
    const domain = `#${domainOf(sender)}`;
    const row = await this.#db
      .selectFrom("uploads")
      .select([
        sql<number>`coalesce(sum(${COUNTED}), 0)`.as("all"),
        sql<number>`coalesce(sum(${COUNTED}) FILTER (WHERE sender = ${sender}), 0)`.as("of_sender"),
        sql<number>`coalesce(sum(${COUNTED}) FILTER (WHERE substr(sender, -${sql.lit(domain.length)}) = ${domain}), 0)`.as("of_domain"),
      ])
      .where("recipient", "=", recipient)
      .executeTakeFirstOrThrow();
    return { all: row.all, ofSender: row.of_sender, ofDomain: row.of_domain };
  }

  async unnamedBy(sender: Address): Promise<number> {
    const { bytes } = await this.#db
      .selectFrom("uploads")
      .select(sql<number>`coalesce(sum(${COUNTED}), 0)`.as("bytes"))
      .where("sender", "=", sender)
      .executeTakeFirstOrThrow();
    return bytes;
  }

  async isHeld(file: BlobFile): Promise<boolean> {
    for (const table of ["message_blobs", "uploads"] as const) {
      if ((await this.#db.selectFrom(table).select("file").where("file", "=", file).executeTakeFirst()) !== undefined) return true;
    }
    return false;
  }

  async addUpload(upload: Upload): Promise<boolean> {
    const { ticket, sender, recipient, hash, size, file, uploadedAt } = upload;
    const { numInsertedOrUpdatedRows } = await this.#db
      .insertInto("uploads")
      .values({ recipient, sender, ticket, hash, size, file, uploaded_at: uploadedAt })
      .onConflict((oc) => oc.columns(["ticket", "hash"]).doNothing())
      .executeTakeFirst();
    const isNew = (numInsertedOrUpdatedRows ?? 0n) > 0n;
    if (!isNew) this.#removals.push(file);
    return isNew;
  }
}

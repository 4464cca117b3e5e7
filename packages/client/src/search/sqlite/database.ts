import type { Hex32 } from "@smimp/protocol";
import type { ImageChunk, IndexChange, IndexedState, IndexQuery, SearchDocument } from "../model.ts";
import { folded } from "../text.ts";
import { firstIdOf, secondsOf, selectOf } from "./match.ts";
import type { IndexPlatform, SqlDatabase, SqlStatement } from "./sql.ts";

/** Bytes of a chunk of an image: what stays as it was needs not be sealed and written again. */
export const CHUNK_BYTES = 256 * 1024;

// `words` keeps no texts, only which word stands where: a third of their size, and snippets come from the messages themselves.
// Beginnings of one and two letters are indexed for themselves, which takes a third more room: whoever types begins with them, and so
// many words begin so that putting them together would take longer than the next letter. A message's id says when it came: so the
// newest that match are found first, and the rest isn't looked at.
const SCHEMA = `
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY, message_id BLOB NOT NULL UNIQUE, received INTEGER NOT NULL, folder TEXT NOT NULL, attachment INTEGER NOT NULL,
    unread INTEGER NOT NULL, starred INTEGER NOT NULL, own INTEGER NOT NULL, whole INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX messages_starred ON messages (starred) WHERE starred = 1;
  CREATE INDEX messages_unread ON messages (unread) WHERE unread = 1;
  CREATE INDEX messages_filed ON messages (folder) WHERE folder <> '';
  CREATE TABLE labels (message INTEGER NOT NULL, label TEXT NOT NULL, PRIMARY KEY (message, label)) STRICT, WITHOUT ROWID;
  CREATE INDEX labels_by_name ON labels (label);
  CREATE VIRTUAL TABLE words USING fts5 (
    sender, recipients, subject, body, files, content = '', contentless_delete = 1, prefix = '1 2', tokenize = 'unicode61 remove_diacritics 2'
  );
`;

// Nothing goes to a disk, not even for a moment, and what is deleted is overwritten: an image holds free pages too.
const SETTINGS = "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;";

/** The index itself, synchronous: it runs in a thread of its own. */
export class IndexDatabase {
  readonly #platform: IndexPlatform;
  readonly #database: SqlDatabase;
  readonly #statements = new Map<string, SqlStatement>();
  #image: Uint8Array = new Uint8Array();
  /** Null until it is counted anew: that goes through all of them, and every search asks. */
  #count: number | null = null;

  /** Opens an image, or an empty index. Throws for bytes that are no image. */
  constructor(platform: IndexPlatform, image: Uint8Array | null) {
    this.#platform = platform;
    this.#database = platform.open(image);
    this.#database.exec(SETTINGS);
    if (image === null) this.#database.exec(SCHEMA);
    else this.#database.select("SELECT count(*) FROM messages, (SELECT rowid FROM words LIMIT 1)", []);
  }

  known(messageIds: readonly Hex32[]): readonly ("whole" | "summary" | null)[] {
    const find = this.#prepared("SELECT whole FROM messages WHERE message_id = ?");
    return messageIds.map((messageId) => {
      const row = find.get(bytesOf(messageId));
      return row === undefined ? null : Number(row["whole"]) === 1 ? "whole" : "summary";
    });
  }

  apply(changes: readonly IndexChange[]): void {
    this.#count = null;
    this.#database.exec("BEGIN");
    try {
      for (const change of changes) {
        if (change.type === "put") this.#put(change.document);
        else if (change.type === "state") this.#setState(change.messageId, change);
        else this.#remove(change.messageId);
      }
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  find(query: IndexQuery): readonly Hex32[] {
    const { sql, values } = selectOf({ ...query, labels: query.labels.map(folded) });
    return this.#database.select(sql, values).map((row) => idOf(row["message_id"] as Uint8Array));
  }

  count(): number {
    this.#count ??= Number(this.#prepared("SELECT count(*) AS count FROM messages").get()?.["count"]);
    return this.#count;
  }

  /** Makes an image and gives the hash of each of its chunks. */
  async image(purge: boolean): Promise<readonly ImageChunk[]> {
    // Words of what was deleted stay until the parts of the index that hold them are merged.
    if (purge) this.#database.exec("INSERT INTO words (words) VALUES ('optimize')");
    this.#image = this.#database.serialize();
    const chunks: ImageChunk[] = [];
    for (let at = 0; at < this.#image.length; at += CHUNK_BYTES) {
      const chunk = this.chunk(chunks.length);
      // One after the other: questions are answered in between.
      chunks.push({ hash: await this.#platform.hash(chunk), size: chunk.length });
    }
    return chunks;
  }

  chunk(index: number): Uint8Array {
    return this.#image.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
  }

  release(): void {
    this.#image = new Uint8Array();
  }

  close(): void {
    this.release();
    this.#database.close();
  }

  #put(document: SearchDocument): void {
    this.#remove(document.messageId);
    const { messageId, receivedAt, sender, recipients, subject, body, files, folder } = document;
    const flags = [document.attachment, document.unread, document.starred, document.own, document.whole].map(Number);
    const id = this.#freeId(secondsOf(receivedAt));
    this.#prepared(
      "INSERT INTO messages (id, message_id, received, folder, attachment, unread, starred, own, whole) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    ).run(id, bytesOf(messageId), secondsOf(receivedAt), folder ?? "", ...flags);
    this.#prepared("INSERT INTO words (rowid, sender, recipients, subject, body, files) VALUES (?, ?, ?, ?, ?, ?)").run(
      id,
      sender,
      recipients,
      subject,
      body,
      files,
    );
    this.#setLabels(id, document.labels);
  }

  /** An id for a message of that second: where it has more messages than ids, those of the next ones are used up. */
  #freeId(second: number): bigint {
    const first = BigInt(firstIdOf(second));
    const known = this.#prepared("SELECT 1 FROM messages WHERE id = ?");
    const isTaken = (id: bigint): boolean => known.get(id) !== undefined;
    if (!isTaken(first)) return first;
    // Ids are taken one after the other: the end of those that are is found in steps that double, then halve.
    let step = 1n;
    while (isTaken(first + step)) step *= 2n;
    let taken = first + step / 2n;
    let free = first + step;
    while (free - taken > 1n) {
      const middle = (taken + free) / 2n;
      if (isTaken(middle)) taken = middle;
      else free = middle;
    }
    return free;
  }

  #setState(messageId: Hex32, { unread, starred, folder, labels }: IndexedState): void {
    const id = this.#idOf(messageId);
    if (id === undefined) return;
    const change = this.#prepared("UPDATE messages SET unread = ?, starred = ?, folder = ? WHERE id = ?");
    change.run(Number(unread), Number(starred), folder ?? "", id);
    this.#setLabels(id, labels);
  }

  #setLabels(id: bigint, labels: readonly string[]): void {
    this.#prepared("DELETE FROM labels WHERE message = ?").run(id);
    const add = this.#prepared("INSERT OR IGNORE INTO labels (message, label) VALUES (?, ?)");
    for (const label of labels) add.run(id, folded(label));
  }

  #remove(messageId: Hex32): void {
    const id = this.#idOf(messageId);
    if (id === undefined) return;
    this.#prepared("DELETE FROM words WHERE rowid = ?").run(id);
    this.#prepared("DELETE FROM labels WHERE message = ?").run(id);
    this.#prepared("DELETE FROM messages WHERE id = ?").run(id);
  }

  #idOf(messageId: Hex32): bigint | undefined {
    const id = this.#prepared("SELECT id FROM messages WHERE message_id = ?").get(bytesOf(messageId))?.["id"];
    return id === undefined ? undefined : BigInt(id as number | bigint);
  }

  #prepared(sql: string): SqlStatement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

// As bytes they take half the room, in the table and in its index. (The protocol's own would bring all cryptography into the thread.)
function bytesOf(messageId: Hex32): Uint8Array {
  return Uint8Array.from({ length: messageId.length / 2 }, (_, index) => Number.parseInt(messageId.slice(2 * index, 2 * index + 2), 16));
}

function idOf(bytes: Uint8Array): Hex32 {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("") as Hex32;
}

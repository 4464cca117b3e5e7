import type { Address, Hex32, Timestamp } from "@smimp/protocol";
import { sql } from "kysely";
import type { Queries } from "./schema.ts";

/** What an avatar's image may be. */
export type AvatarType = "image/png" | "image/jpeg";

/** An avatar's image without its bytes. */
export interface Avatar {
  /** H(bytes). */
  readonly hash: Hex32;
  readonly mediaType: AvatarType;
  readonly size: number;
  readonly storedAt: Timestamp;
}

/** Questions about avatars. */
export interface AvatarsReader {
  /** The image that the profile names. */
  named(owner: Address): Promise<Avatar | null>;
  /** Bytes of an image from an offset on, at most so many; null where it isn't there any more. */
  bytes(owner: Address, hash: Hex32, offset: number, length: number): Promise<Uint8Array | null>;
}

/** Changes of avatars. An account has the image that its profile names, and at most one more, which a profile to come may name. */
export interface AvatarsWriter extends AvatarsReader {
  /** Stores an image, in place of one that no profile names. `named`: the profile names it. */
  put(owner: Address, avatar: Omit<Avatar, "size">, bytes: Uint8Array, named: boolean): Promise<void>;
  /** The profile names this image from now on; the one it named before goes. Null: it names none. */
  name(owner: Address, hash: Hex32 | null): Promise<void>;
  /** Takes all images away. */
  clear(owner: Address): Promise<void>;
}

/** Avatars in SQL. */
export class SqlAvatars implements AvatarsWriter {
  readonly #db: Queries;

  constructor(db: Queries) {
    this.#db = db;
  }

  async named(owner: Address): Promise<Avatar | null> {
    const row = await this.#db
      .selectFrom("avatars")
      .select(["hash", "media_type", "stored_at", sql<number>`length(bytes)`.as("size")])
      .where("address", "=", owner)
      .where("named", "=", sql.lit(1))
      .executeTakeFirst();
    return row === undefined ? null : { hash: row.hash, mediaType: row.media_type, size: row.size, storedAt: row.stored_at };
  }

  async bytes(owner: Address, hash: Hex32, offset: number, length: number): Promise<Uint8Array | null> {
    const row = await this.#db
      .selectFrom("avatars")
      // SQL counts from 1.
      .select(sql<Uint8Array>`substr(bytes, ${offset + 1}, ${length})`.as("piece"))
      .where("address", "=", owner)
      .where("hash", "=", hash)
      .executeTakeFirst();
    return row?.piece ?? null;
  }

  async put(owner: Address, avatar: Omit<Avatar, "size">, bytes: Uint8Array, named: boolean): Promise<void> {
    const { hash, mediaType, storedAt } = avatar;
    await this.#db
      .deleteFrom("avatars")
      .where("address", "=", owner)
      .where("named", "=", named ? 1 : 0)
      .execute();
    await this.#db
      .insertInto("avatars")
      .values({ address: owner, hash, media_type: mediaType, bytes, named: named ? 1 : 0, stored_at: storedAt })
      // The same image again: a named one stays named.
      .onConflict((oc) => oc.columns(["address", "hash"]).doUpdateSet({ stored_at: storedAt, ...(named ? { named: 1 } : {}) }))
      .execute();
  }

  async name(owner: Address, hash: Hex32 | null): Promise<void> {
    const query = this.#db.deleteFrom("avatars").where("address", "=", owner).where("named", "=", 1);
    await (hash === null ? query : query.where("hash", "<>", hash)).execute();
    if (hash === null) return;
    await this.#db.updateTable("avatars").set({ named: 1 }).where("address", "=", owner).where("hash", "=", hash).execute();
  }

  async clear(owner: Address): Promise<void> {
    await this.#db.deleteFrom("avatars").where("address", "=", owner).execute();
  }
}

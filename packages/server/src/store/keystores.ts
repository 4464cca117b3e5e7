import { hash, KEYSTORE_VERSIONS, SmimpError, toHex, type Address, type Timestamp } from "@smimp/protocol";
import type { Queries } from "./schema.ts";

/** Versions of a keystore that are kept where no fewer are asked for (protocol section 8). */
export const KEPT_KEYSTORES = KEYSTORE_VERSIONS;

/** One version of an account's sealed keystore; opaque but for the number in clear. */
export interface Keystore {
  /** The number that `?version=` asks for: what its maker wrote in clear in the first 8 bytes; the caller reads it. */
  readonly version: number;
  /** 64 hex digits, without quotation marks: H(bytes). */
  readonly etag: string;
  readonly bytes: Uint8Array;
  readonly storedAt: Timestamp;
}

/** What must hold of the newest keystore: its ETag, or that there is none (`If-None-Match: *`). */
export type KeystoreCondition = { readonly etag: string } | "none";

/** Questions about keystores. */
export interface KeystoresReader {
  /** The newest, or the newest of that version among the last ten. */
  find(owner: Address, version?: number): Promise<Keystore | null>;
  /** The versions that are kept, the one that was stored last first. */
  versions(owner: Address): Promise<readonly number[]>;
}

/** Changes of keystores. */
export interface KeystoresWriter extends KeystoresReader {
  /**
   * Stores the next one, erases all but the newest `keep` (ten where left out), resolves with its ETag. Throws
   * `precondition_failed`.
   */
  put(
    owner: Address,
    keystore: Pick<Keystore, "version" | "bytes" | "storedAt">,
    condition: KeystoreCondition,
    keep?: number,
  ): Promise<string>;
}

/** Keystores in SQL. */
export class SqlKeystores implements KeystoresWriter {
  readonly #db: Queries;

  constructor(db: Queries) {
    this.#db = db;
  }

  async find(owner: Address, version?: number): Promise<Keystore | null> {
    let query = this.#db.selectFrom("keystores").selectAll().where("address", "=", owner).orderBy("position", "desc").limit(1);
    if (version !== undefined) query = query.where("version", "=", version);
    const row = await query.executeTakeFirst();
    return row === undefined ? null : { version: row.version, etag: row.etag, bytes: row.bytes, storedAt: row.stored_at };
  }

  async versions(owner: Address): Promise<readonly number[]> {
    const query = this.#db.selectFrom("keystores").select("version").where("address", "=", owner).orderBy("position", "desc");
    return (await query.execute()).map(({ version }) => version);
  }

  async put(
    owner: Address,
    keystore: Pick<Keystore, "version" | "bytes" | "storedAt">,
    condition: KeystoreCondition,
    keep = KEPT_KEYSTORES,
  ): Promise<string> {
    const newest = await this.#db
      .selectFrom("keystores")
      .select(["position", "etag"])
      .where("address", "=", owner)
      .orderBy("position", "desc")
      .limit(1)
      .executeTakeFirst();
    const met = condition === "none" ? newest === undefined : newest?.etag === condition.etag;
    if (!met) throw new SmimpError("precondition_failed", "another keystore stands here by now");
    const position = (newest?.position ?? 0) + 1;
    const etag = toHex(hash(keystore.bytes));
    await this.#db
      .insertInto("keystores")
      .values({ address: owner, position, version: keystore.version, etag, bytes: keystore.bytes, stored_at: keystore.storedAt })
      .execute();
    await this.#db
      .deleteFrom("keystores")
      .where("address", "=", owner)
      .where("position", "<=", position - keep)
      .execute();
    return etag;
  }
}

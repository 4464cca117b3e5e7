import type { Address, DeviceLinkCode, Timestamp } from "@smimp/protocol";
import { sql } from "kysely";
import type { Queries } from "./schema.ts";

/** A device's key, and what was sealed to it (protocol section 8). */
export interface DeviceLink {
  readonly code: DeviceLinkCode;
  /** X-Wing, `b64`. */
  readonly publicKey: string;
  /** `b64`; null until somebody seals to the key. */
  readonly sealed: string | null;
  readonly expiresAt: Timestamp;
}

/** What one of an account's devices left for another. */
export interface HandOver extends DeviceLink {
  readonly sealed: string;
}

/** Questions about links of devices. Expired ones are found until they are cleaned away: the caller compares `expiresAt`. */
export interface DeviceLinksReader {
  /** What a new device shows. */
  find(code: DeviceLinkCode): Promise<DeviceLink | null>;
  /** What an account left for a device of its own. */
  handOver(owner: Address, code: DeviceLinkCode): Promise<DeviceLink | null>;
  /** All that an account has left for its devices and is not expired. */
  handOvers(owner: Address, now: Timestamp): Promise<readonly HandOver[]>;
  /** New devices that wait at that time, of everybody, counted up to `limit`. */
  countWaiting(now: Timestamp, limit: number): Promise<number>;
  /** What an account has left for its devices and is not expired. */
  countHandOvers(owner: Address, now: Timestamp): Promise<number>;
}

/** Changes of links of devices. */
export interface DeviceLinksWriter extends DeviceLinksReader {
  /** Stores what a new device shows, in place of an earlier one with that code. */
  put(link: DeviceLink): Promise<void>;
  /** Stores what is handed over, in place of what the account left under that code before. */
  putHandOver(owner: Address, handOver: HandOver): Promise<void>;
}

/** Links of devices in SQL. */
export class SqlDeviceLinks implements DeviceLinksWriter {
  readonly #db: Queries;

  constructor(db: Queries) {
    this.#db = db;
  }

  async find(code: DeviceLinkCode): Promise<DeviceLink | null> {
    const row = await this.#db.selectFrom("device_links").selectAll().where("code", "=", code).executeTakeFirst();
    return row === undefined ? null : { code, publicKey: row.public_key, sealed: row.sealed, expiresAt: row.expires_at };
  }

  async handOver(owner: Address, code: DeviceLinkCode): Promise<DeviceLink | null> {
    const query = this.#db.selectFrom("hand_overs").selectAll().where("address", "=", owner).where("code", "=", code);
    const row = await query.executeTakeFirst();
    return row === undefined ? null : { code, publicKey: row.public_key, sealed: row.sealed, expiresAt: row.expires_at };
  }

  async handOvers(owner: Address, now: Timestamp): Promise<readonly HandOver[]> {
    const query = this.#db.selectFrom("hand_overs").selectAll().where("address", "=", owner).where("expires_at", ">", now).orderBy("code");
    const rows = await query.execute();
    return rows.map((row) => ({ code: row.code, publicKey: row.public_key, sealed: row.sealed, expiresAt: row.expires_at }));
  }

  async countWaiting(now: Timestamp, limit: number): Promise<number> {
    const waiting = this.#db.selectFrom("device_links").select("code").where("expires_at", ">", now).limit(limit).as("waiting");
    const query = this.#db.selectFrom(waiting).select(sql<number>`count(*)`.as("count"));
    return (await query.executeTakeFirstOrThrow()).count;
  }

  async countHandOvers(owner: Address, now: Timestamp): Promise<number> {
    const { count } = await this.#db
      .selectFrom("hand_overs")
      .select(sql<number>`count(*)`.as("count"))
      .where("address", "=", owner)
      .where("expires_at", ">", now)
      .executeTakeFirstOrThrow();
    return count;
  }

  async put({ code, publicKey, sealed, expiresAt }: DeviceLink): Promise<void> {
    const values = { public_key: publicKey, sealed, expires_at: expiresAt };
    await this.#db
      .insertInto("device_links")
      .values({ code, ...values })
      .onConflict((oc) => oc.column("code").doUpdateSet(values))
      .execute();
  }

  async putHandOver(owner: Address, { code, publicKey, sealed, expiresAt }: HandOver): Promise<void> {
    const values = { public_key: publicKey, sealed, expires_at: expiresAt };
    await this.#db
      .insertInto("hand_overs")
      .values({ address: owner, code, ...values })
      .onConflict((oc) => oc.columns(["address", "code"]).doUpdateSet(values))
      .execute();
  }
}

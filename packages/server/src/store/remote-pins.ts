import {
  addSeconds,
  SERVER_PIN_LIFE,
  SmimpError,
  type Address,
  type BaseUrl,
  type Domain,
  type Hex32,
  type PublicKey,
  type Timestamp,
} from "@smimp/protocol";
import { sql, type Selectable } from "kysely";
import type { Database, Queries } from "./schema.ts";

/** What is held for good of a remote history (protocol section 3). */
export interface RemotePin {
  readonly first_link: Hex32;
  readonly link: Hex32;
  readonly sequence: number;
  readonly public_key: PublicKey;
}

/** What is kept of a remote history that was fetched, validated and pinned; the records themselves are fetched again. */
export interface RemoteHistory {
  readonly address: Address;
  readonly baseUrl: BaseUrl;
  readonly pin: RemotePin;
  readonly lastUsedAt: Timestamp;
}

/** Questions about remote histories. A pin that lay idle for 180 days is as if it had never been (protocol section 3). */
export interface RemotePinsReader {
  find(address: Address, now: Timestamp): Promise<RemoteHistory | null>;
  /** Pins in the order of their addresses, from the one after `after`; those of one domain where one is named. Lapsed ones too, until they are cleaned away. */
  list(options: {
    readonly after?: Address | undefined;
    readonly domain?: Domain | undefined;
    readonly limit: number;
  }): Promise<readonly RemoteHistory[]>;
  /** The remote address that this key is pinned under as the current one. */
  holderOf(publicKey: PublicKey, now: Timestamp): Promise<Address | null>;
}

/** Changes of remote histories. */
export interface RemotePinsWriter extends RemotePinsReader {
  /**
   * Stores a history in place of what was held of that address. Throws `history_rewritten` where the pin that is held by now lies
   * beyond the new one or began otherwise (two fetches at once), `key_reused` where the key is pinned under another address.
   */
  put(history: RemoteHistory): Promise<void>;
  /** Notes that a pin was used. */
  touch(address: Address, at: Timestamp): Promise<void>;
  /** Clears a pin, an operator's decision. False: there was none. */
  clear(address: Address): Promise<boolean>;
}

/** Remote histories in SQL. */
export class SqlRemotePins implements RemotePinsWriter {
  readonly #db: Queries;

  constructor(db: Queries) {
    this.#db = db;
  }

  async find(address: Address, now: Timestamp): Promise<RemoteHistory | null> {
    const row = await this.#db
      .selectFrom("remote_histories")
      .selectAll()
      .where("address", "=", address)
      .where("last_used_at", ">", addSeconds(now, -SERVER_PIN_LIFE))
      .executeTakeFirst();
    return row === undefined ? null : toHistory(row);
  }

  async list({ after, domain, limit }: Parameters<RemotePinsReader["list"]>[0]): Promise<readonly RemoteHistory[]> {
    let query = this.#db.selectFrom("remote_histories").selectAll().orderBy("address").limit(limit);
    if (after !== undefined) query = query.where("address", ">", after);
    // The operator's question now and then: it looks through all.
    if (domain !== undefined) query = query.where(sql<boolean>`substr(address, instr(address, '#') + 1) = ${domain}`);
    return (await query.execute()).map(toHistory);
  }

  async holderOf(publicKey: PublicKey, now: Timestamp): Promise<Address | null> {
    const row = await this.#db
      .selectFrom("remote_histories")
      .select("address")
      .where("public_key", "=", publicKey)
      .where("last_used_at", ">", addSeconds(now, -SERVER_PIN_LIFE))
      .limit(1)
      .executeTakeFirst();
    return row?.address ?? null;
  }

  async put(history: RemoteHistory): Promise<void> {
    const { address, baseUrl, pin, lastUsedAt } = history;
    // The caller compared with the pin that it read; another fetch of the same history may have ended since.
    const held = (await this.find(address, lastUsedAt))?.pin;
    if (held !== undefined && !extendsPin(pin, held)) throw new SmimpError("history_rewritten", "a longer or other history is pinned");
    const holder = await this.holderOf(pin.public_key, lastUsedAt);
    if (holder !== null && holder !== address) throw new SmimpError("key_reused", "this key is pinned under another address");
    const row = {
      base_url: baseUrl,
      first_link: pin.first_link,
      link: pin.link,
      sequence: pin.sequence,
      public_key: pin.public_key,
      last_used_at: lastUsedAt,
    };
    await this.#db
      .insertInto("remote_histories")
      .values({ address, ...row })
      .onConflict((oc) => oc.column("address").doUpdateSet(row))
      .execute();
  }

  async touch(address: Address, at: Timestamp): Promise<void> {
    await this.#db
      .updateTable("remote_histories")
      .set({ last_used_at: at })
      .where("address", "=", address)
      .where("last_used_at", "<", at)
      .execute();
  }

  async clear(address: Address): Promise<boolean> {
    return (await this.#db.deleteFrom("remote_histories").where("address", "=", address).executeTakeFirst()).numDeletedRows > 0n;
  }
}

function toHistory(row: Selectable<Database["remote_histories"]>): RemoteHistory {
  return {
    address: row.address,
    baseUrl: row.base_url,
    pin: { first_link: row.first_link, link: row.link, sequence: row.sequence, public_key: row.public_key },
    lastUsedAt: row.last_used_at,
  };
}

/** Whether a pin may follow another, as far as pins alone show it. */
function extendsPin(pin: RemotePin, held: RemotePin): boolean {
  if (pin.first_link !== held.first_link || pin.sequence < held.sequence) return false;
  return pin.sequence > held.sequence || pin.link === held.link;
}

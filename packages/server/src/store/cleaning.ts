import {
  addSeconds,
  DAY,
  HOUR,
  SERVER_PIN_LIFE,
  TOMBSTONE_LIFE,
  UNNAMED_AVATAR_LIFE,
  UNNAMED_BLOB_LIFE,
  type Timestamp,
} from "@smimp/protocol";
import { sql } from "kysely";
import { DEFAULT_RETENTION } from "../bounds.ts";
import type { Removals } from "./blob-files.ts";
import { dayOf, INFLOW_HOURS } from "./counters.ts";
import { takeAway } from "./departures.ts";
import type { Queries } from "./schema.ts";
import type { Store } from "./store.ts";

/** How long expired sessions, tickets and parameters stay, to be answered as expired and not as unknown, seconds. */
const EXPIRED_LIFE = 1 * DAY;
/** How long hourly counts stay, seconds: what the median looks at, and a day more. */
const COUNTER_LIFE = INFLOW_HOURS * HOUR + DAY;
/** Notes of ended sessions that are kept: far more than end between two looks at them. */
const KEPT_ENDED_ACCESS = 10_000;
/** Rows that one transaction takes away of a kind; more go in the next ones. */
const BATCH = 500;

/** What a cleaning took away. */
export interface CleaningReport {
  readonly challenges: number;
  readonly sessions: number;
  readonly tickets: number;
  readonly work: number;
  readonly invites: number;
  readonly counters: number;
  readonly uploads: number;
  readonly destroyedMessages: number;
  readonly remotePins: number;
  readonly deviceLinks: number;
  readonly handOvers: number;
  readonly avatars: number;
  readonly endedAccess: number;
}

/** Takes away what has lapsed. */
export interface CleaningWriter {
  /** Takes away at most `limit` rows of each kind; invites `inviteDays` after their end. Unnamed blobs' files go after the commit, as with any transaction. */
  run(now: Timestamp, limit: number, inviteDays: number): Promise<CleaningReport>;
}

/** Cleans until nothing is left that has lapsed, in small transactions between which others run. */
export async function cleanStore(store: Store, now: Timestamp, inviteDays: number = DEFAULT_RETENTION.inviteDays): Promise<CleaningReport> {
  // What a crash left of accounts that were deleted.
  for (const address of await store.read((reader) => reader.departures.leaving())) await takeAway(store, address);
  let total: CleaningReport | null = null;
  for (;;) {
    const report = await store.transact((writer) => writer.cleaning.run(now, BATCH, inviteDays));
    total = total === null ? report : add(total, report);
    if (Object.values(report).every((taken) => taken < BATCH)) return total;
  }
}

/** Cleaning in SQL. */
export class SqlCleaning implements CleaningWriter {
  readonly #db: Queries;
  readonly #removals: Removals;

  constructor(db: Queries, removals: Removals) {
    this.#db = db;
    this.#removals = removals;
  }

  async run(now: Timestamp, limit: number, inviteDays: number): Promise<CleaningReport> {
    const expired = addSeconds(now, -EXPIRED_LIFE);
    return {
      challenges: await this.#expire("session_challenges", "token_hash", "expires_at", now, limit),
      sessions: await this.#expire("sessions", "token_hash", "expires_at", expired, limit),
      tickets: await this.#expire("tickets", "ticket", "expires_at", expired, limit),
      work: await this.#expire("work_demands", "nonce", "expires_at", expired, limit),
      invites: await this.#expire("invites", "code_hash", "expires_at", addSeconds(now, -inviteDays * DAY), limit),
      counters: await this.#counters(now, limit),
      uploads: await this.#uploads(addSeconds(now, -UNNAMED_BLOB_LIFE), limit),
      destroyedMessages: await this.#destroyedMessages(addSeconds(now, -TOMBSTONE_LIFE), limit),
      remotePins: await this.#expire("remote_histories", "address", "last_used_at", addSeconds(now, -SERVER_PIN_LIFE), limit),
      deviceLinks: await this.#expire("device_links", "code", "expires_at", now, limit),
      handOvers: await this.#expire("hand_overs", "rowid", "expires_at", now, limit),
      avatars: await this.#avatars(addSeconds(now, -UNNAMED_AVATAR_LIFE), limit),
      endedAccess: await this.#endedAccess(limit),
    };
  }

  /** Deletes rows whose time lies at or before `until`. */
  async #expire(
    table: "session_challenges" | "sessions" | "tickets" | "work_demands" | "invites" | "remote_histories" | "device_links" | "hand_overs",
    key: string,
    time: "expires_at" | "last_used_at",
    until: Timestamp,
    limit: number,
  ): Promise<number> {
    const result = await sql`DELETE FROM ${sql.table(table)} WHERE ${sql.ref(key)} IN
      (SELECT ${sql.ref(key)} FROM ${sql.table(table)} WHERE ${sql.ref(time)} <= ${until} ORDER BY ${sql.ref(time)} LIMIT ${limit})`.execute(
      this.#db,
    );
    return Number(result.numAffectedRows ?? 0n);
  }

  /** Notes of ended sessions that every process has read long ago. */
  async #endedAccess(limit: number): Promise<number> {
    const result = await sql`DELETE FROM ended_access WHERE position IN (SELECT position FROM ended_access
      WHERE position <= (SELECT coalesce(max(position), 0) FROM ended_access) - ${KEPT_ENDED_ACCESS} ORDER BY position LIMIT ${limit})`.execute(
      this.#db,
    );
    return Number(result.numAffectedRows ?? 0n);
  }

  /** Images that no profile named in time (protocol section 3). */
  async #avatars(until: Timestamp, limit: number): Promise<number> {
    const result = await sql`DELETE FROM avatars WHERE rowid IN
      (SELECT rowid FROM avatars WHERE named = 0 AND stored_at <= ${until} ORDER BY stored_at LIMIT ${limit})`.execute(this.#db);
    return Number(result.numAffectedRows ?? 0n);
  }

  /** Counts of days and hours that nobody asks about any more; at most `limit` of each table. */
  async #counters(now: Timestamp, limit: number): Promise<number> {
    const yesterday = dayOf(addSeconds(now, -DAY));
    let taken = 0;
    for (const table of ["issue_counters", "stranger_issue_counters", "prefix_issue_counters"] as const) {
      taken += await this.#takeBefore(table, "day", yesterday, limit);
    }
    return taken + (await this.#takeBefore("contact_counters", "hour", addSeconds(now, -COUNTER_LIFE), limit));
  }

  async #takeBefore(table: string, time: string, until: string, limit: number): Promise<number> {
    const result = await sql`DELETE FROM ${sql.table(table)} WHERE rowid IN
      (SELECT rowid FROM ${sql.table(table)} WHERE ${sql.ref(time)} < ${until} LIMIT ${limit})`.execute(this.#db);
    return Number(result.numAffectedRows ?? 0n);
  }

  /** Blobs that no message named in time (protocol section 6). A message that names one and this never meet: both are transactions. */
  async #uploads(until: Timestamp, limit: number): Promise<number> {
    const rows = await this.#db
      .deleteFrom("uploads")
      .where("file", "in", (eb) =>
        eb.selectFrom("uploads").select("file").where("uploaded_at", "<=", until).orderBy("uploaded_at").limit(limit),
      )
      .returning("file")
      .execute();
    for (const { file } of rows) this.#removals.push(file);
    return rows.length;
  }

  /** Forgets ids of deleted messages, and notes for each account that it can't tell of them any more. */
  async #destroyedMessages(until: Timestamp, limit: number): Promise<number> {
    const rows = await this.#db
      .selectFrom("destroyed_messages")
      .select(["recipient", "message_id", "destroyed_state"])
      .where("destroyed_at", "<=", until)
      .orderBy("destroyed_at")
      .limit(limit)
      .execute();
    for (const { recipient, message_id, destroyed_state } of rows) {
      await this.#db.deleteFrom("destroyed_messages").where("recipient", "=", recipient).where("message_id", "=", message_id).execute();
      await this.#db
        .updateTable("accounts")
        .set({ changes_floor: destroyed_state })
        .where("address", "=", recipient)
        .where("changes_floor", "<", destroyed_state)
        .execute();
    }
    return rows.length;
  }
}

function add(total: CleaningReport, report: CleaningReport): CleaningReport {
  return {
    challenges: total.challenges + report.challenges,
    sessions: total.sessions + report.sessions,
    tickets: total.tickets + report.tickets,
    work: total.work + report.work,
    invites: total.invites + report.invites,
    counters: total.counters + report.counters,
    uploads: total.uploads + report.uploads,
    destroyedMessages: total.destroyedMessages + report.destroyedMessages,
    remotePins: total.remotePins + report.remotePins,
    deviceLinks: total.deviceLinks + report.deviceLinks,
    handOvers: total.handOvers + report.handOvers,
    avatars: total.avatars + report.avatars,
    endedAccess: total.endedAccess + report.endedAccess,
  };
}

import { addSeconds, HOUR, secondsOf, timestampOf, type Address, type Timestamp } from "@smimp/protocol";
import type { Queries } from "./schema.ts";

/** Whose first contacts are counted (protocol section 7): a sender, a domain, or an IP prefix as text. */
export type ContactSource =
  | { readonly by: "sender"; readonly subject: string }
  | { readonly by: "domain"; readonly subject: string }
  | { readonly by: "prefix"; readonly subject: string };

/** First contacts in one hour; `hour` is its start. Hours without any are left out. */
export interface HourCount {
  readonly hour: Timestamp;
  readonly count: number;
}

/** Hours over which the usual stranger inflow is taken: 7 days (protocol section 7). */
export const INFLOW_HOURS = 7 * 24;

/** Questions about counts. Days and hours are those of UTC that `at` falls in. */
export interface CountersReader {
  /** Single-use keys that `sender` was given for `recipient` that day (protocol section 4). */
  issuedTo(sender: Address, recipient: Address, at: Timestamp): Promise<number>;
  /** Single-use keys of `recipient` that first contacts were given that day, all together (protocol section 4). */
  issuedToStrangers(recipient: Address, at: Timestamp): Promise<number>;
  /** Single-use keys that first contacts from an IP prefix were given that day, of whomever. */
  issuedToPrefix(prefix: string, at: Timestamp): Promise<number>;
  /** First contacts of the last `hours` hours, that of `at` included, newest first. */
  firstContacts(source: ContactSource, at: Timestamp, hours: number): Promise<readonly HourCount[]>;
  /** First contacts of the whole server in that hour. */
  strangerInflow(at: Timestamp): Promise<number>;
  /** Median of the hourly stranger inflow over the `INFLOW_HOURS` before that hour; hours without any count as 0. */
  strangerInflowMedian(at: Timestamp): Promise<number>;
}

/** Changes of counts. */
export interface CountersWriter extends CountersReader {
  /** Counts a single-use key given to `sender`; `stranger`: a first contact, from that IP prefix. */
  countIssue(issue: {
    readonly sender: Address;
    readonly recipient: Address;
    readonly stranger: boolean;
    readonly prefix: string;
    readonly at: Timestamp;
  }): Promise<void>;
  /** Counts a first contact for each source, and for the server's stranger inflow. */
  countFirstContact(sources: readonly ContactSource[], at: Timestamp): Promise<void>;
}

/** Counts in SQL. */
export class SqlCounters implements CountersWriter {
  readonly #db: Queries;

  constructor(db: Queries) {
    this.#db = db;
  }

  async issuedTo(sender: Address, recipient: Address, at: Timestamp): Promise<number> {
    const row = await this.#db
      .selectFrom("issue_counters")
      .select("count")
      .where("recipient", "=", recipient)
      .where("sender", "=", sender)
      .where("day", "=", dayOf(at))
      .executeTakeFirst();
    return row?.count ?? 0;
  }

  async issuedToStrangers(recipient: Address, at: Timestamp): Promise<number> {
    const row = await this.#db
      .selectFrom("stranger_issue_counters")
      .select("count")
      .where("recipient", "=", recipient)
      .where("day", "=", dayOf(at))
      .executeTakeFirst();
    return row?.count ?? 0;
  }

  async issuedToPrefix(prefix: string, at: Timestamp): Promise<number> {
    const row = await this.#db
      .selectFrom("prefix_issue_counters")
      .select("count")
      .where("prefix", "=", prefix)
      .where("day", "=", dayOf(at))
      .executeTakeFirst();
    return row?.count ?? 0;
  }

  firstContacts(source: ContactSource, at: Timestamp, hours: number): Promise<readonly HourCount[]> {
    return this.#hours(source.by, source.subject, at, hours);
  }

  async strangerInflow(at: Timestamp): Promise<number> {
    const [current] = await this.#hours("server", "", at, 1);
    return current?.count ?? 0;
  }

  async strangerInflowMedian(at: Timestamp): Promise<number> {
    const before = await this.#hours("server", "", addSeconds(at, -HOUR), INFLOW_HOURS);
    const counts = [...before.map((each) => each.count), ...Array.from({ length: INFLOW_HOURS - before.length }, () => 0)];
    counts.sort((a, b) => a - b);
    const middle = INFLOW_HOURS / 2;
    return ((counts[middle - 1] ?? 0) + (counts[middle] ?? 0)) / 2;
  }

  async countIssue(issue: Parameters<CountersWriter["countIssue"]>[0]): Promise<void> {
    const { sender, recipient, stranger, prefix, at } = issue;
    const day = dayOf(at);
    await this.#db
      .insertInto("issue_counters")
      .values({ recipient, sender, day, count: 1 })
      .onConflict((oc) => oc.columns(["recipient", "sender", "day"]).doUpdateSet((eb) => ({ count: eb("issue_counters.count", "+", 1) })))
      .execute();
    if (!stranger) return;
    await this.#db
      .insertInto("stranger_issue_counters")
      .values({ recipient, day, count: 1 })
      .onConflict((oc) => oc.columns(["recipient", "day"]).doUpdateSet((eb) => ({ count: eb("stranger_issue_counters.count", "+", 1) })))
      .execute();
    await this.#db
      .insertInto("prefix_issue_counters")
      .values({ prefix, day, count: 1 })
      .onConflict((oc) => oc.columns(["prefix", "day"]).doUpdateSet((eb) => ({ count: eb("prefix_issue_counters.count", "+", 1) })))
      .execute();
  }

  async countFirstContact(sources: readonly ContactSource[], at: Timestamp): Promise<void> {
    const hour = hourOf(at);
    for (const { by, subject } of [...sources, { by: "server" as const, subject: "" }]) {
      await this.#db
        .insertInto("contact_counters")
        .values({ source: by, subject, hour, count: 1 })
        .onConflict((oc) =>
          oc.columns(["source", "subject", "hour"]).doUpdateSet((eb) => ({ count: eb("contact_counters.count", "+", 1) })),
        )
        .execute();
    }
  }

  /** The last `hours` hours, that of `at` included, newest first; none that lies after `at`. */
  async #hours(
    source: "sender" | "domain" | "prefix" | "server",
    subject: string,
    at: Timestamp,
    hours: number,
  ): Promise<readonly HourCount[]> {
    const rows = await this.#db
      .selectFrom("contact_counters")
      .select(["hour", "count"])
      .where("source", "=", source)
      .where("subject", "=", subject)
      .where("hour", "<=", hourOf(at))
      .where("hour", ">", addSeconds(hourOf(at), -hours * HOUR))
      .orderBy("hour", "desc")
      .execute();
    return rows.map(({ hour, count }) => ({ hour, count }));
  }
}

/** The UTC day of a time, as text that compares as days do. */
export function dayOf(at: Timestamp): string {
  return at.slice(0, "2026-11-23".length);
}

/** The start of the UTC hour of a time. */
export function hourOf(at: Timestamp): Timestamp {
  const seconds = secondsOf(at);
  return timestampOf(seconds - (seconds % HOUR));
}

import type { Address, Timestamp } from "@smimp/protocol";

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
  /** First contacts of the last `hours` hours, that of `at` included, newest first. */
  firstContacts(source: ContactSource, at: Timestamp, hours: number): Promise<readonly HourCount[]>;
  /** First contacts of the whole server in that hour. */
  strangerInflow(at: Timestamp): Promise<number>;
  /** Median of the hourly stranger inflow over the `INFLOW_HOURS` before that hour; hours without any count as 0. */
  strangerInflowMedian(at: Timestamp): Promise<number>;
}

/** Changes of counts. */
export interface CountersWriter extends CountersReader {
  /** Counts a single-use key given to `sender`; `stranger`: a first contact. */
  countIssue(issue: {
    readonly sender: Address;
    readonly recipient: Address;
    readonly stranger: boolean;
    readonly at: Timestamp;
  }): Promise<void>;
  /** Counts a first contact for each source, and for the server's stranger inflow. */
  countFirstContact(sources: readonly ContactSource[], at: Timestamp): Promise<void>;
}

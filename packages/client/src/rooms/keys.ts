import type { Timestamp } from "@smimp/protocol";

/** How the owner's keys stand. */
export interface KeysStatus {
  readonly publicKey: string;
  readonly masterSince: Timestamp;
  readonly recoverySince: Timestamp;
  /** Records of the own history, of which there can be 1,000. */
  readonly records: number;
  /** Single-use keys that the server can give out, as far as this device knows. */
  readonly singleUseKeys: number;
  /** Months whose archive keys are there, e.g. `2026-11`, the oldest first. */
  readonly archiveMonths: readonly string[];
  /** Whether the server's keystore holds all that this device knows. */
  readonly saved: boolean;
  /** Whether a change of keys was interrupted: it goes on with the next sync. */
  readonly changing: boolean;
}

/** The owner's keys (protocol sections 3, 4 and 8). */
export interface Keys {
  status(): Promise<KeysStatus>;
  /** Saves the keystore where something changed, and takes over what other devices saved. */
  save(): Promise<void>;
  /**
   * Replaces the master key, message keys and K; the other devices are handed them. Throws `rate_limited` beyond 20 records a day, and
   * `temporarily_unavailable` where the server can't be reached: then it goes on with the next sync.
   */
  rotate(): Promise<void>;
  /**
   * Replaces the recovery phrase, and with it recovery key, master key and K; older versions of the keystore are erased. `keepPhrase` shows
   * the new words and resolves once they are on paper: only then anything changes. Throws `bad_request` for words that are no phrase,
   * `unauthenticated` for another's, and as `rotate`: after `temporarily_unavailable` both sheets are to be kept until `status` says
   * that nothing is changing any more. A notice says so if the old phrase stays. Resolves with the new words.
   */
  changePhrase(options: { readonly oldPhrase: string; readonly keepPhrase: (phrase: string) => Promise<void> }): Promise<string>;
  /**
   * Burns everything that was opened before a month, e.g. `2026-03`: destroys its archive keys here, on the server and, with their next
   * syncs, on all devices, and whatever of these messages is left on this one, among what was sent and in the search index too. Nobody
   * can read them any more; they are shown as burned. What matters is when a message was opened, not when it was sent: mail that was
   * imported this month burns with this month. Resolves with how many messages of this device burned, and how many stay readable though
   * they are dated before that month; where the server can't be reached, it goes on with the next sync. Throws TypeError.
   */
  burnBefore(month: string): Promise<{ readonly messages: number; readonly stay: number }>;
}

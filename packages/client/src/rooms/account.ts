import type { BaseUrl } from "@smimp/protocol";

/** How much of the server's room an account takes, bytes. */
export interface Quota {
  readonly used: number;
  /** Null where there is no limit. */
  readonly total: number | null;
}

/** What moving an account needs. */
export interface MoveOptions {
  /** The new server's base URL; it must hold the account's domain. */
  readonly to: BaseUrl;
  /** A one-time code of the new server. */
  readonly code: string | null;
  readonly signal?: AbortSignal;
}

/**
 * How far a move is. `announcing` and `copying` go on where they were interrupted; `waiting_for_domain` until whoever keeps the domain's
 * smimp.txt has it name the new server; `settling` for two hours, in which mail that still comes to the old server is taken along.
 */
export interface MoveStatus {
  readonly step: "none" | "announcing" | "copying" | "waiting_for_domain" | "settling";
  readonly from: BaseUrl | null;
  readonly to: BaseUrl | null;
}

/** The account as a whole (protocol sections 3 and 8). */
export interface AccountRoom {
  /** How much room there is on the server, as it says now. */
  quota(): Promise<Quota>;
  /** Everything that the server holds, sealed as it is: lines of JSON. Throws `temporarily_unavailable` where it breaks off, `rate_limited`. */
  export(options?: { readonly signal?: AbortSignal }): AsyncIterable<Uint8Array>;
  /**
   * Deletes the account on its server, or after a move on the old one (`server`), for good: the address can never be opened there again.
   * Throws `bad_request` for words that are no phrase, `unauthenticated` for another's.
   */
  remove(options: { readonly phrase: string; readonly server?: BaseUrl }): Promise<void>;
  /**
   * Moves to another server, as far as that goes now; called again, or with each sync, it goes on. Who writes and who is written to
   * notices nothing; this and all other devices follow by themselves. Throws `wrong_server`, `unauthenticated` for a wrong code,
   * `quota_exceeded`, and a transport's errors; TypeError where another move is under way.
   */
  move(options: MoveOptions): Promise<MoveStatus>;
  moveStatus(): Promise<MoveStatus>;
  /** Gives a move up, before the domain names the new server. What was copied stays there until it is deleted. Throws TypeError once it has. */
  cancelMove(): Promise<void>;
}

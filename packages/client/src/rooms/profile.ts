import type { Address, Hex32 } from "@smimp/protocol";

/** What somebody says of themselves in public (protocol section 3). */
export interface OwnProfile {
  readonly name: string | null;
  readonly website: string | null;
  readonly profiles: readonly string[];
  readonly avatar: { readonly hash: Hex32; readonly mediaType: "image/png" | "image/jpeg" } | null;
}

/** An image that goes with a profile; its hash and its first bytes are as they have to be. */
export interface Avatar {
  readonly hash: Hex32;
  readonly mediaType: "image/png" | "image/jpeg";
  readonly bytes: Uint8Array;
}

/** What is to be changed of a profile; what is left out stays, null takes it away. */
export interface ProfileChange {
  readonly name?: string | null;
  /** An https URL. */
  readonly website?: string | null;
  /** https URLs, at most 64. */
  readonly profiles?: readonly string[] | null;
  /** Takes the avatar away; `setAvatar` sets one. */
  readonly avatar?: null;
}

/** The public profile: each change is a record of the history, of which there are 1,000 in all and 20 a day (protocol section 3). */
export interface ProfileRoom {
  get(): Promise<OwnProfile>;
  /** Somebody else's, as it was when their history was last fetched; null where they have none. */
  of(address: Address): Promise<OwnProfile | null>;
  /**
   * The avatar that somebody's profile names, or the owner's own; null where it names none, where there is none, or where what the server
   * shows is not the one. Kept, unless it is large. With `fetch: false` no server is asked: what wasn't fetched before is null.
   */
  avatarOf(address: Address, options?: { readonly fetch?: boolean }): Promise<Avatar | null>;
  /** Throws `bad_request` for what is no https URL or too long, `too_large`, `rate_limited`. */
  set(change: ProfileChange): Promise<void>;
  /** Throws `bad_request` for what is no image of that type, `too_large` beyond 1 MiB. */
  setAvatar(bytes: Uint8Array, mediaType: "image/png" | "image/jpeg"): Promise<void>;
  /** Has the server delete profile and avatar; the history, with its hashes of them, stays valid. */
  deletePersonalData(): Promise<void>;
}

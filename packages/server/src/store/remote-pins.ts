import type { Address, BaseUrl, Hex32, PublicKey, RecordStatement, Timestamp } from "@smimp/protocol";

/** What is held for good of a remote history (protocol section 3). */
export interface RemotePin {
  readonly first_link: Hex32;
  readonly link: Hex32;
  readonly sequence: number;
  readonly public_key: PublicKey;
}

/** A remote history as it was last fetched, validated and pinned. */
export interface RemoteHistory {
  readonly address: Address;
  readonly baseUrl: BaseUrl;
  readonly pin: RemotePin;
  readonly records: readonly RecordStatement[];
  readonly fetchedAt: Timestamp;
  readonly lastUsedAt: Timestamp;
}

/** Questions about remote histories. A pin that lay idle for 180 days is as if it had never been (protocol section 3). */
export interface RemotePinsReader {
  find(address: Address, now: Timestamp): Promise<RemoteHistory | null>;
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

import type { Address, Clock } from "@smimp/protocol";
import type { Ledger } from "./ledger.ts";

/** A server, for those who look into its data beside it. */
export interface ServerFolder {
  readonly domain: string;
  dataDir(): string;
  /** What the server's own check finds wrong with database and blobs. */
  check(): Promise<readonly string[]>;
}

/** What invariants are held against. */
export interface Facts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** The latest time that its clocks have shown: what has happened by then stays so where they are set back. */
  readonly latest: Clock;
  nodeOf(address: Address): ServerFolder;
}

/** Somebody whom a recovery phrase brings back. */
export interface PhraseOwner {
  readonly address: Address;
  /** 24 words; several while it is not certain which of them are in force. */
  readonly phrases: readonly string[];
}

/** Whose program is looked at. */
export interface Owner {
  readonly person: { readonly address: Address };
  readonly device: { readonly name: string };
}

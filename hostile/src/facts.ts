import type { Address, Clock } from "@smimp/protocol";
import type { Ledger } from "./ledger.ts";

/** A server, for those who look into its data beside it. */
export interface ServerFolder {
  readonly domain: string;
  dataDir(): string;
}

/** What invariants are held against. */
export interface Facts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  nodeOf(address: Address): ServerFolder;
}

/** Whose program is looked at. */
export interface Owner {
  readonly person: { readonly address: Address };
  readonly device: { readonly name: string };
}

import type { Resolved } from "@smimp/identity";
import type { Address } from "@smimp/protocol";
import type { Contact, History } from "../model.ts";

/** People whose identities are pinned. */
export interface Contacts {
  list(): Promise<readonly Contact[]>;
  get(address: Address): Promise<Contact | null>;
  /** Fetches the whole history, checks it and pins it. Throws `history_rewritten` and the other codes of protocol section 3. */
  resolve(address: Address): Promise<Resolved>;
  /** The history as it was last fetched, the owner's own too; where it isn't here it is fetched, as `resolve` does, and throws as that. */
  history(address: Address): Promise<History>;
  /** What people call themselves, as far as it is known here: no server is asked. */
  names(addresses: readonly Address[]): Promise<readonly (string | null)[]>;
  /** Marks the safety number as compared; a key change takes the mark away. */
  setVerified(address: Address, verified: boolean): Promise<void>;
}

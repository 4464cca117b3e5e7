import type { ListedEntry } from "../model.ts";

/** Whom the owner lets in without work, or keeps out: addresses, and `#domain` for all of a domain. */
export interface AccessList {
  list(): Promise<readonly ListedEntry[]>;
  /** Adds an entry, or changes what is noted of it. Throws `bad_address`, `quota_exceeded`. */
  add(entry: string, text?: string): Promise<ListedEntry>;
  /** Takes an entry away, named as it was added or by its hash. Throws `bad_address`. */
  remove(entry: string): Promise<void>;
}

/** Address beats domain, allow beats block. Everybody the owner writes to is let in by the sync that follows, unless kept out by name. */
export interface Lists {
  readonly allow: AccessList;
  /** Who is added finds the account closed; what they sent before and waits for their history is deleted. */
  readonly block: AccessList;
}

import { domainOf, parseAddress, parseDomain, type Address, type Domain } from "./address.ts";
import type { Brand } from "./brand.ts";
import { keyedHash, toHex32, utf8, type Hex32 } from "./bytes.ts";
import { SmimpError } from "./problem.ts";

/** What an allowlist or blocklist holds: an address, or `#domain` for all of a domain (protocol section 8). */
export type ListEntry = Address | Brand<`#${string}`, "DomainEntry">;

/** Parses an entry as a person or a peer wrote it; upper case is lowered. Throws `bad_address`. */
export function parseListEntry(text: unknown): ListEntry {
  if (typeof text !== "string") throw new SmimpError("bad_address", "not an address or #domain");
  return text.startsWith("#") ? domainEntry(parseDomain(text.slice(1))) : parseAddress(text);
}

/** The entry for all of a domain. */
export function domainEntry(domain: Domain): ListEntry {
  return `#${domain}` as ListEntry;
}

/** The entries that decide about an address, the one that beats the other first (protocol section 8). */
export function listEntriesOf(address: Address): readonly [ListEntry, ListEntry] {
  return [address, domainEntry(domainOf(address))];
}

/** The hash that a list holds of an entry, under the account's list key of 32 bytes (protocol section 8). */
export function listEntryHash(listKey: Uint8Array, entry: ListEntry): Hex32 {
  return toHex32(keyedHash(listKey, utf8(entry)));
}

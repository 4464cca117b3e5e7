import type { Address } from "@smimp/protocol";

/** Somebody who is known already. */
export interface KnownPerson {
  readonly address: Address;
  readonly name: string | null;
}

/** Somebody known whom another address could be taken for. */
export interface LookAlike {
  readonly address: Address;
  /** The same local part elsewhere, or one that looks the same; a domain that looks like theirs; the same name. */
  readonly why: "address" | "domain" | "name";
}

/** Characters that are taken for others, in the order in which they are replaced: two letters first. */
const ALIKE: readonly (readonly [string, string])[] = [
  ["rn", "m"],
  ["vv", "w"],
  ["cl", "d"],
  ["0", "o"],
  ["1", "l"],
  ["i", "l"],
  ["3", "e"],
  ["4", "a"],
  ["5", "s"],
  ["7", "t"],
  ["8", "b"],
  ["9", "g"],
  ["-", ""],
];

/** Local parts that half of all domains have: that one is known elsewhere means nothing. */
const EVERYWHERE: ReadonlySet<string> = new Set([
  "admin",
  "contact",
  "hello",
  "help",
  "info",
  "kontakt",
  "mail",
  "me",
  "news",
  "noreply",
  "office",
  "post",
  "sales",
  "service",
  "support",
  "team",
]);

/** How a text looks to somebody who doesn't look closely. */
function looks(text: string): string {
  return ALIKE.reduce((before, [from, to]) => before.replaceAll(from, to), text);
}

function parts(address: Address): { readonly local: string; readonly domain: string } {
  const at = address.indexOf("#");
  return { local: address.slice(0, at), domain: address.slice(at + 1) };
}

/** A name without case, marks, spaces and signs. */
function bare(name: string | null): string {
  return (name ?? "")
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** Whom an address could be taken for, among those who are known; null where it can't. What is most alike comes first. */
export function lookAlikeOf({ address, name }: KnownPerson, known: readonly KnownPerson[]): LookAlike | null {
  const { local, domain } = parts(address);
  const called = bare(name);
  let best: LookAlike | null = null;
  for (const other of known) {
    if (other.address === address) continue;
    const their = parts(other.address);
    const sameLocal = looks(their.local) === looks(local);
    const sameDomain = looks(their.domain) === looks(domain);
    if (sameLocal && (sameDomain || !EVERYWHERE.has(local))) return { address: other.address, why: "address" };
    if (sameDomain && their.domain !== domain) best = { address: other.address, why: "domain" };
    else if (called !== "" && bare(other.name) === called) best ??= { address: other.address, why: "name" };
  }
  return best;
}

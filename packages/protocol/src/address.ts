import type { Brand } from "./brand.ts";
import { SmimpError } from "./problem.ts";

/** A SMIMP address in normal form, e.g. `alice#example.com` (protocol section 1). */
export type Address = Brand<string, "Address">;

/** A domain in normal form: lower-case LDH labels, at least two (protocol section 1). */
export type Domain = Brand<string, "Domain">;

/** Characters of the longest local part, domain, label and address. */
export const MAX_LOCAL_LENGTH = 64;
export const MAX_DOMAIN_LENGTH = 253;
export const MAX_LABEL_LENGTH = 63;
export const MAX_ADDRESS_LENGTH = MAX_LOCAL_LENGTH + 1 + MAX_DOMAIN_LENGTH;

// ASCII is matched before anything is lowered: U+212A would become an ordinary k otherwise.
const LOCAL = /^[A-Za-z0-9]{1,64}$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const NUMERIC_LABEL = /^(?:[0-9]+|0x[0-9a-f]*)$/;

/** Parses what a person or a peer wrote; upper case is lowered. Throws `bad_address`. */
export function parseAddress(text: unknown): Address {
  if (typeof text !== "string" || text.length > MAX_ADDRESS_LENGTH) throw badAddress();
  const at = text.indexOf("#");
  const local = text.slice(0, at);
  if (at < 0 || !LOCAL.test(local)) throw badAddress();
  return `${local.toLowerCase()}#${parseDomain(text.slice(at + 1))}` as Address;
}

/** Parses an address that must already be in normal form, as in everything signed. Throws `bad_address`. */
export function parseNormalAddress(text: unknown): Address {
  const address = parseAddress(text);
  if (address !== text) throw badAddress();
  return address;
}

/** Parses a domain; upper case is lowered. Throws `bad_address`. */
export function parseDomain(text: unknown): Domain {
  if (typeof text !== "string" || text.length > MAX_DOMAIN_LENGTH || !/^[A-Za-z0-9.-]+$/.test(text)) throw badAddress();
  const domain = text.toLowerCase();
  const labels = domain.split(".");
  const last = domain.slice(domain.lastIndexOf(".") + 1);
  if (labels.length < 2 || !labels.every((label) => LABEL.test(label)) || NUMERIC_LABEL.test(last)) throw badAddress();
  return domain as Domain;
}

/** The domain of an address. */
export function domainOf(address: Address): Domain {
  return address.slice(address.indexOf("#") + 1) as Domain;
}

/** The local part of an address. */
export function localPartOf(address: Address): string {
  return address.slice(0, address.indexOf("#"));
}

function badAddress(): SmimpError {
  return new SmimpError("bad_address", "not an address like alice#example.com");
}

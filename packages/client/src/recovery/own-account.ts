import { checkVersion, fetchHistory, findServer, type Fetch } from "@smimp/identity";
import {
  checkChain,
  checkProfileText,
  domainOf,
  MAX_RECORD_BYTES,
  MAX_RECORDS,
  SmimpError,
  type Address,
  type Chain,
  type KeystoreDocument,
} from "@smimp/protocol";
import type { OwnHistory } from "../pins.ts";

/** Bytes of the longest history with its profile, signatures included. */
const MAX_HISTORY_BYTES = MAX_RECORDS * (MAX_RECORD_BYTES + 1_024);

/**
 * Finds the own account with nothing but its address: the server that the domain names, and the history there, checked from its first
 * record on. Throws `unknown_user`, `server_mismatch`, `history_invalid`, and a transport's errors.
 */
export async function findOwnAccount(fetch: Fetch, address: Address): Promise<OwnHistory> {
  const baseUrl = await findServer(fetch, domainOf(address));
  await checkVersion(fetch, baseUrl);
  const { records, profile } = await fetchHistory(fetch, baseUrl, address, MAX_HISTORY_BYTES);
  const chain = checkChain(address, records);
  const { document } = chain.head;
  if (!document.servers.includes(baseUrl)) throw new SmimpError("server_mismatch", "your history does not name this server");
  checkProfileText(profile, document.profile_hash);
  return { chain, baseUrl, profile };
}

/** Whether the history holds what the keystore pins of it: a server that shows a shorter or another one is caught (protocol section 3). */
export function holdsOwnPin(chain: Chain, { pins }: Pick<KeystoreDocument, "pins">): boolean {
  const pin = pins.find(({ address }) => address === chain.address);
  if (pin === undefined) return true;
  return chain.records[0]?.link === pin.first_link && chain.records[pin.sequence]?.link === pin.link;
}

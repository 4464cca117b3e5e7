import { createResolver, type Fetch, type PinStore } from "@smimp/identity";
import {
  domainOf,
  HISTORY_FRESH,
  HOUR,
  MAX_FETCH_BYTES,
  MAX_FETCH_SECONDS,
  secondsBetween,
  SmimpError,
  type Address,
  type Chain,
  type Timestamp,
} from "@smimp/protocol";
import type { Services } from "../services.ts";
import { createChainMemory } from "./chain-memory.ts";
import { ipPrefix } from "./ip-prefix.ts";
import { inOwnWords } from "./remote-words.ts";

/** Records that are kept in memory: some 30 MiB at the worst, thousands of senders as they usually are. */
const MAX_RECORDS_KEPT = 4_096;
/** How soon a history is fetched again because an envelope names a record beyond it, seconds. */
const REFETCH_SECONDS = 10;

/** Histories of senders of other servers: fetched, validated, pinned, and kept for ten minutes (protocol section 5). */
export interface RemoteSenders {
  /**
   * The sender's chain, fetched again where it is older than ten minutes. `remoteAddress` is where the request came from, which pays
   * for a history that was never seen here. Throws as resolving does (protocol section 3), `rate_limited` where there were too many new ones.
   */
  chainOf(address: Address, remoteAddress?: string): Promise<Chain>;
  /** The same, but not older than some seconds: for a sender who speaks of a record that isn't known yet. */
  freshChainOf(address: Address, remoteAddress?: string): Promise<Chain>;
  /** The sender's chain where it needs no fetch; null where it does. */
  atHand(address: Address): Chain | null;
}

interface Known {
  readonly chain: Chain;
  readonly fetchedAt: Timestamp;
}

/** Makes it. `fetch` is the guarded one: public addresses only, within 10 s, 2 MiB (protocol section 5). */
export function createRemoteSenders(
  deps: Pick<Services, "store" | "clock" | "rates" | "settings"> & { readonly fetch: Fetch },
): RemoteSenders {
  const { store, fetch, clock, rates, settings } = deps;
  const { firstSightsPerPrefix, firstSightsPerDomain } = settings.quotas;
  const known = createChainMemory<Known>(MAX_RECORDS_KEPT);
  const pins: PinStore = {
    get: async (address) => (await store.read((reader) => reader.remotePins.find(address, clock())))?.pin ?? null,
    // A key of one of this server's own accounts is another's as well.
    holderOf: (key) =>
      store.read(async (reader) => (await reader.remotePins.holderOf(key, clock())) ?? (await reader.accounts.holderOf(key))),
    // Stored below, in a transaction that compares it once more.
    put: () => Promise.resolve(),
  };
  const resolver = createResolver({
    fetch,
    pins,
    clock,
    maxHistoryBytes: MAX_FETCH_BYTES,
    historySeconds: MAX_FETCH_SECONDS,
    maxFetches: settings.limits.remoteFetches,
  });

  /**
   * A history that was never seen costs a fetch, and its pin a row for half a year. The asker's network pays for each attempt; the
   * domain only for what it really holds, so that nobody uses up its share by naming addresses of it.
   */
  function admitFirstSight(address: Address, remoteAddress: string | undefined): void {
    const now = clock();
    if (remoteAddress !== undefined) rates.admit("first sight", ipPrefix(remoteAddress), firstSightsPerPrefix, HOUR, now);
    if (rates.peek("domain first seen", domainOf(address), HOUR, now) < firstSightsPerDomain) return;
    throw new SmimpError("rate_limited", "too many new senders of this domain: try again later", { retryAfter: HOUR });
  }

  async function fetchChain(address: Address, remoteAddress: string | undefined): Promise<Chain> {
    const isNew = (await pins.get(address)) === null;
    if (isNew) admitFirstSight(address, remoteAddress);
    const { chain, pin, baseUrl } = await resolver.resolve(address).catch((error: unknown) => {
      throw inOwnWords(error);
    });
    const now = clock();
    if (isNew) rates.count("domain first seen", domainOf(address), HOUR, now);
    await store.transact((writer) => writer.remotePins.put({ address, baseUrl, pin, lastUsedAt: now }));
    known.keep({ chain, fetchedAt: now });
    return chain;
  }

  /**
   * What was fetched lately; null where that is too old. In memory only: the pin is what lasts, and whole histories of
   * anybody who ever asked for a session would fill the disk.
   */
  function recent(address: Address, seconds: number): Chain | null {
    const remembered = known.get(address);
    if (remembered === undefined || Math.abs(secondsBetween(remembered.fetchedAt, clock())) >= seconds) return null;
    return remembered.chain;
  }

  return {
    atHand: (address) => recent(address, HISTORY_FRESH),
    chainOf: async (address, remoteAddress) => recent(address, HISTORY_FRESH) ?? (await fetchChain(address, remoteAddress)),
    freshChainOf: async (address, remoteAddress) => recent(address, REFETCH_SECONDS) ?? (await fetchChain(address, remoteAddress)),
  };
}

import { createResolver, type Fetch, type PinStore } from "@smimp/identity";
import {
  checkChain,
  HISTORY_FRESH,
  MAX_FETCH_BYTES,
  secondsBetween,
  type Address,
  type Chain,
  type Clock,
  type Timestamp,
} from "@smimp/protocol";
import type { Store } from "../store/store.ts";

/** Histories that are kept in memory. */
const MAX_CHAINS = 4_096;
/** How soon a history is fetched again because an envelope names a record beyond it, seconds. */
const REFETCH_SECONDS = 10;

/** Histories of senders of other servers: fetched, validated, pinned, and kept for ten minutes (protocol section 5). */
export interface RemoteSenders {
  /** The sender's chain, fetched again where it is older than ten minutes. Throws as resolving does (protocol section 3). */
  chainOf(address: Address): Promise<Chain>;
  /** The same, but not older than some seconds: for a sender who speaks of a record that isn't known yet. */
  freshChainOf(address: Address): Promise<Chain>;
}

interface Known {
  readonly chain: Chain;
  readonly fetchedAt: Timestamp;
}

/** Makes it. `fetch` is the guarded one: public addresses only, within 10 s, 512 KiB (protocol section 5). */
export function createRemoteSenders(deps: { readonly store: Store; readonly fetch: Fetch; readonly clock: Clock }): RemoteSenders {
  const { store, fetch, clock } = deps;
  const known = new Map<Address, Known>();
  const pins: PinStore = {
    get: async (address) => (await store.read((reader) => reader.remotePins.find(address, clock())))?.pin ?? null,
    // A key of one of this server's own accounts is another's as well.
    holderOf: (key) =>
      store.read(async (reader) => (await reader.remotePins.holderOf(key, clock())) ?? (await reader.accounts.holderOf(key))),
    // Stored below, together with the history itself.
    put: () => Promise.resolve(),
  };
  const resolver = createResolver({ fetch, pins, clock, maxHistoryBytes: MAX_FETCH_BYTES });

  function keep(address: Address, entry: Known): Chain {
    known.delete(address);
    known.set(address, entry);
    const [oldest] = known.keys();
    if (known.size > MAX_CHAINS && oldest !== undefined) known.delete(oldest);
    return entry.chain;
  }

  async function fetchChain(address: Address): Promise<Chain> {
    const { chain, pin, baseUrl } = await resolver.resolve(address);
    const now = clock();
    const records = chain.records.map((record) => record.statement);
    await store.transact((writer) => writer.remotePins.put({ address, baseUrl, pin, records, fetchedAt: now, lastUsedAt: now }));
    return keep(address, { chain, fetchedAt: now });
  }

  /** What was fetched lately, in memory or (after a restart) in the store; null where that is too old. */
  async function recent(address: Address, seconds: number): Promise<Chain | null> {
    const now = clock();
    const isFresh = (fetchedAt: Timestamp): boolean => Math.abs(secondsBetween(fetchedAt, now)) < seconds;
    const remembered = known.get(address);
    if (remembered !== undefined) return isFresh(remembered.fetchedAt) ? remembered.chain : null;
    const stored = await store.read((reader) => reader.remotePins.find(address, now));
    if (stored === null || !isFresh(stored.fetchedAt)) return null;
    return keep(address, { chain: checkChain(address, stored.records), fetchedAt: stored.fetchedAt });
  }

  return {
    chainOf: async (address) => (await recent(address, HISTORY_FRESH)) ?? (await fetchChain(address)),
    freshChainOf: async (address) => (await recent(address, REFETCH_SECONDS)) ?? (await fetchChain(address)),
  };
}

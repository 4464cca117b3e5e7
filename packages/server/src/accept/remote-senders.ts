import { createResolver, type Fetch, type PinStore } from "@smimp/identity";
import { HISTORY_FRESH, MAX_FETCH_BYTES, secondsBetween, type Address, type Chain, type Clock, type Timestamp } from "@smimp/protocol";
import type { Store } from "../store/store.ts";
import { createChainMemory } from "./chain-memory.ts";

/** Records that are kept in memory: some 30 MiB at the worst, thousands of senders as they usually are. */
const MAX_RECORDS_KEPT = 4_096;
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
  const known = createChainMemory<Known>(MAX_RECORDS_KEPT);
  const pins: PinStore = {
    get: async (address) => (await store.read((reader) => reader.remotePins.find(address, clock())))?.pin ?? null,
    // A key of one of this server's own accounts is another's as well.
    holderOf: (key) =>
      store.read(async (reader) => (await reader.remotePins.holderOf(key, clock())) ?? (await reader.accounts.holderOf(key))),
    // Stored below, in a transaction that compares it once more.
    put: () => Promise.resolve(),
  };
  const resolver = createResolver({ fetch, pins, clock, maxHistoryBytes: MAX_FETCH_BYTES });

  async function fetchChain(address: Address): Promise<Chain> {
    const { chain, pin, baseUrl } = await resolver.resolve(address);
    const now = clock();
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
    chainOf: async (address) => recent(address, HISTORY_FRESH) ?? (await fetchChain(address)),
    freshChainOf: async (address) => recent(address, REFETCH_SECONDS) ?? (await fetchChain(address)),
  };
}

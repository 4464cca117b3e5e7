import { yieldToOthers } from "@smimp/identity";
import { checkChainInTurns, type Address, type Chain, type Hex32 } from "@smimp/protocol";
import type { Store } from "../store/store.ts";
import { createChainMemory } from "./chain-memory.ts";

/** Records that are kept in memory: some 30 MiB at the worst, thousands of chains as they usually are. */
const MAX_RECORDS_KEPT = 4_096;

/** Verified chains of local accounts, so that appending a record costs one record and not the whole chain again. */
export interface ChainCache {
  /** The chain whose head has this link; built from the stored records where it isn't at hand. */
  chainAt(store: Store, address: Address, head: Hex32): Promise<Chain>;
  /** Keeps a chain that was built by appending. */
  keep(chain: Chain): void;
}

/** Makes an empty cache. */
export function createChainCache(): ChainCache {
  const chains = createChainMemory<{ readonly chain: Chain }>(MAX_RECORDS_KEPT);
  const keep = (chain: Chain): void => chains.keep({ chain });
  return {
    keep,
    async chainAt(store, address, head) {
      const known = chains.get(address)?.chain;
      if (known?.head.link === head) return known;
      const records = await store.read((reader) => reader.accounts.records(address));
      // It may have grown since the head was read.
      const upToHead = records.slice(0, records.findIndex(({ link }) => link === head) + 1);
      const statements = upToHead.map((record) => record.statement);
      const chain = await checkChainInTurns(address, statements, yieldToOthers);
      keep(chain);
      return chain;
    },
  };
}

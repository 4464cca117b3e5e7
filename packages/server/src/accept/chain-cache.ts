import { checkChain, type Address, type Chain, type Hex32 } from "@smimp/protocol";
import type { StoreReader } from "../store/store.ts";

/** Chains that are kept in memory. */
const MAX_CHAINS = 256;

/** Verified chains of local accounts, so that appending a record costs one record and not the whole chain again. */
export interface ChainCache {
  /** The chain whose head has this link; built from the stored records where it isn't at hand. */
  chainAt(reader: StoreReader, address: Address, head: Hex32): Promise<Chain>;
  /** Keeps a chain that was built by appending. */
  keep(chain: Chain): void;
}

/** Makes an empty cache. */
export function createChainCache(): ChainCache {
  const chains = new Map<Address, Chain>();
  const keep = (chain: Chain): void => {
    chains.delete(chain.address);
    chains.set(chain.address, chain);
    const [oldest] = chains.keys();
    if (chains.size > MAX_CHAINS && oldest !== undefined) chains.delete(oldest);
  };
  return {
    keep,
    async chainAt(reader, address, head) {
      const known = chains.get(address);
      if (known?.head.link === head) return known;
      const records = await reader.accounts.records(address);
      const chain = checkChain(
        address,
        records.map((record) => record.statement),
      );
      keep(chain);
      return chain;
    },
  };
}

import type { Address, Chain } from "@smimp/protocol";

/** Chains in memory, bounded by what they hold and not by their number: a chain has up to 1,000 records of 4 KiB (protocol section 3). */
export interface ChainMemory<Entry extends { readonly chain: Chain }> {
  get(address: Address): Entry | undefined;
  /** Keeps an entry in place of what was kept of that address; what was kept longest goes where there are too many records. */
  keep(entry: Entry): void;
}

/** Makes an empty memory for so many records in all; a longer chain is not kept. */
export function createChainMemory<Entry extends { readonly chain: Chain }>(maxRecords: number): ChainMemory<Entry> {
  const entries = new Map<Address, Entry>();
  let held = 0;

  function drop(address: Address): void {
    const entry = entries.get(address);
    if (entry === undefined) return;
    entries.delete(address);
    held -= entry.chain.records.length;
  }

  return {
    get: (address) => entries.get(address),
    keep(entry) {
      const { address, records } = entry.chain;
      drop(address);
      if (records.length > maxRecords) return;
      entries.set(address, entry);
      held += records.length;
      // A Map keeps the order of insertion. The newest alone always fits.
      for (const oldest of entries.keys()) {
        if (held <= maxRecords) break;
        drop(oldest);
      }
    },
  };
}

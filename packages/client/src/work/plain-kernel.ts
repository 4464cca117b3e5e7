import { hash } from "@smimp/protocol";
import { assertSearch, type Kernel } from "./block.ts";

/** The reference: one call of the library for each try. For where no kernel runs, and for tests of those that do. */
export function plainKernel(): Kernel {
  return {
    search: (block, zeroBits, tries) => {
      assertSearch(block, zeroBits, tries);
      const counter = new DataView(block.buffer, block.byteOffset + block.length - 8, 8);
      for (let made = 1; made <= tries; made++) {
        const first = new DataView(hash(block).buffer).getBigUint64(0);
        if (first >> BigInt(64 - zeroBits) === 0n) return { solved: true, tries: made };
        counter.setBigUint64(0, counter.getBigUint64(0, true) + 1n, true);
      }
      return { solved: false, tries };
    },
  };
}

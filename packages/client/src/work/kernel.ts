import { assertSearch, BLOCK_BYTES, maskOf, type Kernel } from "./block.ts";
import { SCALAR_KERNEL, SIMD_KERNEL } from "./kernel-bytes.ts";

const COUNTER = BLOCK_BYTES - 8;

/** Which of the two kernels runs here best; throws where WebAssembly is missing or forbidden. */
export function openKernel(kind: "simd" | "scalar" = bestKind()): Kernel {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytesOf(kind)));
  const memory = new Uint8Array((instance.exports["memory"] as WebAssembly.Memory).buffer);
  const search = instance.exports["search"] as (tries: number, bits: bigint) => number;
  const lanes = kind === "simd" ? 2 : 1;
  return {
    search: (block, zeroBits, tries) => {
      assertSearch(block, zeroBits, tries);
      memory.set(block);
      const found = search(tries, maskOf(zeroBits));
      const solved = found >= 0;
      const made = solved ? found : Math.ceil(tries / lanes) * lanes;
      const counter = new DataView(block.buffer, block.byteOffset + COUNTER, 8);
      counter.setBigUint64(0, counter.getBigUint64(0, true) + BigInt(made), true);
      return { solved, tries: solved ? made + 1 : made };
    },
  };
}

function bestKind(): "simd" | "scalar" {
  return WebAssembly.validate(bytesOf("simd")) ? "simd" : "scalar";
}

function bytesOf(kind: "simd" | "scalar"): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(kind === "simd" ? SIMD_KERNEL : SCALAR_KERNEL), (character) => character.charCodeAt(0));
}

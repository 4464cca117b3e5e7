import { sodium } from "./sodium.ts";

/** What libsodium's WebAssembly module offers below its wrapper; only what this package uses. */
interface RawSodium {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(address: number): void;
  /** Lengths of 64 bits come as two halves, low first. Returns 0 on success. */
  _crypto_generichash(
    out: number,
    outLength: number,
    input: number,
    inputLow: number,
    inputHigh: number,
    key: number,
    keyLength: number,
  ): number;
}

/** libsodium below its wrapper, for states that the wrapper never frees and for hashing without copies. */
export const rawSodium = (sodium as unknown as { readonly libsodium: RawSodium }).libsodium;

/** Overwrites and frees memory of libsodium's heap, e.g. a stream's state, which the wrapper leaves to its caller. */
export function wipeAndFree(address: number, bytes: number): void {
  rawSodium.HEAPU8.fill(0, address, address + bytes);
  rawSodium._free(address);
}

import { expect, it } from "vitest";
import { rawSodium, wipeAndFree } from "./sodium-memory.ts";

it("is the memory of libsodium, in which hashes are made without copies", () => {
  const [input, output] = [rawSodium._malloc(3), rawSodium._malloc(32)];
  rawSodium.HEAPU8.set([97, 98, 99], input);
  expect(rawSodium._crypto_generichash(output, 32, input, 3, 0, 0, 0)).toBe(0);
  const hash = Buffer.from(rawSodium.HEAPU8.subarray(output, output + 32)).toString("hex");
  // BLAKE2b of 32 bytes of "abc".
  expect(hash).toBe("bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  wipeAndFree(input, 3);
  wipeAndFree(output, 32);
});

it("is overwritten as far as it was somebody's and no further, then given back", () => {
  const freed: number[] = [];
  const { _free: free } = rawSodium;
  const address = rawSodium._malloc(64);
  rawSodium.HEAPU8.fill(7, address, address + 64);
  // What stands there before it is anybody else's again.
  let left: readonly number[] = [];
  Object.assign(rawSodium, {
    _free: (at: number) => {
      freed.push(at);
      left = [...rawSodium.HEAPU8.subarray(address, address + 64)];
      free(at);
    },
  });
  try {
    wipeAndFree(address, 48);
  } finally {
    Object.assign(rawSodium, { _free: free });
  }
  expect(freed).toEqual([address]);
  expect(left).toEqual([...Array.from({ length: 48 }, () => 0), ...Array.from({ length: 16 }, () => 7)]);
});

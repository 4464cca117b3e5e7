import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { concat, fromHex, hash, randomBytes, toHex } from "@smimp/protocol";
import fc from "fast-check";
import { describe, expect, it, test, vi } from "vitest";
import { maskOf, type Kernel } from "./block.ts";
import { openKernel } from "./kernel.ts";
import { plainKernel } from "./plain-kernel.ts";

const KERNELS = { simd: openKernel("simd"), scalar: openKernel("scalar") };
const plain = plainKernel();

const block = fc.uint8Array({ minLength: 64, maxLength: 64 });
const withCounter = (bytes: Uint8Array, counter: bigint): Uint8Array => {
  const all = bytes.slice();
  new DataView(all.buffer).setBigUint64(56, BigInt.asUintN(64, counter), true);
  return all;
};

/** The search of a kernel beside that of the reference, from the same block on. */
function both(kernel: Kernel, start: Uint8Array, zeroBits: number, tries: number): void {
  const [mine, reference] = [start.slice(), start.slice()];
  const found = kernel.search(mine, zeroBits, tries);
  expect(plain.search(reference, zeroBits, found.tries)).toEqual(found);
  expect(toHex(mine)).toBe(toHex(reference));
}

describe.each(["simd", "scalar"] as const)("the %s kernel", (kind) => {
  const kernel = KERNELS[kind];

  it("finds what the reference finds, after as many tries", () => {
    fc.assert(
      fc.property(block, fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 5_000 }), (start, zeroBits, tries) => {
        both(kernel, start, zeroBits, tries);
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ["the lower half overflows", 0xffff_fffdn],
    ["in the second lane", 0xffff_ffffn],
    ["31 bits overflow", 0x7fff_fffen],
    ["the whole word overflows", -3n],
    ["and in the second lane", -1n],
  ])("counts on where %s", (_, counter) => {
    fc.assert(
      fc.property(block, fc.integer({ min: 1, max: 9 }), (start, tries) => both(kernel, withCounter(start, counter), 64, tries)),
      { numRuns: 20 },
    );
    fc.assert(
      fc.property(block, (start) => both(kernel, withCounter(start, counter), 3, 200)),
      { numRuns: 50 },
    );
  });

  it("solves in either lane, and takes the first where both would do", () => {
    const lanes = new Set<number>();
    for (let round = 0; round < 100; round++) {
      const start = randomBytes(64);
      const { tries } = kernel.search(start.slice(), 2, 1_000);
      lanes.add(tries % 2);
      both(kernel, start, 2, 1_000);
    }
    expect(lanes.size).toBe(2);
  });

  it("takes the first try where no bit has to be zero", () => {
    const start = randomBytes(64);
    const after = start.slice();
    expect(kernel.search(after, 0, 1_000)).toEqual({ solved: true, tries: 1 });
    expect(after).toEqual(start);
  });

  it.each([15, 16, 17, 20])("finds a hash that begins with %i zero bits", (zeroBits) => {
    const start = randomBytes(64);
    while (!kernel.search(start, zeroBits, 2 ** 20).solved) continue;
    expect(new DataView(hash(start).buffer).getBigUint64(0) >> BigInt(64 - zeroBits)).toBe(0n);
  });

  it("changes nothing of the block but its counter", () => {
    const start = randomBytes(64);
    const after = start.slice();
    kernel.search(after, 64, 1_001);
    expect(after.subarray(0, 56)).toEqual(start.subarray(0, 56));
  });

  it("goes on where it was", () => {
    const start = randomBytes(64);
    const [whole, inParts] = [start.slice(), start.slice()];
    kernel.search(whole, 64, 3_000);
    for (let part = 0; part < 3; part++) kernel.search(inParts, 64, 1_000);
    expect(inParts).toEqual(whole);
  });

  it("refuses what is no search", () => {
    expect(() => kernel.search(randomBytes(63), 1, 1)).toThrow(TypeError);
    for (const bits of [-1, 65, 0.5, Number.NaN]) expect(() => kernel.search(randomBytes(64), bits, 1)).toThrow(TypeError);
    for (const tries of [0, -1, 0.5, 2 ** 30 + 1]) expect(() => kernel.search(randomBytes(64), 1, tries)).toThrow(TypeError);
  });
});

test("the kernel with two lanes is taken where the platform has them, and the other one where it doesn't", () => {
  const triesOf = (kernel: Kernel): number => kernel.search(randomBytes(64), 64, 1_001).tries;
  // Two at a time: an odd number of tries becomes even.
  expect([triesOf(KERNELS.simd), triesOf(KERNELS.scalar)]).toEqual([1_002, 1_001]);
  expect(triesOf(openKernel())).toBe(1_002);
  const { WebAssembly: platform } = globalThis as unknown as { readonly WebAssembly: { validate(bytes: Uint8Array): boolean } };
  const validate = vi.spyOn(platform, "validate").mockReturnValue(false);
  try {
    expect(triesOf(openKernel())).toBe(1_001);
  } finally {
    validate.mockRestore();
  }
});

test("the mask holds exactly the first bits of a hash, in every width", () => {
  for (let zeroBits = 0; zeroBits <= 64; zeroBits++) {
    for (let bit = 0; bit < 64; bit++) {
      const first = new DataView(new ArrayBuffer(8));
      first.setUint8(bit >> 3, 0x80 >> (bit & 7));
      expect((first.getBigUint64(0, true) & maskOf(zeroBits)) !== 0n).toBe(bit < zeroBits);
    }
  }
});

interface PowVector {
  readonly input: { readonly parameters: { readonly zero_bits: number }; readonly pow: { readonly values: readonly string[] } };
  readonly expected: { readonly challenge: string };
}

const FOLDER = join(import.meta.dirname, "../../../../vectors/pow/valid");
test.each(globSync("*.json", { cwd: FOLDER }))("the vector %s is solved at once from where its values stand", (file) => {
  const { input, expected } = JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as PowVector;
  for (const value of input.pow.values) {
    for (const kernel of Object.values(KERNELS)) {
      const start = concat(fromHex(expected.challenge, 32), fromHex(value, 32));
      expect(kernel.search(start, input.parameters.zero_bits, 1)).toEqual({ solved: true, tries: 1 });
    }
  }
});

import { parseAddress, type Chain } from "@smimp/protocol";
import { expect, it } from "vitest";
import { createChainMemory } from "./chain-memory.ts";

function entryOf(name: string, records: number) {
  // The memory looks at the address and the number of records only.
  return { chain: { address: parseAddress(`${name}#alpha.example`), records: Array.from({ length: records }) } as unknown as Chain };
}
const address = (name: string) => parseAddress(`${name}#alpha.example`);

it("is bounded by records, however many chains a peer makes and however long they are", () => {
  const memory = createChainMemory<ReturnType<typeof entryOf>>(1_000);
  for (const name of ["one", "two", "three"]) memory.keep(entryOf(name, 400));
  expect(memory.get(address("one"))).toBeUndefined();
  expect(memory.get(address("three"))?.chain.records).toHaveLength(400);
  memory.keep(entryOf("long", 1_000));
  expect(memory.get(address("three"))).toBeUndefined();
  expect(memory.get(address("long"))).toBeDefined();
  memory.keep(entryOf("longer", 1_001));
  expect(memory.get(address("longer"))).toBeUndefined();
});

it("counts a chain that grew once", () => {
  const memory = createChainMemory<ReturnType<typeof entryOf>>(10);
  for (let length = 1; length <= 6; length++) memory.keep(entryOf("one", length));
  memory.keep(entryOf("two", 4));
  expect(memory.get(address("one"))?.chain.records).toHaveLength(6);
});

import { exportLine } from "@smimp/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { IMPORTED_KINDS, importCases } from "../src/fuzz/corpus/import-cases.ts";
import { keepDrafts, type Drafts } from "../src/fuzz/server/random-requests.ts";
import { startWorld, type World } from "../src/fuzz/server/world.ts";

// Accounts that move here with a fault in one of their lines: each is refused with the code that is due, or taken where nothing is wrong
// with it, as formats say that stand in the test. The same cases run first in `npm run fuzz`.

let world: World;
let drafts: Drafts;

beforeAll(async () => {
  world = await startWorld();
  drafts = keepDrafts(world);
});
afterAll(async () => await world.close());

const ignore = (): void => undefined;

it("has its faults for every kind of line that there is", () => {
  expect(IMPORTED_KINDS.toSorted()).toEqual(exportLine.options.map(({ entries: { kind } }) => kind.literal).toSorted());
});

describe("a server, asked for", () => {
  it.each(importCases().map((each) => [each.name, each] as const))("%s", { timeout: 300_000 }, async (_name, { run }) => {
    expect(await run({ world, drafts }, ignore)).toEqual([]);
  });
});

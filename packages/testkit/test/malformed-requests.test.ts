import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENDPOINTS } from "@smimp/protocol";
import { requestCases } from "../src/fuzz/corpus/all.ts";
import { faultsAtTheEnd, heldBytes } from "../src/fuzz/server/health.ts";
import { keepDrafts, randomRequests, type Drafts } from "../src/fuzz/server/random-requests.ts";
import { KNOWN_VALID } from "../src/fuzz/server/valid.ts";
import { startWorld, type World } from "../src/fuzz/server/world.ts";

// Malformed input to every endpoint of a real server in a process of its own: each is refused with the right code, in bounded time and
// memory, and leaves no trace. The same cases run first in `npm run fuzz`.

let world: World;
let drafts: Drafts;
let before: number;

beforeAll(async () => {
  world = await startWorld();
  drafts = keepDrafts(world);
  before = await heldBytes(world);
});
afterAll(async () => await world.close());

const ignore = (): void => undefined;

it("starts from requests that are known to be valid, for every endpoint but those that may find nothing", () => {
  expect(Object.keys(ENDPOINTS).filter((name) => !(KNOWN_VALID as readonly string[]).includes(name))).toEqual(["getUserAvatar"]);
});

describe("a server refuses", () => {
  it.each(requestCases().map((each) => [each.name, each] as const))("%s", { timeout: 300_000 }, async (_name, { run }) => {
    expect(await run({ world, drafts }, ignore)).toEqual([]);
  });
});

it("takes random requests without a fault", { timeout: 300_000 }, async () => {
  const { failures } = await randomRequests(world, drafts, { seed: 20_261_123, runs: 500 });
  expect(failures).toEqual([]);
});

it("is alive and well after all that, and has not grown without bounds", async () => {
  expect(await faultsAtTheEnd(world, before)).toEqual([]);
});

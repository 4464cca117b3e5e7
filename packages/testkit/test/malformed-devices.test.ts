import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NEW_DEVICE_OPERATIONS } from "../src/fuzz/answers/account-operations.ts";
import { clientCases } from "../src/fuzz/answers/client-cases.ts";
import { startClientWorld, type ClientWorld } from "../src/fuzz/answers/client-world.ts";

// Malformed answers to who opens an account, links devices to it and restores it: each ends, in success or in
// an error of SMIMP, takes nothing over that isn't true, and succeeds with an honest server. The same cases
// run first in `npm run fuzz`, there in every way; here a third of the ways is tried.

/** Of the ways to distort an answer. */
const SHARE = 1 / 3;

describe("a new device, whose home server shows anything", () => {
  let world: ClientWorld;
  beforeAll(async () => {
    world = await startClientWorld();
  });
  afterAll(async () => await world.close());

  it.each(clientCases(NEW_DEVICE_OPERATIONS, SHARE).map((each) => [each.name, each] as const))(
    "%s",
    { timeout: 240_000 },
    async (_name, { run }) => {
      expect(await run(world, () => undefined)).toEqual([]);
    },
  );
});

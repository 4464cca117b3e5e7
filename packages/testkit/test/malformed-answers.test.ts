import { ENDPOINTS, type EndpointName } from "@smimp/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientCases, OPERATIONS, randomAnswers } from "../src/fuzz/answers/client-cases.ts";
import { startClientWorld, type ClientWorld } from "../src/fuzz/answers/client-world.ts";
import { NOT_CALLED } from "../src/fuzz/answers/endpoints.ts";
import { identityCases, randomIdentity, startIdentityWorld, type IdentityWorld } from "../src/fuzz/answers/identity-cases.ts";
import { MAILBOX_OPERATIONS } from "../src/fuzz/answers/mailbox-operations.ts";

// Malformed answers to a real client and to whoever looks people up, shown by a hostile peer: every operation ends, in success or in an
// error of SMIMP, and with an honest server everything works again. Accounts as a whole are in malformed-accounts.test.ts. The same cases
// run first in `npm run fuzz`, there in every way; here a third of the ways is tried.

/** Of the ways to distort an answer. */
const SHARE = 1 / 3;

const ignore = (): void => undefined;

it("answers of every endpoint are distorted that a client calls", () => {
  // Each case fails where an endpoint that it is there for is not met.
  const met = Object.values(OPERATIONS).flatMap(({ endpoints }) => endpoints);
  const names = Object.keys(ENDPOINTS) as EndpointName[];
  expect(names.filter((name) => !met.includes(name))).toEqual(names.filter((name) => name in NOT_CALLED));
  expect(met.filter((name) => name in NOT_CALLED)).toEqual([]);
});

describe("a client, whose home server shows anything", () => {
  let world: ClientWorld;
  beforeAll(async () => {
    world = await startClientWorld();
  });
  afterAll(async () => await world.close());

  it.each(clientCases(MAILBOX_OPERATIONS, SHARE).map((each) => [each.name, each] as const))(
    "%s",
    { timeout: 240_000 },
    async (_name, { run }) => {
      expect(await run(world, ignore)).toEqual([]);
    },
  );

  it("a client, whatever its server answers at random", { timeout: 240_000 }, async () => {
    expect((await randomAnswers(world, { seed: 20_261_123, runs: 20 })).failures).toEqual([]);
  });
});

describe("who looks people up, whatever a peer shows", () => {
  let world: IdentityWorld;
  beforeAll(async () => {
    world = await startIdentityWorld();
  });
  afterAll(async () => await world.close());

  it.each(identityCases().map((each) => [each.name, each] as const))("%s", async (_name, { run }) => {
    expect(await run(world, ignore)).toEqual([]);
  });

  it("whatever it shows at random", async () => {
    expect((await randomIdentity(world, { seed: 20_261_123, runs: 200 })).failures).toEqual([]);
  });
});

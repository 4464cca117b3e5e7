import * as protocol from "@smimp/protocol";
import { describe, expect, it } from "vitest";
import { allParsers, parserCases, randomInputs } from "../src/fuzz/parsers/run.ts";

// Every function of the protocol that reads what a peer sent: it takes an input, or refuses it with a code of protocol section 10.

const parsers = allParsers();
const ignore = (): void => undefined;

/** Functions that read what a peer sent, by the way they are named. */
const READS =
  /^(?:parse|open|check|verify|restore|claimed|from[A-Z0-9]|ungroup|normalize|unpad|decapsulate|encapsulate|create\w*Opener|senderOf|messageIdOf|archiveKeyIdOf|keystoreVersion|linkOf)/;
/** Read only what this side has checked or made, or are covered by another name. */
const ELSEWHERE: readonly string[] = [
  // Takes a text, a digest and a signature apart from each other: verifyStatement calls it.
  "verifyDigest",
  // Given a chain that was checked and a profile's text, both below get_user/{address}/history.
  "checkProfileText",
];

it("every reader of the protocol has its cases", () => {
  const readers = Object.entries(protocol).flatMap(([name, value]) => (typeof value === "function" && READS.test(name) ? [name] : []));
  expect(readers.filter((name) => !(name in parsers) && !ELSEWHERE.includes(name))).toEqual([]);
});

describe("whatever the input,", () => {
  it.each(parserCases(parsers).map((each) => [each.name, each] as const))("%s", async (_name, { run }) => {
    expect(await run(parsers, ignore)).toEqual([]);
  });

  it("random ones are taken or refused", async () => {
    expect((await randomInputs(parsers, { seed: 20_261_123, runs: 5_000 })).failures).toEqual([]);
  });
});

// node scripts/fuzz.ts [--seconds 60] [--seed N] [--only server,client,identity,parsers]: malformed input to every endpoint and every
// parser of a peer's answer. First the cases that have names, then random ones for so many seconds. Ends with
// `fuzz: N cases, N failed, seed S, T s`, whatever befalls it; a failure is told with the smallest input that shows it, and ends the
// process with status 1.
import { FUZZ_PARTS, runFuzz, type FuzzPart } from "@smimp/testkit/fuzz";
import { longRun, readOptions, wholeNumber } from "@smimp/testkit/long-run";
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";

const MAX_NUMBER = 2 ** 31 - 1;
const USAGE = `Usage: npm run fuzz [-- options]

  --seconds N   random cases for so long, after those that have names (default 60)
  --seed N      the same one gives the same random cases
  --only PARTS  of ${FUZZ_PARTS.join(", ")}; separated by commas
`;

const { seconds, seed, only } = readOptions(USAGE, () => {
  const { values } = parseArgs({
    options: { seconds: { type: "string", default: "60" }, seed: { type: "string" }, only: { type: "string" } },
  });
  return {
    seconds: number("seconds", values.seconds),
    seed: values.seed === undefined ? randomInt(MAX_NUMBER) : number("seed", values.seed),
    only: values.only?.split(",").map(part) ?? FUZZ_PARTS,
  };
});

let tried = 0;
await longRun({
  lastLine: (failed, took) => `fuzz: ${tried} cases, ${failed} failed, seed ${seed}, ${took} s`,
  play: async (run) => {
    const { cases, failures } = await runFuzz({ seconds, seed, only, log: (line) => console.log(line) });
    tried = cases;
    // Each was told of in full when it was found.
    for (const { name } of failures) run.fail("failed", name);
  },
});

function number(name: string, text: string): number {
  const value = wholeNumber(text, 0, MAX_NUMBER);
  if (value === null) throw new TypeError(`--${name} takes a whole number below 2^31`);
  return value;
}

function part(text: string): FuzzPart {
  const found = FUZZ_PARTS.find((each) => each === text);
  if (found === undefined) throw new TypeError(`--only takes ${FUZZ_PARTS.join(", ")}`);
  return found;
}

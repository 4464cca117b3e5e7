// node scripts/fuzz.ts [--seconds 60] [--seed N] [--only server,client,identity,parsers]: malformed input to every endpoint and every
// parser of a peer's answer. First the cases that have names, then random ones for so many seconds. Ends with
// `fuzz: N cases, N failed, seed S, T s`; a failure is told with the smallest input that shows it, and ends the process with status 1.
import { FUZZ_PARTS, runFuzz, type FuzzPart } from "@smimp/testkit/fuzz";
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string" }, only: { type: "string" } },
});
const seconds = number("seconds", values.seconds);
const seed = values.seed === undefined ? randomInt(2 ** 31 - 1) : number("seed", values.seed);
const only = values.only?.split(",").map(part);

const started = performance.now();
const { cases, failures } = await runFuzz({ seconds, seed, ...(only === undefined ? {} : { only }), log: (line) => console.log(line) });
const took = Math.round((performance.now() - started) / 1000);
console.log(`fuzz: ${cases} cases, ${failures.length} failed, seed ${seed}, ${took} s`);
process.exitCode = failures.length === 0 ? 0 : 1;

function number(name: string, text: string): number {
  const value = Number(text);
  if (!/^[0-9]{1,10}$/.test(text) || value >= 2 ** 31) fail(`--${name} takes a number below 2^31`);
  return value;
}

function part(text: string): FuzzPart {
  return FUZZ_PARTS.find((each) => each === text) ?? fail(`--only takes ${FUZZ_PARTS.join(", ")}`);
}

function fail(problem: string): never {
  console.error(problem);
  process.exit(2);
}

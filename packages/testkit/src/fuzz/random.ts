import fc from "fast-check";
import type { Failure, Report } from "./report.ts";

/** Numbers that a random case is made of. */
export type Numbers = readonly number[];

/** What a random case came to: what was wrong, and how to see it again. */
export interface Outcome {
  readonly faults: readonly string[];
  readonly reproducer: string;
}

/** Thrown to fast-check, so that it looks for something smaller. */
class Found extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super(outcome.faults.join("\n"));
    this.outcome = outcome;
  }
}

/** Most numbers that a case uses. */
const MOST_NUMBERS = 24;

/**
 * Runs `runs` random cases of a seed. A case that fails is made smaller as long as it still fails; then the batch ends. The
 * same seed gives the same numbers again.
 */
export async function runRandom(
  name: string,
  options: { readonly seed: number; readonly runs: number },
  run: (numbers: Numbers) => Promise<Outcome>,
): Promise<Report> {
  let cases = 0;
  let smallest: Outcome | null = null;
  const property = fc.asyncProperty(fc.array(fc.nat(0xffff), { minLength: 4, maxLength: MOST_NUMBERS, size: "max" }), async (numbers) => {
    cases++;
    const outcome = await run(numbers);
    if (outcome.faults.length === 0) return;
    smallest = outcome;
    throw new Found(outcome);
  });
  const result = await fc.check(property, { seed: options.seed, numRuns: options.runs });
  if (!result.failed) return { cases, failures: [] };
  const outcome = foundIn(result.errorInstance) ?? smallest ?? { faults: [String(result.errorInstance)], reproducer: "" };
  const failure: Failure = {
    name: `${name}, seed ${options.seed}, numbers ${JSON.stringify(result.counterexample?.[0] ?? [])}`,
    faults: outcome.faults,
    reproducer: outcome.reproducer,
  };
  return { cases, failures: [failure] };
}

function foundIn(error: unknown): Outcome | null {
  return error instanceof Found ? error.outcome : null;
}

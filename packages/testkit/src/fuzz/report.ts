/** A case that failed. */
export interface Failure {
  readonly name: string;
  /** What was wrong, one line each. */
  readonly faults: readonly string[];
  /** How to see it again: the smallest input that still fails. */
  readonly reproducer: string;
}

/** What a part of the fuzzer did. */
export interface Report {
  readonly cases: number;
  readonly failures: readonly Failure[];
}

/** A case with a name. */
export interface NamedCase<Subject> {
  readonly name: string;
  /** Says what was wrong, one line each; nothing where all was well. A case of many inputs calls `count` for each. */
  run(subject: Subject, count: () => void): Promise<readonly string[]>;
}

/** Runs named cases one after the other. What a case throws is a fault like any other. */
export async function runCases<Subject>(
  subject: Subject,
  cases: readonly NamedCase<Subject>[],
  onFailure: (failure: Failure) => void,
): Promise<Report> {
  const failures: Failure[] = [];
  let inputs = 0;
  for (const { name, run } of cases) {
    let counted = 0;
    // One after the other: a fault must be the fault of one case.
    // oxlint-disable-next-line no-await-in-loop
    const faults = await run(subject, () => void counted++).catch((error: unknown) => [
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    ]);
    inputs += Math.max(1, counted);
    if (faults.length === 0) continue;
    const failure = { name, faults, reproducer: `the case has this name: ${name}` };
    failures.push(failure);
    onFailure(failure);
  }
  return { cases: inputs, failures };
}

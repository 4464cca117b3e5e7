/** Prints each failure, then `N passed, N failed`; the exit status is 1 unless all passed and there was at least one. */
export function reportVectors(results: readonly (readonly [file: string, problem: string | null])[]): void {
  const failures = results.filter(([, problem]) => problem !== null);
  for (const [file, problem] of failures) console.log(`${file}: ${problem}`);
  console.log(`${results.length - failures.length} passed, ${failures.length} failed`);
  // Where nothing ran, nothing passed.
  process.exitCode = failures.length > 0 || results.length === 0 ? 1 : 0;
}

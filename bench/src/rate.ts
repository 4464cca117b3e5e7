/** Runs between two looks at the clock. */
const BATCH = 8;

/** How often a second `run` goes through, measured for about `seconds` after a short warm-up. */
export function ratePerSecond(seconds: number, run: () => void): number {
  measure(seconds / 5, run);
  return measure(seconds, run);
}

function measure(seconds: number, run: () => void): number {
  const started = performance.now();
  let runs = 0;
  let elapsed = 0;
  do {
    for (let i = 0; i < BATCH; i++) run();
    runs += BATCH;
    elapsed = (performance.now() - started) / 1_000;
  } while (elapsed < seconds);
  return runs / elapsed;
}

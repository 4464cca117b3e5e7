/** Runs one at a time: what is asked for while the last one still runs is not done again. Resolves with whether it ran. */
export function oneAtATime<Args extends readonly unknown[]>(work: (...args: Args) => Promise<void>): (...args: Args) => Promise<boolean> {
  let runs = false;
  return async (...args) => {
    if (runs) return false;
    runs = true;
    try {
      await work(...args);
      return true;
    } finally {
      runs = false;
    }
  };
}

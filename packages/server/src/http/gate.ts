/** Lets so many through at once; others wait in the order in which they came. */
export type Gate = <T>(work: () => Promise<T> | T) => Promise<T>;

/** Makes a gate for `most` at once. */
export function createGate(most: number): Gate {
  const waiting: (() => void)[] = [];
  let free = most;
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => void waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}

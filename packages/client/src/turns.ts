/** Runs pieces of work one after the other; one that fails does not stop those behind it. */
export type Turns = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** A queue for work that must not overlap. */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return <Result>(work: () => Promise<Result>): Promise<Result> => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** Looks again at something that changes. */
export interface Refreshing {
  /** Asks, or once more after what is asked already. */
  refresh(): void;
  /** Nothing is asked or told any more. */
  end(): void;
}

/**
 * How long answers that are out of date already are held back for a newer one, milliseconds. While mail pours in there is always a newer
 * one to come: then what is known is shown meanwhile.
 */
const HELD_BACK = 1_000;

/** Asks one question at a time, however often it is told to, and tells what came of it. */
export function createRefreshing<Answer>(ask: () => Promise<Answer>, tell: (result: PromiseSettledResult<Answer>) => void): Refreshing {
  let running = false;
  let again = false;
  let ended = false;
  /** Since when nothing was told that was wanted. */
  let since: number | null = null;

  const isWanted = (): boolean => again && !ended;

  async function run(): Promise<void> {
    running = true;
    do {
      again = false;
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const [result] = await Promise.allSettled([ask()]);
      const waited = Date.now() - (since ?? Date.now());
      if (!ended && result !== undefined && (!again || waited >= HELD_BACK)) {
        tell(result);
        since = again ? Date.now() : null;
      }
    } while (isWanted());
    running = false;
  }

  return {
    refresh: () => {
      if (ended) return;
      since ??= Date.now();
      if (running) again = true;
      else void run();
    },
    end: () => {
      ended = true;
    },
  };
}

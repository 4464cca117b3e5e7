import { SmimpError } from "@smimp/protocol";

/** So many things under way at once, and so many more that wait for their turn. */
export interface Turns {
  /** Resolves when it is one's turn, with what ends it. Throws `temporarily_unavailable` where too many wait. */
  take(): Promise<() => void>;
}

/** Seconds after which to ask again where too many wait. */
const BUSY_SECONDS = 10;

/** Makes turns for at most `most` at once; `waiting` more wait in the order in which they came. */
export function createTurns(most: number, waiting: number): Turns {
  const queue: (() => void)[] = [];
  let running = 0;
  const end = (): void => {
    const next = queue.shift();
    if (next === undefined) running--;
    else next();
  };
  return {
    async take() {
      if (running < most) running++;
      else if (queue.length < waiting) await new Promise<void>((resolve) => void queue.push(resolve));
      else throw new SmimpError("temporarily_unavailable", "too many servers are being asked at the moment", { retryAfter: BUSY_SECONDS });
      let ended = false;
      return () => {
        if (!ended) end();
        ended = true;
      };
    },
  };
}

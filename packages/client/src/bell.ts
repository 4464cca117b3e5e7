import { pause } from "./pause.ts";

/** Tells one who waits that there is something to do. */
export interface Bell {
  ring(): void;
  /** Waits for the next ring, or so many milliseconds, or until `signal` aborts. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** A bell. It is heard by who waits next, too, if nobody does when it rings. */
export function createBell(): Bell {
  let rung = new AbortController();
  return {
    ring: () => rung.abort(),
    wait: async (milliseconds, signal) => {
      await pause(milliseconds, AbortSignal.any([signal, rung.signal]));
      if (rung.signal.aborted) rung = new AbortController();
    },
  };
}

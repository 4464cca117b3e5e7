import { timestampOf, type Clock, type Timestamp } from "@smimp/protocol";

/** The machine's own clock: for the demo, the benchmark and tests that run in real time. */
export const realClock: Clock = () => timestampOf(Date.now() / 1000);

/** A clock that stands still until it is told to move, so that a test of 90 days takes no time. */
export interface FakeClock {
  (): Timestamp;
  /** Moves on by so many seconds; negative moves back, as a wrongly set machine would. */
  advance(seconds: number): void;
  /** Stands at that time from now on. */
  set(time: Timestamp): void;
}

/** A fake clock, standing at `start` (the machine's time where left out). */
export function fakeClock(start: Timestamp = realClock()): FakeClock {
  let seconds = Date.parse(start) / 1000;
  return Object.assign(() => timestampOf(seconds), {
    advance: (by: number): void => {
      seconds += by;
    },
    set: (time: Timestamp): void => {
      seconds = Date.parse(time) / 1000;
    },
  });
}

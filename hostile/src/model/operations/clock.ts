import { DAY, HOUR, MINUTE } from "@smimp/protocol";
import type { Operation } from "../operation.ts";

/** Time that passes: mostly little, sometimes so much that keys and everything else expire. */
const LENGTHS = [MINUTE, MINUTE, 20 * MINUTE, 2 * HOUR, 2 * HOUR, DAY, 8 * DAY, 8 * DAY, 33 * DAY, 100 * DAY] as const;

/** Moves all clocks forward. */
export const passTime: Operation = {
  name: "time",
  weight: 8,
  choose: (chooser) => [chooser.one(LENGTHS)],
  run: async (world, [seconds = 0]) => {
    world.clock.advance(seconds);
    await Promise.resolve();
  },
};

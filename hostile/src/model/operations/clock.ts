import { DAY, HOUR, MINUTE } from "@smimp/protocol";
import type { Operation } from "../operation.ts";

/** Time that passes: mostly little, sometimes so much that keys and everything else expire. */
const LENGTHS = [MINUTE, MINUTE, 20 * MINUTE, 2 * HOUR, 2 * HOUR, DAY, 8 * DAY, 8 * DAY, 33 * DAY, 100 * DAY] as const;

/** So long that a device may miss what it was to be handed. */
const LONG = 10 * DAY;

/** Moves all clocks forward. */
export const passTime: Operation = {
  name: "time",
  weight: 8,
  choose: (chooser) => [chooser.one(LENGTHS)],
  run: async (world, [seconds = 0]) => {
    world.clock.advance(seconds);
    // What is handed over to other devices is kept for 90 days: whoever doesn't come for it is out (protocol section 8).
    if (seconds > LONG) for (const person of world.people) if (person.devices.length > 1) person.shaken = true;
    await Promise.resolve();
  },
};

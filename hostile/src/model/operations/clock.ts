import { DAY, HOUR, MINUTE } from "@smimp/protocol";
import type { Operation } from "../operation.ts";
import type { Person } from "../world.ts";

/** Time that passes: mostly little, sometimes so much that keys and everything else expire. */
const LENGTHS = [MINUTE, MINUTE, 20 * MINUTE, 2 * HOUR, 2 * HOUR, DAY, 8 * DAY, 8 * DAY, 33 * DAY, 100 * DAY] as const;

/** So long that a device may miss what it was to be handed. */
const LONG = 10 * DAY;

/** How long a device that knows of no other may go without looking for what they saved, and a little more. */
const LOOKS_WITHIN = HOUR + MINUTE;

/** Moves all clocks forward. */
export const passTime: Operation = {
  name: "time",
  weight: 8,
  choose: (chooser) => [chooser.one(LENGTHS)],
  run: async (world, [seconds = 0]) => {
    if (seconds > LONG && world.people.some(({ freshKey }) => freshKey)) {
      world.clock.advance(LOOKS_WITHIN);
      for (const person of world.people) await shareKey(person);
    }
    world.clock.advance(seconds);
    // What is handed over to other devices is kept for 90 days: whoever doesn't come for it is out (protocol section 8).
    if (seconds > LONG) for (const person of world.people) if (person.devices.length > 1) person.shaken = true;
    await Promise.resolve();
  },
};

/**
 * A device that hears of a fresh K too late, the master key being the same, saves keystores of its own until it hears of the others',
 * and what is sealed to its keys in that time is opened by itself alone. So all of them hear of it before a long time passes.
 */
async function shareKey(person: Person): Promise<void> {
  if (!person.freshKey) return;
  const ended = await Promise.all(person.devices.map(async (device) => await device.act(async (client) => await client.sync())));
  person.freshKey = !ended.every(({ how }) => how === "done");
}

/** How far clocks are set back: what somebody corrects who had them wrong. */
const BACK = [MINUTE, HOUR, DAY] as const;

/**
 * Sets all clocks back. They are the same for everybody here: what happens while they differ is for testkit's `clocks.test.ts`, since
 * a server and a client that are a day apart do nothing with each other, and nothing that is random comes of that.
 */
export const setBack: Operation = {
  name: "set-back",
  weight: 4,
  choose: (chooser) => [chooser.one(BACK)],
  run: async (world, [seconds = 0]) => {
    world.clock.advance(-seconds);
    // What was sent in what is the future now may be opened before it, and in the month before.
    for (const sent of world.ledger.sent.values()) if (sent.at > world.clock()) sent.at = world.clock();
    // An archive key of the month before may be made anew now: it is none of those that were burned.
    const month = world.clock().slice(0, "2026-03".length);
    for (const { address } of world.people) {
      const facts = world.ledger.mailbox(address);
      if (facts.isBurned !== null && facts.isBurned > month) facts.isBurned = month;
    }
    await Promise.resolve();
  },
};

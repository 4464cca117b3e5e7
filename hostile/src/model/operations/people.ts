import { assureDone, chooseDevice, deviceAt, personAt, type Operation } from "../operation.ts";

/** Keeps somebody out, or lets them in again. */
export const block: Operation = {
  name: "block",
  weight: 2,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000), chooser.integer(3)],
  run: async (world, [number = 0, whose = 0, how = 0], circumstances) => {
    const acting = deviceAt(world, number);
    const { address } = personAt(world, whose);
    if (address === acting.person.address) return;
    acting.person.everBlocked = true;
    const { removed } = world.ledger.mailbox(acting.person.address);
    const ended = await acting.device.act(async (client) => {
      const entries = await client.lists.block.list();
      const entry = entries.find(({ entry: text }) => text === address);
      if (how > 0 && entry !== undefined) await client.lists.block.remove(address);
      else if (how === 0 && entry === undefined) {
        // What waits for its sender to be confirmed goes with them.
        const shown = new Set((await client.inbox.list({ view: "all" })).map(({ subject }) => subject));
        for (const { subject, from } of world.ledger.sent.values()) {
          if (from === address && !shown.has(subject) && !removed.has(subject)) removed.set(subject, "tried");
        }
        await client.lists.block.add(address);
      }
    }, circumstances.fault);
    assureDone(world, ended, "keeping somebody out", acting, circumstances);
  },
};

/** Says something of oneself in public: one more record of the history. */
export const introduce: Operation = {
  name: "profile",
  weight: 1,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000)],
  run: async (world, [number = 0, which = 0], circumstances) => {
    const acting = deviceAt(world, number);
    const ended = await acting.device.act(async (client) => await client.profile.set({ name: `Somebody ${which}` }), circumstances.fault);
    if (ended.how === "refused" && ended.error.code === "rate_limited") return;
    assureDone(world, ended, "a change of the profile", acting, circumstances);
  },
};

import { chooseDevice, deviceAt, type Operation } from "../operation.ts";

/** Takes a message out of the outbox, whatever became of it so far. */
export const withdraw: Operation = {
  name: "withdraw",
  weight: 2,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000)],
  run: async (world, [number = 0, which = 0], { fault }) => {
    const { device } = deviceAt(world, number);
    await device.act(async (client) => {
      const entries = await client.outbox.list();
      const entry = entries[which % Math.max(1, entries.length)];
      if (entry === undefined) return;
      const sent = world.ledger.sent.get(entry.subject);
      if (sent !== undefined) sent.withdrawn = true;
      await client.outbox.remove(entry.id);
    }, fault);
  },
};

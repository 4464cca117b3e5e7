import { WHOLE_LIST } from "../../invariants/mailbox.ts";
import { assureDone, chooseDevice, deviceAt, type Operation } from "../operation.ts";

/** Marks a message that somebody else wrote as read or unread. */
export const mark: Operation = {
  name: "mark",
  weight: 10,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000), chooser.integer(2)],
  run: async (world, [number = 0, which = 0, value = 0], circumstances) => {
    const acting = deviceAt(world, number);
    const { person, device } = acting;
    const { read: facts } = world.ledger.mailbox(person.address);
    const read = value === 1;
    const ended = await device.act(async (client) => {
      const open = (await client.inbox.list({ limit: WHOLE_LIST })).filter(({ state, own }) => state === "open" && !own);
      const message = open[which % Math.max(1, open.length)];
      if (message === undefined) return;
      // From now on it may be either; once it is done, and nobody else was at it, it is what was wanted.
      facts.set(message.subject, new Set([true, false]));
      await client.inbox.setRead(message.messageId, read);
      if (!circumstances.crowded) facts.set(message.subject, new Set([read]));
    }, circumstances.fault);
    assureDone(ended, "marking a message", acting, circumstances);
  },
};

import { WHOLE_LIST } from "../../invariants/mailbox.ts";
import { assureDone, chooseDevice, deviceAt, type Operation } from "../operation.ts";

/** Deletes a message. */
export const remove: Operation = {
  name: "remove",
  weight: 6,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000)],
  run: async (world, [number = 0, which = 0], circumstances) => {
    const acting = deviceAt(world, number);
    const { person, device } = acting;
    const { removed, removedIds } = world.ledger.mailbox(person.address);
    const ended = await device.act(async (client) => {
      const open = (await client.inbox.list({ limit: WHOLE_LIST })).filter(({ state }) => state === "open");
      const message = open[which % Math.max(1, open.length)];
      if (message === undefined) return;
      if (!removed.has(message.subject)) removed.set(message.subject, "tried");
      await client.inbox.remove(message.messageId);
      removed.set(message.subject, "certain");
      removedIds.add(message.messageId);
    }, circumstances.fault);
    assureDone(world, ended, "deleting a message", acting, circumstances);
  },
};

import { WHOLE_LIST } from "../../invariants/mailbox.ts";
import { mayBe, mustBe } from "../../ledger.ts";
import { assureDone, chooseDevice, deviceAt, type Operation } from "../operation.ts";

/** Marks a message that somebody else wrote as read or unread. */
export const mark: Operation = {
  name: "mark",
  weight: 10,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000), chooser.integer(2)],
  run: async (world, [number = 0, which = 0, value = 0], circumstances) => {
    const acting = deviceAt(world, number);
    const { person, device } = acting;
    const facts = world.ledger.mailbox(person.address);
    const read = value === 1;
    const ended = await device.act(async (client) => {
      const open = (await client.inbox.list({ limit: WHOLE_LIST })).filter(({ state, own }) => state === "open" && !own);
      const message = open[which % Math.max(1, open.length)];
      if (message === undefined) return;
      mayBe(facts, "read", message.subject, String(read), "false");
      await client.inbox.setRead(message.messageId, read);
      if (!circumstances.crowded) mustBe(facts, "read", message.subject, String(read));
    }, circumstances.fault);
    assureDone(world, ended, "marking a message", acting, circumstances);
  },
};

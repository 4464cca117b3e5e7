import type { Sent } from "../../ledger.ts";
import { mayBe, mustBe } from "../../ledger.ts";
import { chooseDevice, deviceAt, type Operation } from "../operation.ts";

/** Imports an email from elsewhere, once or again: it is there once. */
export const importMail: Operation = {
  name: "import",
  weight: 2,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(5)],
  run: async (world, [number = 0, which = 0], { fault, crowded }) => {
    const { person, device } = deviceAt(world, number);
    const { address } = person;
    const { ledger } = world;
    const subject = `imported ${which} of ${address}`;
    const sent: Sent = ledger.sent.get(subject) ?? {
      subject,
      from: address,
      to: [address],
      cc: [],
      bcc: [],
      ownCopy: false,
      body: `${subject}, long ago`,
      attachments: [],
      device: null,
      at: world.clock(),
      promised: false,
      withdrawn: false,
      acknowledged: new Set(),
    };
    const facts = ledger.mailbox(address);
    // Every other mail was read where it comes from; one whose import is interrupted stays unread until it is imported to the end.
    const read = which % 2 === 1;
    if (read) mayBe(facts, "read", subject, "true", "false");
    ledger.sent.set(subject, sent);
    const imported = { from: "old@elsewhere.example", to: [], cc: [], date: world.clock(), messageId: `${which}@elsewhere.example` };
    await device.act(async (client) => {
      const outcome = await client.imports.add({ key: subject, imported, subject, body: sent.body, attachments: [], read });
      sent.acknowledged.add(address);
      if (read && outcome === "added" && !crowded) mustBe(facts, "read", subject, "true");
    }, fault);
  },
};

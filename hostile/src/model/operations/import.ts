import type { Sent } from "../../ledger.ts";
import { mustBe } from "../../ledger.ts";
import { chooseDevice, deviceAt, type Operation } from "../operation.ts";

/** Imports an email from elsewhere, once or again: it is there once. */
export const importMail: Operation = {
  name: "import",
  weight: 2,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(5), chooser.integer(2)],
  run: async (world, [number = 0, which = 0, asRead = 0], { fault }) => {
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
    if (!ledger.sent.has(subject)) mustBe(ledger.mailbox(address), "read", subject, String(asRead === 1));
    ledger.sent.set(subject, sent);
    const imported = { from: "old@elsewhere.example", to: [], cc: [], date: world.clock(), messageId: `${which}@elsewhere.example` };
    await device.act(async (client) => {
      // What it was imported with first counts: a second import of the same mail is none.
      const [read = ""] = ledger.mailbox(address).noted.get(`read ${subject}`) ?? [];
      await client.imports.add({ key: subject, imported, subject, body: sent.body, attachments: [], read: read === "true" });
      sent.acknowledged.add(address);
    }, fault);
  },
};

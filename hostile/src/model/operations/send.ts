import type { Draft } from "@smimp/client";
import type { Address } from "@smimp/protocol";
import { contentOf, type Sent } from "../../ledger.ts";
import { chooseDevice, deviceAt, personAt, type Operation } from "../operation.ts";

/** Characters of a body: short ones mostly, and one that fills more than a page. */
const LENGTHS = [0, 1, 40, 40, 300, 9_000] as const;
/** Bytes of an attachment: none, a few, exactly a chunk, and over it. */
const SIZES = [0, 17, 65_536, 65_537, 100_000] as const;

/** Writes to one, two or three people, with or without attachments, and tries to send it at once. */
export const send: Operation = {
  name: "send",
  weight: 30,
  choose: (chooser) => [
    chooseDevice(chooser),
    chooser.integer(1_000),
    chooser.once(3) ? chooser.integer(1_000) : -1,
    chooser.once(5) ? chooser.integer(1_000) : -1,
    chooser.one(LENGTHS),
    chooser.once(6) ? chooser.one(SIZES) : -1,
    chooser.once(20) ? chooser.one(SIZES) : -1,
    chooser.integer(2),
  ],
  run: async (world, [from = 0, to = 0, cc = -1, bcc = -1, length = 0, first = -1, second = -1, keepCopy = 0], { fault }) => {
    const { person, device } = deviceAt(world, from);
    const { ledger } = world;
    const subject = ledger.newSubject();
    const used = new Set<Address>();
    const recipients = (number: number): readonly Address[] => {
      const address = number < 0 ? person.address : personAt(world, number).address;
      if (number < 0 || used.has(address)) return [];
      used.add(address);
      return [address];
    };
    const sent: Sent = {
      subject,
      from: person.address,
      to: recipients(to),
      cc: recipients(cc),
      bcc: recipients(bcc),
      ownCopy: keepCopy === 1 && !used.has(person.address),
      body: `${subject} ${"all the words of it ".repeat(Math.ceil(length / 20))}`.slice(0, length),
      attachments: [first, second].flatMap((size, index) => (size < 0 ? [] : [{ name: `${subject}-${index}.bin`, size }])),
      device: device.name,
      at: world.clock(),
      promised: false,
      withdrawn: false,
      acknowledged: new Set(),
    };
    ledger.sent.set(subject, sent);
    await device.act(async (client) => {
      const { id } = await client.outbox.enqueue(draftOf(sent, keepCopy === 1));
      sent.promised = true;
      await client.outbox.flush({ id, force: true });
    }, fault);
  },
};

function draftOf({ to, cc, bcc, subject, body, attachments }: Sent, keepCopy: boolean): Draft {
  const attached = attachments.map((each) => ({
    name: each.name,
    mediaType: "application/octet-stream",
    size: each.size,
    open: async function* () {
      yield await Promise.resolve(contentOf(each));
    },
  }));
  return { to, cc, bcc, subject, body, attachments: attached, keepCopy };
}

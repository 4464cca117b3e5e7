import type { Sent } from "../../ledger.ts";
import { assureDone, chooseDevice, deviceAt, personAt, type Operation } from "../operation.ts";

/** Writes a draft, or goes on with one. */
export const saveDraft: Operation = {
  name: "draft",
  weight: 3,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000), chooser.integer(1_000)],
  run: async (world, [number = 0, to = 0, which = 0], circumstances) => {
    const acting = deviceAt(world, number);
    const { address } = personAt(world, to);
    const ended = await acting.device.act(async (client) => {
      const drafts = await client.drafts.list();
      const draft = drafts[which % (drafts.length + 2)];
      const subject = draft?.subject ?? world.ledger.newSubject();
      world.ledger.drafts.add(subject);
      const written = { to: [address], subject, body: `${subject}, draft ${which}` };
      await client.drafts.save(written, draft?.id);
    }, circumstances.fault);
    assureDone(world, ended, "writing a draft", acting, circumstances);
  },
};

/** Sends a draft: from then on it is none. */
export const sendDraft: Operation = {
  name: "send-draft",
  weight: 2,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000)],
  run: async (world, [number = 0, which = 0], { fault }) => {
    const { person, device } = deviceAt(world, number);
    const { ledger } = world;
    await device.act(async (client) => {
      const drafts = await client.drafts.list();
      const chosen = drafts[which % Math.max(1, drafts.length)];
      if (chosen === undefined || ledger.sent.has(chosen.subject)) return;
      const { draft } = await client.drafts.get(chosen.id);
      const sent: Sent = {
        subject: chosen.subject,
        from: person.address,
        to: draft.to,
        cc: [],
        bcc: [],
        // A draft doesn't say: a copy is kept.
        ownCopy: !draft.to.includes(person.address),
        body: draft.body,
        attachments: [],
        device: device.name,
        at: world.clock(),
        promised: false,
        withdrawn: false,
        acknowledged: new Set(),
      };
      ledger.sent.set(chosen.subject, sent);
      await client.drafts.send(chosen.id);
      sent.promised = true;
    }, fault);
  },
};

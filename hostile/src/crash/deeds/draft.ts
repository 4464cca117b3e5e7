import { rested } from "../../invariants/demands.ts";
import { assure } from "../../violation.ts";
import type { Deed } from "../deed.ts";
import { noteMessage, otherThan } from "../prepare.ts";
import { opened } from "./send.ts";

const ATTACHMENT = 100_000;

/** Writes a draft with an attachment, goes on with it, and sends it: it is a draft or in the outbox, never neither, never both. */
export const draft: Deed = {
  name: "draft",
  weight: 2,
  watch: async (stage, actor) => {
    const attachments = [{ name: `${stage.ledger.newSubject()}.bin`, size: ATTACHMENT }];
    const sent = noteMessage(stage, actor.address, [otherThan(stage, actor, 0).address], attachments);
    const { subject, body, to } = sent;
    return await Promise.resolve({
      order: { subject, body, to, attachments },
      after: async () => {
        const { drafts, queued } = await rested(actor.device, "looking", async (client) => {
          const drafts = (await client.drafts.list()).filter((each) => each.subject === subject);
          for (const { id } of drafts) {
            const { draft: written } = await client.drafts.get(id);
            assure(
              written.body === body || !stage.ledger.drafts.has(subject),
              `the draft "${subject}" has another text than was written last`,
            );
          }
          return { drafts: drafts.length, queued: (await client.outbox.list()).filter((each) => each.subject === subject).length };
        });
        const written = stage.ledger.drafts.has(subject);
        assure(drafts + queued === 1 || (drafts + queued === 0 && !written), `"${subject}" is ${drafts} drafts and ${queued} letters`);
        assure(!sent.promised || queued === 1, `"${subject}" was sent, and is still a draft`);
      },
    });
  },
  run: async (client, { subject, body, to, attachments }, tell) => {
    const { id } = await client.drafts.save({ to, subject, body: "the beginning" });
    await client.sync();
    await client.drafts.save({ to, subject, body, attachments: attachments.map(opened) }, id);
    await tell({ what: "drafted", subject });
    await client.drafts.send(id);
    await tell({ what: "promised", subject });
  },
};

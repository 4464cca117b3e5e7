import type { DraftAttachment } from "@smimp/client";
import { contentOf, type SentAttachment } from "../../ledger.ts";
import type { Deed } from "../deed.ts";

/** Writes to everybody, with attachments, and sends. */
export const send: Deed = {
  name: "send",
  weight: 4,
  run: async (client, { subject, to, body, attachments }, tell) => {
    const { id } = await client.outbox.enqueue({ to, subject, body, attachments: attachments.map(opened) });
    await tell({ what: "promised", subject });
    await client.outbox.flush({ id, force: true });
  },
};

/** An attachment of the model as a draft takes it. */
export function opened(attachment: SentAttachment): DraftAttachment {
  return {
    name: attachment.name,
    mediaType: "application/octet-stream",
    size: attachment.size,
    open: async function* () {
      yield await Promise.resolve(contentOf(attachment));
    },
  };
}

/** Sends what waits. */
export const flush: Deed = {
  name: "flush",
  weight: 2,
  needs: ["queued"],
  run: async (client) => void (await client.outbox.flush({ force: true })),
};

import type { Client, InboxSummary } from "@smimp/client";
import { WHOLE_LIST } from "../../invariants/mailbox.ts";
import type { Deed } from "../deed.ts";

/** Marks messages, one after the other. */
export const mark: Deed = {
  name: "mark",
  weight: 2,
  needs: ["mail"],
  run: async (client, { which }, tell) => {
    await client.sync();
    for (const { subject, messageId } of await others(client)) {
      const read = which % 2 === 0;
      await tell({ what: "marking", subject, read });
      await client.inbox.setRead(messageId, read);
      await tell({ what: "marked", subject, read });
    }
  },
};

/** Deletes messages, one after the other. */
export const remove: Deed = {
  name: "remove",
  weight: 2,
  needs: ["mail"],
  run: async (client, _order, tell) => {
    await client.sync();
    for (const { subject, messageId } of (await others(client)).slice(0, 3)) {
      await tell({ what: "removing", subject, messageId });
      await client.inbox.remove(messageId);
      await tell({ what: "removed", subject, messageId });
    }
  },
};

/** What others wrote, newest first. */
async function others(client: Client): Promise<readonly InboxSummary[]> {
  return (await client.inbox.list({ limit: WHOLE_LIST })).filter(({ state, own }) => state === "open" && !own);
}

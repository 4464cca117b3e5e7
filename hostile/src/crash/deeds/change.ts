import type { Deed } from "../deed.ts";
import { others } from "./others.ts";

/** Marks messages, one after the other. */
export const mark: Deed = {
  name: "mark",
  weight: 2,
  needs: ["mail"],
  run: async (client, { which }, tell) => {
    await client.sync();
    for (const { subject, messageId } of await others(client)) {
      const read = which % 2 === 0;
      await tell({ what: "noting", kind: "read", subject, value: String(read) });
      await client.inbox.setRead(messageId, read);
      await tell({ what: "noted", kind: "read", subject, value: String(read) });
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

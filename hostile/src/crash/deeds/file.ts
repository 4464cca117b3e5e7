import { assure } from "../../violation.ts";
import type { Deed } from "../deed.ts";
import { rested } from "../../invariants/demands.ts";
import { others } from "./others.ts";

const LABEL = "a label";
/** Messages that are filed: a few, since each is three requests. */
const FILED = 4;

/** Makes a folder, moves messages there, gives each a star and a label. */
export const file: Deed = {
  name: "file",
  weight: 2,
  needs: ["mail"],
  watch: async (stage, actor) => {
    const name = stage.ledger.newSubject();
    return await Promise.resolve({
      order: { subject: name },
      after: async (outcome) => {
        const found = await rested(actor.device, "looking", async (client) =>
          (await client.folders.list()).filter((folder) => folder.name === name),
        );
        // One whose answer was lost may be there all the same.
        assure(found.length === 1 || (found.length === 0 && outcome.kind !== "done"), `there are ${found.length} folders ${name}`);
      },
    });
  },
  run: async (client, { subject: name }, tell) => {
    await client.sync();
    const folder = await client.folders.create({ name });
    for (const { subject, messageId } of (await others(client)).slice(0, FILED)) {
      const ids = [messageId];
      await tell({ what: "noting", kind: "folder", subject, value: folder.id });
      await client.folders.move(ids, folder.id);
      await tell({ what: "noted", kind: "folder", subject, value: folder.id });
      await tell({ what: "noting", kind: "starred", subject, value: "true" });
      await client.inbox.star(ids, true);
      await tell({ what: "noted", kind: "starred", subject, value: "true" });
      await tell({ what: "noting", kind: "labels", subject, value: LABEL });
      await client.inbox.label(ids, { add: [LABEL] });
      await tell({ what: "noted", kind: "labels", subject, value: LABEL });
    }
  },
};

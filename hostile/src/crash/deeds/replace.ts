import { assureKeystore } from "../../invariants/keystore.ts";
import { rowsOf } from "../../invariants/database.ts";
import { assure } from "../../violation.ts";
import type { Deed } from "../deed.ts";
import { otherThan, writeTo } from "../prepare.ts";
import { comeToRest, patiently } from "../rest.ts";
import type { Actor, Stage } from "../stage.ts";

/** Replaces the master key, K and all message keys. */
export const replace: Deed = {
  name: "replace",
  weight: 4,
  needs: ["mail"],
  watch: async (stage, actor) => {
    const before = masterOf(stage, actor);
    return await Promise.resolve({
      after: async (outcome) => {
        // What was begun has been finished by the syncs since, whoever was killed.
        await patiently(actor.device, "finishing a change of keys", async (client) => {
          await client.sync();
          const { changing, saved } = await client.keys.status();
          return !changing && saved;
        });
        assureKeystore(stage, actor);
        assure(outcome.kind !== "done" || masterOf(stage, actor) !== before, `${actor.address} has the master key from before`);
        // The new keys open what comes now.
        await writeTo(stage, otherThan(stage, actor, 0), actor, "sent");
        await comeToRest(stage);
      },
    });
  },
  run: async (client) => await client.keys.rotate(),
};

function masterOf(stage: Stage, { address }: Actor): unknown {
  return rowsOf(stage.nodeOf(address), "SELECT public_key FROM accounts WHERE address = ?", address)[0]?.["public_key"];
}

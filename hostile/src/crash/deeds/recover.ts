import { accountState, recoverAccount } from "@smimp/client";
import { assureKeystore } from "../../invariants/keystore.ts";
import type { Deed } from "../deed.ts";
import { assureMovedIn, openNew, openNewcomer } from "../newcomer.ts";

/** Comes back on an empty disk with nothing but the phrase, beside a device that is still there. */
export const recover: Deed = {
  name: "recover",
  weight: 2,
  needs: ["mail"],
  watch: async (stage, actor) => {
    const file = stage.fileOf(`recovered-${stage.ledger.newSubject()}`);
    const { address } = actor;
    const [phrase = ""] = actor.phrases;
    return await Promise.resolve({
      order: { file, phrase },
      after: async () => {
        const storage = await openNew(file);
        const isOpen = (await accountState(storage)) === "open";
        if (isOpen) await storage.close();
        const client = isOpen ? await openNewcomer(stage, file) : await recoverAccount({ storage, phrase, address, deps: stage.deps });
        assureKeystore(stage, actor);
        await assureMovedIn(stage, actor, client);
      },
    });
  },
  run: async (client, { file, phrase }, _tell, { deps, openStorage }) => {
    const { address } = client;
    const recovered = await recoverAccount({ storage: await openStorage(file), phrase, address, deps });
    await recovered.close();
  },
};

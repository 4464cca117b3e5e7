import { accountState, linkDevice, type Client, type DeviceLinking } from "@smimp/client";
import { assure } from "../../violation.ts";
import type { Deed } from "../deed.ts";
import { assureMovedIn, openNew, openNewcomer } from "../newcomer.ts";
import { patiently } from "../rest.ts";
import type { Actor, Stage } from "../stage.ts";

/** Lets a new device in. That one is of the process that watches, and goes on waiting whoever is killed. */
export const link: Deed = {
  name: "link",
  weight: 2,
  needs: ["mail"],
  watch: async (stage, actor) => {
    const file = stage.fileOf(`linked-${stage.ledger.newSubject()}`);
    const { waiting, finishing } = await begin(stage, actor, file);
    return {
      order: { linkCode: waiting.linkCode },
      after: async (outcome) => {
        // Whether it was let in shows once it asks again; who was not let in shows another code.
        if (outcome.kind !== "done") waiting.cancel();
        const client = (await finishing) ?? (await beginAgain(stage, actor, file));
        await assureMovedIn(stage, actor, client);
      },
    };
  },
  run: async (client, { linkCode }) => await client.devices.link(linkCode),
};

/** A device on its way in. */
interface Beginning {
  readonly waiting: DeviceLinking;
  /** Null where it did not get in. */
  readonly finishing: Promise<Client | null>;
}

async function begin(stage: Stage, { address }: Actor, file: string): Promise<Beginning> {
  const storage = await openNew(file);
  const waiting = await linkDevice({ storage, address, deps: stage.deps, name: "new" });
  const finishing = waiting.finish().catch(async () => {
    await storage.close();
    return null;
  });
  return { waiting, finishing };
}

/** What it began with may stand in its file already. */
async function beginAgain(stage: Stage, actor: Actor, file: string): Promise<Client> {
  const storage = await openNew(file);
  const state = await accountState(storage);
  await storage.close();
  if (state === "open") return await openNewcomer(stage, file);
  const { waiting, finishing } = await begin(stage, actor, file);
  await patiently(actor.device, "letting a device in", async (client) => {
    await client.devices.link(waiting.linkCode);
    return true;
  });
  const client = await finishing;
  assure(client !== null, `${actor.address} let a device in that does not get in`);
  return client;
}

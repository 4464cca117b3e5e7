import { rested } from "../../invariants/demands.ts";
import { WHOLE_LIST, lookAtInbox, readAgain } from "../../invariants/mailbox.ts";
import { assure } from "../../violation.ts";
import type { Deed } from "../deed.ts";
import { patiently } from "../rest.ts";
import type { Actor, Stage } from "../stage.ts";
import { assureForgotten, rememberTraces } from "../traces.ts";

/** Burns what was opened before this month: of that nothing is left in any file, and of everything else nothing is lost. */
export const burn: Deed = {
  name: "burn",
  weight: 4,
  needs: ["read", "month", "mail"],
  watch: async (stage, actor) => {
    const month = stage.clock().slice(0, "2026-03".length);
    await rested(actor.device, "a sync", async (client) => await client.sync());
    const traces = await rememberTraces(stage, actor, month);
    assure(traces.doomed.length > 0, "there is nothing to burn");
    const kept = (await subjectsOf(actor)).filter((subject) => !traces.doomed.includes(subject));
    const around = await namesOf(actor);
    const facts = stage.ledger.mailbox(actor.address);
    if (facts.mayBeBurned === null || facts.mayBeBurned < month) facts.mayBeBurned = month;
    return {
      order: { month },
      after: async (outcome) => {
        const left = (await subjectsOf(actor)).filter((subject) => traces.doomed.includes(subject));
        // Begun, it has been finished by the syncs since; never half of it.
        const half = left.length > 0 && left.length < traces.doomed.length;
        assure(!half, `${left.length} of ${traces.doomed.length} messages are left of a burning that was interrupted`);
        assure(left.length === 0 || outcome.kind !== "done", `${left.length} messages are there that were burned`);
        if (left.length > 0)
          await patiently(actor.device, "burning once more", async (client) => await burnt(client.keys.burnBefore(month)));
        // What goes on in the background of a sync has ended by then.
        await patiently(actor.device, "saving", async (client) => {
          await client.sync();
          return (await client.keys.status()).saved;
        });
        await assureKept(stage, actor, kept);
        assure((await namesOf(actor)) === around, `${actor.address} has other folders or drafts than before the burning`);
        await assureForgotten(stage, actor, traces);
      },
    };
  },
  run: async (client, { month }) => void (await client.keys.burnBefore(month)),
};

async function burnt(burning: Promise<unknown>): Promise<boolean> {
  await burning;
  return true;
}

async function subjectsOf({ device }: Actor): Promise<readonly string[]> {
  return await rested(device, "looking", async (client) =>
    (await client.inbox.list({ limit: WHOLE_LIST, view: "all" })).filter(({ state }) => state === "open").map(({ subject }) => subject),
  );
}

/** Names of folders and texts of drafts: archive keys seal these too, and they are still needed. */
async function namesOf({ device }: Actor): Promise<string> {
  return await rested(device, "looking", async (client) => {
    const folders = (await client.folders.list()).map(({ id, name }) => `${id} ${name}`).toSorted();
    const drafts = (await client.drafts.list()).map(({ subject, preview }) => `${subject} ${preview}`).toSorted();
    return JSON.stringify([folders, drafts]);
  });
}

async function assureKept(stage: Stage, actor: Actor, kept: readonly string[]): Promise<void> {
  await rested(actor.device, "reading", async (client) => {
    const shown = await lookAtInbox(stage, { person: actor, device: actor.device }, client);
    for (const subject of kept) {
      const [line, sent] = [shown.get(subject), stage.ledger.sent.get(subject)];
      assure(line !== undefined && sent !== undefined, `"${subject}" went with what was burned, and is of this month`);
      await readAgain(client, line, sent);
    }
  });
}

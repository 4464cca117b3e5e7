import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "@smimp/client";
import { rested, type Asked } from "../invariants/demands.ts";
import { lookAtInbox } from "../invariants/mailbox.ts";
import { lookAtOutbox } from "../invariants/outbox.ts";
import type { Stage } from "./stage.ts";

/** How long servers may take to forget that another one was away, milliseconds. */
const PATIENCE = 20_000;
const PAUSE = 300;

/** Lets everybody send and sync, and looks that nothing that was promised is gone and nothing is there twice. */
export async function comeToRest(stage: Stage): Promise<void> {
  const everybody = async (what: string, work: (client: Client) => Promise<boolean>): Promise<void> => {
    await Promise.all(stage.people.map(async ({ device }) => await patiently(device, what, work)));
  };
  await everybody("a sync", async (client) => {
    await client.sync();
    return true;
  });
  await everybody("sending", async (client) => {
    await client.outbox.flush({ force: true });
    return (await client.outbox.list()).every(({ copies }) => copies.every(({ state }) => state === "sent" || state === "failed"));
  });
  await everybody("a sync", async (client) => {
    await client.sync();
    return true;
  });
  for (const person of stage.people) {
    await rested(person.device, "looking", async (client) => {
      await lookAtOutbox(stage, { person, device: person.device }, client);
      await lookAtInbox(stage, { person, device: person.device }, client);
    });
  }
}

/** Tries until it is done: what was away may be avoided for some seconds. */
export async function patiently(device: Asked, what: string, work: (client: Client) => Promise<boolean>): Promise<void> {
  const until = performance.now() + PATIENCE;
  for (;;) {
    const ended = await device.act(work);
    if (ended.how === "done" && ended.result) return;
    if (performance.now() > until) break;
    await delay(PAUSE);
  }
  // Once more, so that what stands in the way is told.
  await rested(device, what, work);
}

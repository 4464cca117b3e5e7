import { HOUR, MINUTE } from "@smimp/protocol";
import { assureAll, rested } from "../invariants/demands.ts";
import { assureDestroyed } from "./invariants/secrets.ts";
import type { Acting } from "./operation.ts";
import type { World } from "./world.ts";

/** Waits between the rounds of coming to rest, seconds: past every back-off, and not so long that messages are given up. */
const WAITS = [0, 10 * MINUTE, 7 * HOUR, 7 * HOUR] as const;

/** Lets everything come to rest, with nothing in anybody's way, and then demands all that must hold. */
export async function settle(world: World): Promise<void> {
  await everybodyInService(world);
  for (const wait of WAITS) {
    world.clock.advance(wait);
    for (const { device } of allDevices(world)) await rested(device, "a sync", async (client) => await client.sync());
    for (const { device } of allDevices(world))
      await rested(device, "sending", async (client) => await client.outbox.flush({ force: true }));
  }
  const began = world.clock();
  for (const { device } of allDevices(world)) await rested(device, "a sync", async (client) => await client.sync());
  await assureAll(world);
  for (const { device } of allDevices(world)) assureDestroyed(device, began);
}

/** Every device in a world. */
export function allDevices({ people }: World): readonly Acting[] {
  return people.flatMap((person) => person.devices.map((device) => ({ person, device })));
}

async function everybodyInService({ people, nodeOf }: World): Promise<void> {
  for (const person of people) {
    if (!person.disabled) continue;
    await nodeOf(person.address).asAdmin(async (admin) => await admin.enableAccount(person.address));
    person.disabled = false;
  }
}

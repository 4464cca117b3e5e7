import type { Client } from "@smimp/client";
import { HOUR, MINUTE } from "@smimp/protocol";
import { assureAll, rested } from "../invariants/demands.ts";
import { assure, Violation } from "../violation.ts";
import type { Device } from "./device.ts";
import { assureDestroyed } from "./invariants/secrets.ts";
import type { Acting } from "./operation.ts";
import { comeBack } from "./operations/devices.ts";
import type { Person, World } from "./world.ts";

/**
 * Waits between the rounds of coming to rest, seconds: past every back-off, and not so long that messages are given up. Twice in the
 * end so long as a keystore is left standing that a device can't open, and so long that a device looks at it that knows of no other:
 * two that missed each other's K replace it in turn, once each.
 */
const WAITS = [6 * MINUTE, 10 * MINUTE, 7 * HOUR, 7 * HOUR, 2 * HOUR, 2 * HOUR] as const;

/** Lets everything come to rest, with nothing in anybody's way, and then demands all that must hold. */
export async function settle(world: World): Promise<void> {
  await everybodyInService(world);
  for (const wait of WAITS) {
    world.clock.advance(wait);
    for (const { person, device } of allDevices(world)) await calm(person, device, "a sync", async (client) => await client.sync());
    for (const { person, device } of allDevices(world)) {
      await calm(person, device, "sending", async (client) => await client.outbox.flush({ force: true }));
    }
  }
  for (const person of world.people) await dismissRemoved(world, person);
  const began = world.clock();
  // Twice: what one device has to say at last, the others hear.
  for (let round = 0; round < 2; round++) {
    for (const { device } of allDevices(world)) await rested(device, "a sync", async (client) => await client.sync());
  }
  for (const person of world.people) await assureTogether(world, person);
  await assureAll(world);
  for (const { person, device } of allDevices(world)) {
    assureDestroyed(device, began, world.ledger.mailbox(person.address).isBurned);
  }
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

/** Nothing stands in the way but what was begun before and has to end first. */
async function calm(person: Person, device: Device, what: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const ended = await device.act(work);
  if (ended.how === "done" || person.shaken) return;
  if (ended.how === "killed") throw new Violation(`${device.name} was killed by nobody`);
  throw new Violation(`${what} of ${device.name} is refused with ${ended.error.code} though all is quiet: ${ended.error.message}`);
}

/** Devices that were shut out are out, and know it; what was in their outboxes is their owner's loss. */
async function dismissRemoved(world: World, person: Person): Promise<void> {
  for (const device of person.devices.slice()) {
    const ended = await device.act(async (client) => await client.sync());
    if (ended.how === "done") continue;
    const why = ended.how === "refused" ? `${ended.error.code}: ${ended.error.message}` : "killed";
    const told = await rested(device, "looking", async (client) =>
      (await client.notices.list()).some(({ code }) => code === "device_removed"),
    );
    assure(person.shaken && told, `${device.name} can't sync when all is quiet, and was not shut out: ${why}`);
    person.devices.splice(person.devices.indexOf(device), 1);
    device.kill();
    for (const sent of world.ledger.sent.values()) if (sent.device === device.name) sent.withdrawn = true;
  }
  if (person.devices.length === 0) await returnWithPhrase(world, person);
}

/** Who shut all their devices out, and was interrupted before there was a new one, has the phrase still. */
async function returnWithPhrase(world: World, person: Person): Promise<void> {
  for (const phrase of person.phrases) if (await comeBack(world, person, phrase, { fault: null, rotate: false })) return;
  throw new Violation(`${person.address} is shut out of their own account`);
}

/** All devices of a person know each other, and show the same drafts, none of which was sent. */
async function assureTogether({ ledger }: World, { address, devices, shaken }: Person): Promise<void> {
  const seen = new Map<string, string>();
  for (const device of devices) {
    await rested(device, "looking", async (client) => {
      const known = (await client.devices.list()).length;
      // One that came too late for what it was to be handed is out, and stands in the list until it is removed.
      const right = known === devices.length || (shaken && known > devices.length);
      assure(right, `${device.name} knows of ${known} devices, and ${address} has ${devices.length}`);
      const drafts = (await client.drafts.list()).map(({ subject, preview }) => `${subject}: ${preview}`).toSorted();
      for (const { subject } of await client.drafts.list()) {
        assure(ledger.drafts.has(subject), `${device.name} has a draft "${subject}", which nobody wrote`);
        assure(ledger.sent.get(subject)?.promised !== true, `"${subject}" was sent, and ${device.name} still has it as a draft`);
      }
      const folders = (await client.folders.list()).map(({ id, name, parent }) => `${id} ${name} in ${parent}`).toSorted();
      for (const [what, now] of [
        ["drafts", drafts.join("; ")],
        ["folders", folders.join("; ")],
      ] as const) {
        const before = seen.get(what) ?? now;
        assure(before === now, `${device.name} has the ${what} ${now || "none"}, another device of ${address} has ${before || "none"}`);
        seen.set(what, now);
      }
    });
  }
}

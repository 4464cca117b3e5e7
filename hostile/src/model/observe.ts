import { lookAtInbox } from "../invariants/mailbox.ts";
import { lookAtOutbox } from "../invariants/outbox.ts";
import type { PinWatch } from "./invariants/pins.ts";
import type { Acting } from "./operation.ts";
import { assure } from "../violation.ts";
import type { World } from "./world.ts";

/** What an honest world gives people notice of. */
const HONEST_NOTICES: ReadonlySet<string> = new Set([
  "delivery_given_up",
  "not_accepted",
  "unknown_user",
  // The server restarted or slept while a message named a record: it is said, and found out to be nothing.
  "history_withheld",
]);

/** What people are told whose keys or devices changed. */
const SHAKEN_NOTICES: ReadonlySet<string> = new Set(["device_removed", "phrase_unchanged", "keystore_replaced"]);

/** What always holds of a device, whatever has happened to it: looked at after every step. */
export async function observe(world: World, acting: Acting, pins: PinWatch): Promise<void> {
  const { person, device } = acting;
  pins.look(device);
  const ended = await device.act(async (client) => {
    await lookAtOutbox(world, acting, client);
    const shown = await lookAtInbox(world, acting, client);
    for (const [subject, certainty] of world.ledger.mailbox(person.address).removed) {
      const back = certainty === "certain" && person.devices.length === 1 && shown.has(subject);
      assure(!back, `${device.name} shows "${subject}" again, which was deleted`);
    }
    for (const { code, detail } of await client.notices.list()) {
      const told = HONEST_NOTICES.has(code) || (person.shaken && SHAKEN_NOTICES.has(code));
      assure(told, `${device.name} raises an alarm in an honest world: ${code}: ${detail}`);
    }
  });
  if (ended.how === "refused") throw ended.error;
}

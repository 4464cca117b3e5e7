import type { Client, OutboxCopy } from "@smimp/client";
import { DAY, secondsBetween } from "@smimp/protocol";
import { mayBeBurned } from "../ledger.ts";
import type { Facts, Owner } from "../facts.ts";
import { assure } from "../violation.ts";

/** How long an outbox shows what was sent, seconds, and a day for good measure. */
const SHOWN = 6 * DAY;

/** Looks at an outbox, and tells the model what was acknowledged. Throws a violation where a message is gone that was promised. */
export async function lookAtOutbox(
  world: Facts,
  { person, device }: Owner,
  client: Client,
): Promise<ReadonlyMap<string, readonly OutboxCopy[]>> {
  const there = new Map<string, readonly OutboxCopy[]>();
  for (const { subject, copies } of await client.outbox.list()) {
    const sent = world.ledger.sent.get(subject);
    assure(
      sent !== undefined && sent.from === person.address,
      `${device.name} has "${subject}" in its outbox, which was not written there`,
    );
    assure(!there.has(subject), `${device.name} has "${subject}" in its outbox twice`);
    there.set(subject, copies);
    for (const { to, state } of copies) if (state === "sent") sent.acknowledged.add(to);
  }
  for (const sent of world.ledger.sent.values()) {
    if (mayBeBurned(world.ledger.mailbox(person.address), sent)) continue;
    if (sent.device !== device.name || !sent.promised || sent.withdrawn || there.has(sent.subject)) continue;
    assure(secondsBetween(sent.at, world.latest()) > SHOWN, `"${sent.subject}" is gone from the outbox of ${device.name}`);
  }
  return there;
}

import type { Client, InboxSummary } from "@smimp/client";
import { recipientsOf, type Sent } from "../ledger.ts";
import type { Facts, Owner } from "../facts.ts";
import { assure } from "../violation.ts";

/** Messages on a page of a list: more than a run has. */
export const WHOLE_LIST = 10_000;

/** What a device shows, by subject. Throws a violation for what was not sent, is shown twice, or is shown otherwise than sent. */
export async function lookAtInbox(world: Facts, { person, device }: Owner, client: Client): Promise<ReadonlyMap<string, InboxSummary>> {
  const shown = new Map<string, InboxSummary>();
  for (const line of await client.inbox.list({ limit: WHOLE_LIST })) {
    assure(line.state !== "invalid", `${device.name} shows a message from ${line.from} as invalid: ${line.reason}`);
    // Of what is burned or waits for its sender's history nothing can be told.
    if (line.state !== "open") continue;
    const sent = world.ledger.sent.get(line.subject);
    assure(sent !== undefined, `${device.name} shows "${line.subject}", which nobody sent`);
    assure(sent.from === line.from, `${device.name} shows "${line.subject}" as from ${line.from}, not from ${sent.from}`);
    assure(recipientsOf(sent).has(person.address), `${device.name} shows "${line.subject}", which was not sent there`);
    assure(!shown.has(line.subject), `${device.name} shows "${line.subject}" twice`);
    shown.set(line.subject, line);
  }
  return shown;
}

/** Reads a message and holds it against what was sent. */
export async function readAgain(client: Client, { messageId }: InboxSummary, sent: Sent): Promise<void> {
  const message = await client.inbox.read(messageId);
  const { subject } = sent;
  assure(message.body === sent.body, `"${subject}" has another body than it was sent with`);
  assure(message.to.join() === sent.to.join() && message.cc.join() === sent.cc.join(), `"${subject}" has other recipients`);
  const attachments = message.attachments.map(({ name, size }) => `${name} ${size}`).join();
  assure(attachments === sent.attachments.map(({ name, size }) => `${name} ${size}`).join(), `"${subject}" has other attachments`);
}

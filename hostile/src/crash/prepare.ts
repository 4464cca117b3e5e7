import { randomBytes } from "node:crypto";
import { DAY, secondsBetween, parseTimestamp, type Address, type Timestamp } from "@smimp/protocol";
import type { Sent, SentAttachment } from "../ledger.ts";
import { rested } from "../invariants/demands.ts";
import type { Deed, Need } from "./deed.ts";
import { NOTHING, type Order } from "./messages.ts";
import type { Plan } from "./plan.ts";
import type { Actor, Stage } from "./stage.ts";

/** Messages that wait for the actor, or in their outbox. */
const MESSAGES = 4;
/** A little more than the life of a non-ephemeral key until it is replaced. */
const WEEK = 8 * DAY;
/** A day well within a month. */
const INTO_MONTH = "02T12:00:00Z";

/** Sees to it that there is something to do. */
export async function prepare(stage: Stage, actor: Actor, { needs = [] }: Deed): Promise<void> {
  for (const need of needs) await satisfy(stage, actor, need);
}

async function satisfy(stage: Stage, actor: Actor, need: Need): Promise<void> {
  if (need === "week") stage.advance(WEEK);
  else if (need === "month") stage.advance(secondsBetween(stage.clock(), nextMonth(stage)));
  else if (need === "queued") await several(async (count) => await writeTo(stage, actor, otherThan(stage, actor, count), "queued"));
  else {
    await several(async (count) => await writeTo(stage, otherThan(stage, actor, count), actor, "sent"));
    if (need === "read") await rested(actor.device, "a sync", async (client) => await client.sync());
  }
}

async function several(work: (count: number) => Promise<void>): Promise<void> {
  for (let count = 0; count < MESSAGES; count++) await work(count);
}

function nextMonth(stage: Stage): Timestamp {
  const [year = 0, month = 0] = stage.clock().split("-").map(Number);
  const next = month === 12 ? [year + 1, 1] : [year, month + 1];
  return parseTimestamp(`${next[0]}-${String(next[1]).padStart(2, "0")}-${INTO_MONTH}`);
}

/** Somebody else. */
export function otherThan({ people }: Stage, actor: Actor, number: number): Actor {
  const others = people.filter((each) => each !== actor);
  const other = others[number % others.length];
  if (other === undefined) throw new TypeError("nobody else is there");
  return other;
}

/** Writes a message with a program of this process. */
export async function writeTo(stage: Stage, from: Actor, to: Actor, how: "queued" | "sent"): Promise<void> {
  const sent = noteMessage(stage, from.address, [to.address], []);
  await from.device.act(async (client) => {
    const { id } = await client.outbox.enqueue({ to: [to.address], subject: sent.subject, body: sent.body });
    sent.promised = true;
    if (how === "sent") await client.outbox.flush({ id, force: true });
  });
}

/** What the program is told, and what the model knows of it beforehand. */
export function orderFor(stage: Stage, { address }: Actor, { sizes, which, deed }: Plan): Order {
  const everybodyElse = stage.people.map((each) => each.address).filter((each) => each !== address);
  const order = { ...NOTHING, to: everybodyElse, which };
  if (deed?.name !== "send") return order;
  const attachments = sizes.map((size, index) => ({ name: `${which}-${index}.bin`, size }));
  const { subject, body } = noteMessage(stage, address, everybodyElse, attachments);
  return { ...order, subject, body, attachments };
}

/** Enters a message that somebody is about to write. */
export function noteMessage(stage: Stage, from: Address, to: readonly Address[], attachments: readonly SentAttachment[]): Sent {
  const subject = stage.ledger.newSubject();
  const sent: Sent = {
    subject,
    from,
    to,
    cc: [],
    bcc: [],
    ownCopy: true,
    // The last word stands in no other message.
    body: `${subject}: every word of it, ${randomBytes(12).toString("hex")}`,
    attachments,
    device: from,
    at: stage.clock(),
    promised: false,
    withdrawn: false,
    acknowledged: new Set(),
  };
  stage.ledger.sent.set(subject, sent);
  return sent;
}

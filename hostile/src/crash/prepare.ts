import { DAY } from "@smimp/protocol";
import type { Address } from "@smimp/protocol";
import type { Sent, SentAttachment } from "../ledger.ts";
import type { Deed } from "./deed.ts";
import type { Order } from "./messages.ts";
import type { Plan } from "./plan.ts";
import type { Actor, Stage } from "./stage.ts";

/** Messages that wait for the actor, or in their outbox. */
const MESSAGES = 4;
/** A little more than the life of a non-ephemeral key until it is replaced. */
const WEEK = 8 * DAY;

/** Sees to it that there is something to do. */
export async function prepare(stage: Stage, actor: Actor, { needs = [] }: Deed): Promise<void> {
  if (needs.includes("week")) stage.advance(WEEK);
  for (let count = 0; count < MESSAGES; count++) {
    if (needs.includes("mail")) await writeTo(stage, otherThan(stage, actor, count), actor, "sent");
    if (needs.includes("queued")) await writeTo(stage, actor, otherThan(stage, actor, count), "queued");
  }
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
  const order = { subject: "", to: everybodyElse, body: "", attachments: [], which, joining: null };
  if (deed?.name !== "send") return order;
  const attachments = sizes.map((size, index) => ({ name: `${which}-${index}.bin`, size }));
  const { subject, body } = noteMessage(stage, address, everybodyElse, attachments);
  return { ...order, subject, body, attachments };
}

function noteMessage(stage: Stage, from: Address, to: readonly Address[], attachments: readonly SentAttachment[]): Sent {
  const subject = stage.ledger.newSubject();
  const sent: Sent = {
    subject,
    from,
    to,
    cc: [],
    bcc: [],
    ownCopy: true,
    body: `${subject}: every word of it`,
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

import type { Client, InboxSummary, OutboxCopy } from "@smimp/client";
import { DAY, HOUR, MINUTE, secondsBetween, type ProblemCode } from "@smimp/protocol";
import { assureDatabase, assureKeysOnce, rowsOf } from "./invariants/database.ts";
import { assureKeystore } from "./invariants/keystore.ts";
import { lookAtInbox, readAgain } from "./invariants/mailbox.ts";
import { lookAtOutbox } from "./invariants/outbox.ts";
import { assureDestroyed } from "./invariants/secrets.ts";
import { contentOf, recipientsOf, type Sent } from "./ledger.ts";
import type { Acting } from "./operation.ts";
import { assure, Violation } from "./violation.ts";
import type { Person, World } from "./world.ts";

/** Waits between the rounds of coming to rest, seconds: past every back-off, and not so long that messages are given up. */
const WAITS = [0, 10 * MINUTE, 7 * HOUR, 7 * HOUR] as const;
/** How long a message is tried, seconds. */
const GIVE_UP_AFTER = 5 * DAY;
/** What may hold a message up for good while nothing else is wrong. */
const FULL: ReadonlySet<ProblemCode | null> = new Set<ProblemCode | null>(["quota_exceeded"]);
/** What may end a message's way at once, where the recipient was out of service at some time. */
const CLOSED: ReadonlySet<ProblemCode | null> = new Set<ProblemCode | null>(["not_accepted"]);

/** Lets everything come to rest, with nothing in anybody's way, and then demands all that must hold. */
export async function settle(world: World): Promise<void> {
  await everybodyInService(world);
  for (const wait of WAITS) {
    world.clock.advance(wait);
    for (const acting of allDevices(world)) await rested(acting, "a sync", async (client) => await client.sync());
    for (const acting of allDevices(world)) await rested(acting, "sending", async (client) => await client.outbox.flush({ force: true }));
  }
  const began = world.clock();
  for (const acting of allDevices(world)) await rested(acting, "a sync", async (client) => await client.sync());
  await assureAll(world, began);
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

async function rested<Result>({ person, device }: Acting, what: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const ended = await device.act(work);
  if (ended.how === "done") return ended.result;
  if (ended.how === "killed") throw new Violation(`${device.name} was killed by nobody`);
  throw new Violation(`${what} of ${person.address} is refused with ${ended.error.code} though all is quiet: ${ended.error.message}`);
}

async function assureAll(world: World, syncBegan: string): Promise<void> {
  for (const acting of allDevices(world)) {
    await rested(acting, "looking", async (client) => await assureSent(world, acting, client));
  }
  for (const person of world.people) await assureMailbox(world, person);
  for (const { device } of allDevices(world)) assureDestroyed(device, syncBegan);
  for (const node of world.nodes) {
    assureDatabase(node);
    assureKeysOnce(node);
  }
  for (const person of world.people) assureKeystore(world, person);
}

/** Each copy went out, or its sender was told for good why not. */
async function assureSent(world: World, acting: Acting, client: Client): Promise<void> {
  for (const [subject, copies] of await lookAtOutbox(world, acting, client)) {
    const sent = world.ledger.sent.get(subject);
    for (const copy of copies)
      assure(sent !== undefined && isFinal(world, sent, copy), `"${subject}" to ${copy.to} is ${copy.state}: ${copy.reason}`);
  }
}

function isFinal(world: World, sent: Sent, { to, state, reason }: OutboxCopy): boolean {
  if (state === "sent") return true;
  if (FULL.has(reason)) return true;
  const recipient = world.people.find(({ address }) => address === to);
  if (state === "failed" && CLOSED.has(reason)) return recipient?.everDisabled === true;
  return state === "failed" && secondsBetween(sent.at, world.clock()) >= GIVE_UP_AFTER;
}

/** Everything that was acknowledged is there, once, on each device; nothing else is; and all agree with each other and the server. */
async function assureMailbox(world: World, person: Person): Promise<void> {
  const node = world.nodeOf(person.address);
  const rows = rowsOf(node, "SELECT message_id, is_read FROM messages WHERE recipient = ?", person.address);
  const onServer = new Map(rows.map((row) => [String(row["message_id"]), row["is_read"] === 1]));
  const facts = world.ledger.mailbox(person.address);
  for (const id of facts.removedIds)
    assure(!onServer.has(id), `${node.domain}: the server still holds a message that ${person.address} has deleted`);
  for (const device of person.devices) {
    await rested({ person, device }, "looking", async (client) => {
      const shown = await lookAtInbox(world, { person, device }, client);
      for (const sent of world.ledger.sent.values()) {
        const due = sent.acknowledged.has(person.address) && recipientsOf(sent).has(person.address) && !facts.removed.has(sent.subject);
        assure(
          !due || shown.has(sent.subject),
          `"${sent.subject}" was acknowledged for ${person.address}, and ${device.name} doesn't have it`,
        );
      }
      for (const [subject, line] of shown) {
        assure(facts.removed.get(subject) !== "certain", `${device.name} shows "${subject}", which was deleted`);
        assureReadMark(line, onServer, facts.read.get(subject), device.name);
        await assureContent(world, client, line);
      }
    });
  }
}

function assureReadMark(
  line: InboxSummary,
  onServer: ReadonlyMap<string, boolean>,
  may: ReadonlySet<boolean> | undefined,
  device: string,
): void {
  const { subject, messageId, read, own } = line;
  const there = onServer.get(messageId);
  assure(there !== undefined, `${device} shows "${subject}", which its server doesn't have`);
  // One's own copies are read from the start, without a word to the server.
  if (may === undefined) return assure(read === own, `${device} shows "${subject}" as ${read ? "" : "un"}read, and nobody marked it`);
  assure(read === there, `${device} shows "${subject}" as ${read ? "" : "un"}read, its server otherwise`);
  assure(may.has(read), `${device} shows "${subject}" as ${read ? "" : "un"}read, which is not what it was marked as last`);
}

async function assureContent({ ledger }: World, client: Client, line: InboxSummary): Promise<void> {
  const sent = ledger.sent.get(line.subject);
  if (sent === undefined) throw new Violation(`nobody sent "${line.subject}"`);
  await readAgain(client, line, sent);
  for (const [index, attachment] of sent.attachments.entries()) {
    const pieces: Uint8Array[] = [];
    for await (const piece of client.inbox.attachment(line.messageId, index)) pieces.push(piece);
    assure(Buffer.concat(pieces).equals(contentOf(attachment)), `the attachment ${attachment.name} has another content`);
  }
}

import type { Client, InboxSummary, OutboxCopy } from "@smimp/client";
import { DAY, secondsBetween, type Address, type ProblemCode, type SmimpError } from "@smimp/protocol";
import type { Facts, ServerFolder } from "../facts.ts";
import { contentOf, recipientsOf, type Sent } from "../ledger.ts";
import { assure, Violation } from "../violation.ts";
import { assureDatabase, assureKeysOnce, rowsOf } from "./database.ts";
import { assureKeystore } from "./keystore.ts";
import { lookAtInbox, readAgain } from "./mailbox.ts";
import { lookAtOutbox } from "./outbox.ts";

/** How an operation of a client ended. */
export type Ended<Result> =
  | { readonly how: "done"; readonly result: Result }
  /** Its program said why not. */
  | { readonly how: "refused"; readonly error: SmimpError }
  /** Its program was killed meanwhile, or closed. */
  | { readonly how: "killed" };

/** A device whose program can be asked for something. */
export interface Asked {
  readonly name: string;
  act<Result>(work: (client: Client) => Promise<Result>): Promise<Ended<Result>>;
}

/** Somebody whose devices and mailbox are looked at. */
export interface Inspected {
  readonly address: Address;
  readonly phrase: string;
  readonly devices: readonly Asked[];
  /** Whether the operator had the account out of service at any time. */
  readonly everDisabled: boolean;
}

/** A world that has come to rest. */
export interface Resting extends Facts {
  readonly people: readonly Inspected[];
  readonly nodes: readonly ServerFolder[];
}

/** How long a message is tried, seconds. */
const GIVE_UP_AFTER = 5 * DAY;
/** What may hold a message up for good while nothing else is wrong. */
const FULL: ReadonlySet<ProblemCode | null> = new Set<ProblemCode | null>(["quota_exceeded"]);
/** What may end a message's way at once, where the recipient was out of service at some time. */
const CLOSED: ReadonlySet<ProblemCode | null> = new Set<ProblemCode | null>(["not_accepted"]);

/** Asks a device for something that nothing stands in the way of. Throws a violation where it is refused. */
export async function rested<Result>(device: Asked, what: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const ended = await device.act(work);
  if (ended.how === "done") return ended.result;
  if (ended.how === "killed") throw new Violation(`${device.name} was killed by nobody`);
  throw new Violation(`${what} of ${device.name} is refused with ${ended.error.code} though all is quiet: ${ended.error.message}`);
}

/** Demands all that must hold where everything has been sent and synced. */
export async function assureAll(world: Resting): Promise<void> {
  for (const person of world.people) {
    for (const device of person.devices) {
      await rested(device, "looking", async (client) => await assureSent(world, person, device, client));
    }
  }
  for (const person of world.people) await assureMailbox(world, person);
  for (const node of world.nodes) {
    assureDatabase(node);
    assureKeysOnce(node);
  }
  for (const person of world.people) assureKeystore(world, person);
}

/** Each copy went out, or its sender was told for good why not. */
async function assureSent(world: Resting, person: Inspected, device: Asked, client: Client): Promise<void> {
  for (const [subject, copies] of await lookAtOutbox(world, { person, device }, client)) {
    const sent = world.ledger.sent.get(subject);
    for (const copy of copies) {
      assure(sent !== undefined && isFinal(world, sent, copy), `"${subject}" to ${copy.to} is ${copy.state}: ${copy.reason}`);
    }
  }
}

function isFinal(world: Resting, sent: Sent, { to, state, reason }: OutboxCopy): boolean {
  if (state === "sent" || FULL.has(reason)) return true;
  const recipient = world.people.find(({ address }) => address === to);
  if (state === "failed" && CLOSED.has(reason)) return recipient?.everDisabled === true;
  return state === "failed" && secondsBetween(sent.at, world.clock()) >= GIVE_UP_AFTER;
}

/** Everything that was acknowledged is there, once, on each device; nothing else is; and all agree with each other and the server. */
async function assureMailbox(world: Resting, person: Inspected): Promise<void> {
  const { address } = person;
  const node = world.nodeOf(address);
  const rows = rowsOf(node, "SELECT message_id, is_read FROM messages WHERE recipient = ?", address);
  const onServer = new Map(rows.map((row) => [String(row["message_id"]), row["is_read"] === 1]));
  const facts = world.ledger.mailbox(address);
  for (const id of facts.removedIds) assure(!onServer.has(id), `${node.domain}: the server still holds what ${address} has deleted`);
  for (const device of person.devices) {
    await rested(device, "looking", async (client) => {
      const shown = await lookAtInbox(world, { person, device }, client);
      for (const sent of world.ledger.sent.values()) {
        const due = sent.acknowledged.has(address) && recipientsOf(sent).has(address) && !facts.removed.has(sent.subject);
        assure(!due || shown.has(sent.subject), `"${sent.subject}" was acknowledged for ${address}, and ${device.name} doesn't have it`);
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
  { subject, messageId, read, own }: InboxSummary,
  onServer: ReadonlyMap<string, boolean>,
  may: ReadonlySet<boolean> | undefined,
  device: string,
): void {
  const there = onServer.get(messageId);
  const shown = `${device} shows "${subject}" as ${read ? "" : "un"}read`;
  assure(there !== undefined, `${device} shows "${subject}", which its server doesn't have`);
  // One's own copies are read from the start, without a word to the server.
  if (may === undefined) return assure(read === own, `${shown}, and nobody marked it`);
  assure(read === there, `${shown}, its server otherwise`);
  assure(may.has(read), `${shown}, which is not what it was marked as last`);
}

async function assureContent({ ledger }: Resting, client: Client, line: InboxSummary): Promise<void> {
  const sent = ledger.sent.get(line.subject);
  if (sent === undefined) throw new Violation(`nobody sent "${line.subject}"`);
  await readAgain(client, line, sent);
  for (const [index, attachment] of sent.attachments.entries()) {
    const pieces: Uint8Array[] = [];
    for await (const piece of client.inbox.attachment(line.messageId, index)) pieces.push(piece);
    assure(Buffer.concat(pieces).equals(contentOf(attachment)), `the attachment ${attachment.name} has another content`);
  }
}

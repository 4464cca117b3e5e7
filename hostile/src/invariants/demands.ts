import type { Client, InboxSummary, OutboxCopy } from "@smimp/client";
import { DAY, secondsBetween, type Address, type ProblemCode, type SmimpError } from "@smimp/protocol";
import type { Facts, ServerFolder } from "../facts.ts";
import { contentOf, mayBeBurned, notedOf, recipientsOf, type MailboxFacts, type NoteKind, type Sent } from "../ledger.ts";
import { assure, Violation } from "../violation.ts";
import { assureDatabase, assureKeysOnce, rowsOf, type Row } from "./database.ts";
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
  /** The 24 words; several while it is not certain which of them are in force. */
  readonly phrases: readonly string[];
  readonly devices: readonly Asked[];
  /** Whether the operator had the account out of service at any time. */
  readonly everDisabled: boolean;
  /** Whether they kept somebody out at any time. */
  readonly everBlocked: boolean;
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
/** What may end a message's way at once, where the recipient was out of service, or kept somebody out, at some time. */
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
    await assureDatabase(node);
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
  if (state === "failed" && CLOSED.has(reason)) return recipient?.everDisabled === true || recipient?.everBlocked === true;
  return state === "failed" && secondsBetween(sent.at, world.latest()) >= GIVE_UP_AFTER;
}

/** Everything that was acknowledged is there, once, on each device; nothing else is; and all agree with each other and the server. */
async function assureMailbox(world: Resting, person: Inspected): Promise<void> {
  const { address } = person;
  const node = world.nodeOf(address);
  const rows = rowsOf(node, "SELECT message_id, is_read, folder FROM messages WHERE recipient = ?", address);
  const onServer = new Map(rows.map((row) => [String(row["message_id"]), row]));
  const facts = world.ledger.mailbox(address);
  for (const id of facts.removedIds) assure(!onServer.has(id), `${node.domain}: the server still holds what ${address} has deleted`);
  const others = new Map<string, string>();
  for (const device of person.devices) {
    await rested(device, "looking", async (client) => {
      const shown = await lookAtInbox(world, { person, device }, client);
      for (const sent of world.ledger.sent.values()) {
        const due =
          sent.acknowledged.has(address) &&
          recipientsOf(sent).has(address) &&
          !facts.removed.has(sent.subject) &&
          !mayBeBurned(facts, sent);
        assure(!due || shown.has(sent.subject), `"${sent.subject}" was acknowledged for ${address}, and ${device.name} doesn't have it`);
      }
      for (const [subject, line] of shown) {
        assure(facts.removed.get(subject) !== "certain", `${device.name} shows "${subject}", which was deleted`);
        assureNotes(line, onServer.get(line.messageId), facts, device.name);
        const noted = notesText(line);
        const before = others.get(subject) ?? noted;
        assure(before === noted, `"${subject}" of ${address} is noted as ${noted} on ${device.name}, as ${before} on another device`);
        others.set(subject, noted);
        await assureContent(world, client, line);
      }
      for (const subject of others.keys())
        assure(shown.has(subject), `"${subject}" is on one device of ${address}, and not on ${device.name}`);
    });
  }
}

/** What a line says that its owner can change. */
function notesText({ read, starred, labels, folder }: InboxSummary): string {
  return JSON.stringify({ read, starred, labels: labels.toSorted(), folder });
}

function assureNotes(line: InboxSummary, row: Row | undefined, facts: MailboxFacts, device: string): void {
  const { subject, read, starred, labels, folder, own } = line;
  assure(row !== undefined, `${device} shows "${subject}", which its server doesn't have`);
  assure(folder === row["folder"], `${device} shows "${subject}" in folder ${folder}, its server has it in ${String(row["folder"])}`);
  const now: Readonly<Record<NoteKind, readonly [string, string]>> = {
    // One's own copies are read from the start, without a word to the server.
    read: [String(read), String(own)],
    starred: [String(starred), "false"],
    labels: [labels.toSorted().join(), ""],
    folder: [String(folder), "null"],
  };
  for (const kind of Object.keys(now) as NoteKind[]) {
    const [value, asItCame] = now[kind];
    const may = notedOf(facts, kind, subject) ?? new Set([asItCame]);
    assure(
      may.has(value),
      `${device} shows "${subject}" with ${kind} ${value || "none"}, and it may be ${[...may].join(" or ") || "none"}`,
    );
  }
  const marked = notedOf(facts, "read", subject) !== null;
  assure(!marked || read === (row["is_read"] === 1), `${device} shows "${subject}" as ${read ? "" : "un"}read, its server otherwise`);
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

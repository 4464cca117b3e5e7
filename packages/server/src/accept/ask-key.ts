import {
  addSeconds,
  checkWork,
  DAY,
  domainOf,
  HOUR,
  SmimpError,
  TICKET_LIFE,
  toHex32,
  type Address,
  type Hex32,
  type MessageType,
  type PublicKey,
  type Statement,
  type Timestamp,
  type Work,
  type WorkParameters,
} from "@smimp/protocol";
import type { Services } from "../services.ts";
import type { ContactSource } from "../store/counters.ts";
import type { MessageKeyRow } from "../store/message-keys.ts";
import type { StoreReader, StoreWriter } from "../store/store.ts";
import type { PaidWork } from "../store/tickets.ts";
import { ipPrefix } from "./ip-prefix.ts";
import { recipientOf, type Standing } from "./lists.ts";
import { findDemand } from "./work-demands.ts";
import { covers, DECAY_HOURS, dueBits, workParametersFor, type SenderClass } from "./work-policy.ts";

type Deps = Pick<Services, "store" | "clock" | "random" | "settings" | "rates">;

/** Age of a domain's first contact from which on it counts as established, seconds. */
const ESTABLISHED_AFTER = 24 * HOUR;
/** Hours in which a domain that is quiet stays established: as long as counts are kept. */
const ESTABLISHED_HOURS = 7 * 24;
/** Seconds after which to ask again where a recipient has no usable key. */
const NO_KEY_SECONDS = HOUR;
/** Bytes of a ticket and of a work nonce. */
const RANDOM_BYTES = 32;

/** Who asks for a key, and whom the message is for. */
export interface KeyRequest {
  readonly sender: Address;
  readonly recipient: Address;
  readonly messageType: MessageType;
  readonly remoteAddress: string;
}

/** What a sender is given: a key, the head of the recipient's history, and a ticket (protocol section 6). */
export interface IssuedKey {
  readonly ticket: Hex32;
  readonly expiresAt: Timestamp;
  readonly publicKey: PublicKey;
  readonly sequence: number;
  readonly link: Hex32;
  readonly messageKey: Statement;
}

/**
 * Gives out a message key and a ticket, or asks for work first (protocol sections 4, 6 and 7). Throws `unknown_user`,
 * `not_accepted`, `rate_limited`, `pow_required` (member `pow`), `pow_invalid`, `pow_expired`, `temporarily_unavailable` (no key).
 */
export async function askKey(deps: Deps, request: KeyRequest, pow: Work | undefined): Promise<IssuedKey> {
  const { store, clock, random, rates } = deps;
  const now = clock();
  assertServed(deps, request.recipient);
  admitTicket(deps, request, now);
  // Verified before the transaction, which must not wait for hashing.
  const paid = pow === undefined ? null : await checkPaid(deps, request, pow, now);

  const outcome = await store.transact(async (writer): Promise<IssuedKey | WorkParameters> => {
    const { recipient, standing } = await recipientOf(writer, request.recipient, request.sender, now);
    // Only now: whoever names people that there aren't leaves nothing behind.
    const messages = rates.count("message", messagesOf(request), HOUR, now);
    const senderClass = await classOf(writer, deps, request, standing, now);
    const bits = await bitsFor(writer, deps, request, senderClass, messages, now);
    if (bits > 0 && (paid === null || !covers(paid.parameters, bits))) return await demandWork(writer, deps, request, bits, now);
    if (bits > 0 && paid !== null && !(await writer.work.spend(paid.pow.nonce, now))) {
      throw new SmimpError("pow_invalid", "this work was used already");
    }
    const stranger = senderClass === "stranger" || senderClass === "established";
    if (stranger) await writer.counters.countFirstContact(sourcesOf(request), now);
    const key = await issueKey(writer, deps, request, stranger, now);
    const ticket = toHex32(random(RANDOM_BYTES));
    const expiresAt = addSeconds(now, TICKET_LIFE);
    const { sender, messageType } = request;
    const work = bits > 0 ? paid : null;
    await writer.tickets.create({ ticket, sender, recipient: request.recipient, messageType, keyId: key.keyId, expiresAt, work });
    const { publicKey, sequence, link } = recipient.head;
    return { ticket, expiresAt, publicKey, sequence, link, messageKey: key.statement };
  });
  if ("ticket" in outcome) return outcome;
  throw new SmimpError("pow_required", "this recipient's server asks for some work first", { members: { pow: outcome } });
}

/** The work that is due for a message, as parameters to pay it under; zero bits where none is (protocol section 12). Throws as `askKey`. */
export async function workFor(deps: Deps, request: KeyRequest): Promise<WorkParameters> {
  const { store, clock, random, settings, rates } = deps;
  const now = clock();
  assertServed(deps, request.recipient);
  admitTicket(deps, request, now);
  const messages = rates.peek("message", messagesOf(request), HOUR, now) + 1;
  return await store.transact(async (writer) => {
    const { standing } = await recipientOf(writer, request.recipient, request.sender, now);
    const senderClass = await classOf(writer, deps, request, standing, now);
    const bits = await bitsFor(writer, deps, request, senderClass, messages, now);
    if (bits === 0) return { ...workParametersFor(0, settings.workPolicy, toHex32(random(RANDOM_BYTES)), now) };
    return await demandWork(writer, deps, request, bits, now);
  });
}

/** Copies, drafts and imported mail go to oneself: many a day, but what is remembered of deleted ones is bounded too. Throws `rate_limited`. */
function admitTicket({ rates, settings }: Deps, { sender, recipient }: KeyRequest, now: Timestamp): void {
  const { ticketsPerHour, ownTicketsPerDay } = settings.quotas;
  if (sender === recipient) rates.admit("own ticket", sender, ownTicketsPerDay, DAY, now);
  else rates.admit("ticket", sender, ticketsPerHour, HOUR, now);
}

/** What messages from one to another are counted under. */
function messagesOf({ sender, recipient }: KeyRequest): string {
  return `${sender} ${recipient}`;
}

function assertServed({ settings }: Deps, recipient: Address): void {
  if (!settings.domains.includes(domainOf(recipient))) throw new SmimpError("unknown_user", "this server has no such domain");
}

async function checkPaid(deps: Deps, request: KeyRequest, pow: Work, now: Timestamp): Promise<PaidWork> {
  const { sender, recipient, messageType } = request;
  const demand = await deps.store.read((reader) => findDemand(reader, { sender, recipient, messageType }, pow, now));
  const { parameters } = demand;
  checkWork({ server: deps.settings.baseUrl, from: sender, to: recipient, messageType, parameters, pow, now });
  return { parameters, pow };
}

async function classOf(
  reader: StoreReader,
  { settings }: Deps,
  { sender, recipient }: KeyRequest,
  standing: Standing,
  now: Timestamp,
): Promise<SenderClass> {
  if (standing === "allowed") return "allowed";
  if (sender === recipient) return "correspondent";
  const { correspondents, counters } = reader;
  if ((await correspondents.isKnown(recipient, sender)) || (await correspondents.isKnown(sender, recipient))) return "correspondent";
  const domain = domainOf(sender);
  if (settings.domains.includes(domain)) return "established";
  const hours = await counters.firstContacts({ by: "domain", subject: domain }, now, ESTABLISHED_HOURS);
  const oldest = hours.at(-1);
  return oldest !== undefined && oldest.hour <= addSeconds(now, -ESTABLISHED_AFTER) ? "established" : "stranger";
}

async function bitsFor(
  reader: StoreReader,
  { settings }: Deps,
  request: KeyRequest,
  senderClass: SenderClass,
  messagesThisHour: number,
  now: Timestamp,
): Promise<number> {
  // A sent copy is a message to oneself, without any work (protocol section 8).
  if (request.sender === request.recipient) return 0;
  const { counters } = reader;
  const facts = { senderClass, now, messagesThisHour, bySender: [], byDomain: [], byPrefix: [], inflow: 0, medianInflow: 0 };
  if (senderClass === "correspondent" || senderClass === "allowed") return dueBits(settings.workPolicy, facts);
  const [sender, domain, prefix] = sourcesOf(request);
  return dueBits(settings.workPolicy, {
    ...facts,
    bySender: await counters.firstContacts(sender, now, DECAY_HOURS),
    byDomain: await counters.firstContacts(domain, now, DECAY_HOURS),
    byPrefix: await counters.firstContacts(prefix, now, DECAY_HOURS),
    inflow: await counters.strangerInflow(now),
    medianInflow: await counters.strangerInflowMedian(now),
  });
}

function sourcesOf({ sender, remoteAddress }: KeyRequest): readonly [ContactSource, ContactSource, ContactSource] {
  return [
    { by: "sender", subject: sender },
    { by: "domain", subject: domainOf(sender) },
    { by: "prefix", subject: ipPrefix(remoteAddress) },
  ];
}

async function demandWork(
  writer: StoreWriter,
  { random, settings }: Deps,
  { sender, recipient, messageType }: KeyRequest,
  bits: number,
  now: Timestamp,
): Promise<WorkParameters> {
  const parameters = workParametersFor(bits, settings.workPolicy, toHex32(random(RANDOM_BYTES)), now);
  await writer.work.create({ parameters, sender, recipient, messageType });
  return parameters;
}

/** A single-use key within the shares of protocol section 4, else the non-ephemeral one. */
async function issueKey(
  writer: StoreWriter,
  { settings }: Deps,
  { sender, recipient, remoteAddress }: KeyRequest,
  stranger: boolean,
  now: Timestamp,
): Promise<MessageKeyRow> {
  const { counters, messageKeys } = writer;
  const { keysPerRequester, keysForFirstContacts, keysPerPrefix } = settings.quotas;
  const prefix = ipPrefix(remoteAddress);
  const hasShare =
    (await counters.issuedTo(sender, recipient, now)) < keysPerRequester &&
    (!stranger ||
      ((await counters.issuedToStrangers(recipient, now)) < keysForFirstContacts &&
        (await counters.issuedToPrefix(prefix, now)) < keysPerPrefix));
  const singleUse = hasShare ? await messageKeys.issue(recipient, now) : null;
  if (singleUse !== null) {
    await counters.countIssue({ sender, recipient, stranger, prefix, at: now });
    return singleUse;
  }
  const standIn = await messageKeys.nonEphemeral(recipient);
  if (standIn !== null && standIn.expiresAt > now) return standIn;
  throw new SmimpError("temporarily_unavailable", "the recipient has no usable key at the moment", { retryAfter: NO_KEY_SECONDS });
}

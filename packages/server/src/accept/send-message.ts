import {
  isSmimpError,
  messageIdOf,
  parseEnvelope,
  parseRecordDocument,
  SmimpError,
  toHex32,
  utf8,
  verifyStatement,
  type Address,
  type Chain,
  type EnvelopeDocument,
  type Hex32,
  type PublicKey,
  type Statement,
  type Timestamp,
} from "@smimp/protocol";
import type { Services } from "../services.ts";
import type { Account } from "../store/accounts.ts";
import type { StoreReader, StoreWriter } from "../store/store.ts";
import { isUsable, usableTicket } from "./blobs.ts";
import type { Caller } from "./caller.ts";
import { recipientOf } from "./lists.ts";
import { bytesLeft } from "./quota.ts";

type Deps = Pick<Services, "store" | "clock" | "settings" | "remote" | "bus">;

/** Where the sender's chain stands, and the key that a record of it names. */
interface SenderKeys {
  readonly head: Hex32;
  readonly key: PublicKey;
}

/**
 * Accepts a sealed message, in the order of protocol section 6: sizes (before, in http), signature, replay, heads,
 * ticket, key, blobs, quota. Resolves with its id only once it is on durable storage; the same message again is
 * answered the same and stored once. `via` import_api: mail from elsewhere, to oneself alone (protocol section 9). Throws `bad_signature`, `bad_request`, `unknown_user`, `not_accepted`, `conflict`,
 * `ticket_invalid`, `key_not_issued`, `key_expired`, `blob_missing`, `quota_exceeded`.
 */
export async function sendMessage(
  deps: Deps,
  caller: Caller,
  to: Address,
  statement: Statement,
  via: "smimp_client" | "import_api" = "smimp_client",
): Promise<Hex32> {
  const { store, clock, bus } = deps;
  if (!statement.data.isWellFormed()) throw new SmimpError("bad_signature", "there is no text that could be signed");
  // Read to choose among the sender's keys, which are known from outside (protocol section 1).
  const claimed = tryParse(statement.data);
  const sender =
    caller.local === null
      ? await remoteKeys(deps, caller.address, to, statement, claimed)
      : await localKeys(deps.store, caller.address, caller.local, fromLinkOf(claimed));
  const messageId = toHex32(verifyStatement("envelope", sender.key, statement));
  if ("fault" in claimed) throw claimed.fault;
  const envelope = claimed;

  if (envelope.from !== caller.address) throw new SmimpError("bad_request", "the envelope is from another address than the session");
  if (envelope.to !== to) throw new SmimpError("bad_request", "the envelope is to another address than the request");
  if (via === "import_api" && envelope.from !== to) throw new SmimpError("bad_request", "mail from elsewhere is imported to oneself only");

  const state = await store.transact(async (writer): Promise<number | null> => {
    if (await writer.messages.wasAccepted(to, messageId)) return null;
    const now = clock();
    const { recipient } = await recipientOf(writer, to, caller.address, now);
    // A local sender's head may have moved since the session was looked up.
    const own = caller.local === null ? null : await writer.accounts.find(caller.address);
    assertHeads(envelope, own === null ? sender : { ...sender, head: own.head.link }, recipient);
    const work = await spendTicket(writer, envelope, messageId, now);
    await assertKey(writer, envelope, now);
    const added = await writer.messages.add({
      recipient: to,
      messageId,
      envelope: { data: statement.data, signature: statement.signature },
      from: envelope.from,
      messageType: envelope.message_type,
      receivedAt: now,
      receivedVia: via,
      work,
      ticket: envelope.ticket,
      blobs: envelope.blobs,
    });
    assertQuota(deps.settings, recipient, statement, envelope);
    await writer.correspondents.remember(to, envelope.from, now);
    return added;
  });
  if (state !== null) bus.publish(to, state);
  return messageId;
}

/** What a statement says, before its signature is looked at. */
type Claimed = EnvelopeDocument | { readonly fault: SmimpError };

/** The envelope, or what is wrong with it: said only once the signature holds. */
function tryParse(data: string): Claimed {
  try {
    return parseEnvelope(data);
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return { fault: error };
  }
}

/** A sender of this server: their head, and the key of the record that the envelope names, the head's where it names none that is known. */
async function localKeys(
  store: Deps["store"],
  sender: Address,
  { link, publicKey }: NonNullable<Caller["local"]>,
  fromLink: Hex32 | null,
): Promise<SenderKeys> {
  // The usual case costs nothing: the head came with the session.
  if (link === fromLink || fromLink === null) return { head: link, key: publicKey };
  const record = await store.read((reader) => reader.accounts.recordWith(sender, fromLink));
  return { head: link, key: record === null ? publicKey : parseRecordDocument(record.statement.data).public_key };
}

/**
 * The same of a sender of another server. A history that is known no more, or lacks the record that the envelope names, is fetched only for a
 * message that can be accepted: whoever has no ticket for it has no other server asked, and is judged by the key that is known.
 */
async function remoteKeys(deps: Deps, sender: Address, to: Address, statement: Statement, claimed: Claimed): Promise<SenderKeys> {
  const { store, clock, remote } = deps;
  const fromLink = fromLinkOf(claimed);
  const decides = (chain: Chain): boolean => fromLink === null || chain.records.some((record) => record.link === fromLink);
  const atHand = remote.atHand(sender);
  if (atHand !== null && decides(atHand)) return keysOf(atHand, fromLink);
  const { pin, acceptable } = await store.read(async (reader) => ({
    pin: (await reader.remotePins.find(sender, clock()))?.pin ?? null,
    acceptable: "fault" in claimed ? false : await mayBeAccepted(reader, sender, to, messageIdOf(statement), claimed, clock()),
  }));
  if (!acceptable && atHand !== null) return keysOf(atHand, fromLink);
  if (!acceptable && pin !== null) return { head: pin.link, key: pin.public_key };
  const chain = atHand ?? (await remote.chainOf(sender));
  // A record that isn't known here yet: the sender may have just made it.
  return keysOf(decides(chain) ? chain : await remote.freshChainOf(sender), fromLink);
}

/** Whether a message was accepted before, or comes with a ticket for it. */
async function mayBeAccepted(
  reader: StoreReader,
  sender: Address,
  to: Address,
  messageId: Hex32,
  envelope: EnvelopeDocument,
  now: Timestamp,
): Promise<boolean> {
  if (await reader.messages.wasAccepted(to, messageId)) return true;
  const ticket = await reader.tickets.find(envelope.ticket);
  return ticket !== null && isUsable(ticket, sender, now) && ticket.recipient === to;
}

function fromLinkOf(claimed: Claimed): Hex32 | null {
  return "fault" in claimed ? null : claimed.from_link;
}

function keysOf(chain: Chain, fromLink: Hex32 | null): SenderKeys {
  const record = chain.records.find((each) => each.link === fromLink) ?? chain.head;
  return { head: chain.head.link, key: record.document.public_key };
}

function assertHeads(envelope: EnvelopeDocument, sender: SenderKeys, recipient: Account): void {
  if (envelope.from_link !== sender.head)
    throw new SmimpError("conflict", "from_link is not the sender's last record: fetch and seal again");
  if (envelope.sender_key !== sender.key) throw new SmimpError("bad_signature", "sender_key is not the key that signed");
  if (envelope.to_link !== recipient.head.link) {
    throw new SmimpError("conflict", "to_link is not the recipient's last record: fetch and seal again");
  }
}

async function spendTicket(writer: StoreWriter, envelope: EnvelopeDocument, messageId: Hex32, now: Timestamp) {
  const { from, to, message_type: messageType, ticket: id, key_id: keyId } = envelope;
  const ticket = usableTicket(await writer.tickets.find(id), from, now);
  if (ticket.recipient !== to || ticket.messageType !== messageType) {
    throw new SmimpError("ticket_invalid", "this ticket is for another recipient or type");
  }
  if (ticket.keyId !== keyId) throw new SmimpError("key_not_issued", "this message key was not given out with this ticket");
  if (!(await writer.tickets.spend(id, messageId))) throw new SmimpError("ticket_invalid", "this ticket was used already");
  return ticket.work;
}

async function assertKey(writer: StoreWriter, { to, key_id: keyId }: EnvelopeDocument, now: Timestamp): Promise<void> {
  const key = await writer.messageKeys.find(to, keyId);
  if (key === null) throw new SmimpError("key_not_issued", "the recipient has no such message key");
  if (key.expiresAt <= now) throw new SmimpError("key_expired", "this message key has expired: ask for another");
}

function assertQuota(settings: Services["settings"], recipient: Account, statement: Statement, envelope: EnvelopeDocument): void {
  const size = utf8(statement.data).length + envelope.blobs.reduce((sum, blob) => sum + blob.size, 0);
  if (size > bytesLeft(settings, recipient)) throw new SmimpError("quota_exceeded", "the recipient's mailbox is full");
}

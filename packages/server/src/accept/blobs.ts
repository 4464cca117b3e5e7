import { domainOf, HOUR, MAX_BLOBS, SmimpError, type Address, type Hex32, type Timestamp } from "@smimp/protocol";
import type { Readable } from "node:stream";
import type { Services } from "../services.ts";
import type { StoredBlob } from "../store/blobs.ts";
import type { StoreReader } from "../store/store.ts";
import type { Ticket } from "../store/tickets.ts";
import { recipientOf } from "./lists.ts";
import { bytesLeft } from "./quota.ts";

/** Seconds after which a sender without room may try again; unnamed blobs go after a day at the latest. */
const SHARE_SECONDS = HOUR;

/** A blob that comes in. */
export interface IncomingBlob {
  readonly hash: Hex32;
  readonly ticket: Hex32;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Bytes as announced, or null. */
  readonly length: number | null;
}

/**
 * Takes a blob in under a ticket, streaming (protocol section 6). What no message names yet counts: against the
 * recipient's quota and the sender's share, so that nobody fills the disk with blobs that never become a message, and against shares of the
 * recipient's room, so that a few senders don't keep others from sending. Throws `ticket_invalid`, `not_accepted`, `too_large`,
 * `quota_exceeded`, `rate_limited`, `bad_request` where the bytes have another hash.
 */
export async function uploadBlob(
  { store, clock, settings, uploads }: Pick<Services, "store" | "clock" | "settings" | "uploads">,
  sender: Address,
  blob: IncomingBlob,
): Promise<void> {
  const room = await store.read((reader) => roomUnder(reader, settings, sender, blob.ticket, clock()));
  const { recipient } = room;
  // So many of its bytes are counted as under way already.
  const assertRoom = (size: number, counted: number): void => {
    const rest = size - counted;
    const { all, ofSender, ofDomain } = uploads.to(recipient, sender);
    assertFits(settings, room, {
      size,
      anywhere: uploads.from(sender) + rest,
      all: all + rest,
      ofSender: ofSender + rest,
      ofDomain: ofDomain + rest,
    });
  };
  if (blob.length !== null) assertRoom(blob.length, 0);
  const underWay = uploads.begin(sender, recipient);
  async function* within(): AsyncGenerator<Uint8Array> {
    let size = 0;
    for await (const bytes of blob.bytes) {
      size += bytes.length;
      underWay.add(bytes.length);
      assertRoom(size, size);
      yield bytes;
    }
  }
  try {
    const { file, size } = await store.blobs.receive(within(), { hash: blob.hash, maxBytes: settings.limits.blobBytes });
    await store
      .transact(async (writer) => {
        // Looked at again: other uploads and the message itself may have come meanwhile.
        const roomNow = await roomUnder(writer, settings, sender, blob.ticket, clock());
        assertFits(settings, roomNow, { size, anywhere: size, all: size, ofSender: size, ofDomain: size });
        await writer.blobs.addUpload({ ticket: blob.ticket, sender, recipient, hash: blob.hash, size, file, uploadedAt: clock() });
      })
      .catch(async (error: unknown) => {
        await store.blobs.remove(file);
        throw error;
      });
  } finally {
    underWay.end();
  }
}

/** Bytes that come in: of a blob, of all its sender's blobs for anybody, and of those for its recipient of all, its sender's and their domain's. */
interface Coming {
  readonly size: number;
  readonly anywhere: number;
  readonly all: number;
  readonly ofSender: number;
  readonly ofDomain: number;
}

/** What may still be uploaded under a ticket, in bytes. */
interface UploadRoom {
  readonly recipient: Address;
  /** Of the sender's share, for whomever it is. */
  readonly share: number;
  /** What the recipient's mailbox has left for messages, and what waits there for one: of all, of the sender, of the sender's domain. */
  readonly mailbox: number;
  readonly unnamed: { readonly all: number; readonly ofSender: number; readonly ofDomain: number };
  /** Percent of what others leave of the mailbox that the sender's blobs may take, and those of the domain. */
  readonly percent: { readonly sender: number; readonly domain: number };
}

function assertFits(settings: Services["settings"], room: UploadRoom, coming: Coming): void {
  const { blobBytes } = settings.limits;
  const { mailbox, unnamed, percent } = room;
  if (coming.size > blobBytes) throw new SmimpError("too_large", `a blob has ${blobBytes} bytes at the most`);
  const all = unnamed.all + coming.all;
  if (all > mailbox) throw new SmimpError("quota_exceeded", "the recipient's mailbox is full");
  if (coming.anywhere > room.share) throw tooMany();
  for (const [own, share] of [
    [unnamed.ofSender + coming.ofSender, percent.sender],
    [unnamed.ofDomain + coming.ofDomain, percent.domain],
  ] as const) {
    // Of what others leave, so that however many take their share, some is left for the next one.
    const most = ((mailbox - (all - own)) / 100) * share;
    if (own <= most) continue;
    if (coming.size > most) throw new SmimpError("quota_exceeded", "the recipient's mailbox has no room for a blob of this size");
    throw tooMany();
  }
}

function tooMany(): SmimpError {
  return new SmimpError("rate_limited", "too many blobs that no message names yet: send what they are for first", {
    retryAfter: SHARE_SECONDS,
  });
}

async function roomUnder(
  reader: StoreReader,
  settings: Services["settings"],
  sender: Address,
  id: Hex32,
  now: Timestamp,
): Promise<UploadRoom> {
  const ticket = usableTicket(await reader.tickets.find(id), sender, now);
  const { recipient } = await recipientOf(reader, ticket.recipient, sender, now);
  if ((await reader.blobs.uploads(id)).length >= MAX_BLOBS) {
    throw new SmimpError("too_large", `a message names ${MAX_BLOBS} blobs at the most`);
  }
  const { uploadBytes, uploadPercentPerSender, uploadPercentPerDomain } = settings.quotas;
  const { address } = recipient;
  // Of one's own mailbox one may use all. Of this server's own domains each account is the operator's, and counts alone.
  const percent = {
    sender: sender === address ? 100 : uploadPercentPerSender,
    domain: settings.domains.includes(domainOf(sender)) ? 100 : uploadPercentPerDomain,
  };
  return {
    recipient: address,
    share: Math.max(0, uploadBytes - (await reader.blobs.unnamedBy(sender))),
    mailbox: bytesLeft(settings, recipient),
    unnamed: await reader.blobs.unnamedFor(address, sender),
    percent,
  };
}

/** Whether a ticket is this sender's and neither spent nor expired (protocol section 6). */
export function isUsable(ticket: Ticket, sender: Address, now: Timestamp): boolean {
  return ticket.sender === sender && ticket.spentBy === null && ticket.expiresAt > now;
}

/** The ticket, if this sender may use it. Throws `ticket_invalid`, the same for all. */
export function usableTicket(ticket: Ticket | null, sender: Address, now: Timestamp): Ticket {
  if (ticket !== null && isUsable(ticket, sender, now)) return ticket;
  throw new SmimpError("ticket_invalid", "this ticket is not known, not yours, used or expired");
}

/** A part of a blob: first and last byte, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A blob of one of the owner's messages. Throws `not_found`, for those of others as well (protocol section 10). */
export async function findBlob(store: Services["store"], owner: Address, hash: Hex32): Promise<StoredBlob> {
  const blob = await store.read((reader) => reader.blobs.find(owner, hash));
  if (blob === null) throw new SmimpError("not_found", "there is no such blob");
  return blob;
}

/**
 * The bytes of a blob that was just found; whatever is deleted from here on, they stay readable. Throws `not_found` where its message was
 * deleted in between, `temporarily_unavailable` where the file is lost.
 */
export async function readBlob(store: Services["store"], owner: Address, blob: StoredBlob, range: ByteRange | null): Promise<Readable> {
  let { file } = blob;
  for (;;) {
    const bytes = await store.blobs.read(file, range ?? undefined);
    if (bytes !== null) return bytes;
    // Another message may name the same blob, with a file of its own.
    const again = await findBlob(store, owner, blob.hash);
    if (again.file === file) throw new SmimpError("temporarily_unavailable", "this blob can't be read at the moment");
    ({ file } = again);
  }
}

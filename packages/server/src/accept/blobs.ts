import { HOUR, MAX_BLOBS, SmimpError, type Address, type Hex32, type Timestamp } from "@smimp/protocol";
import type { Readable } from "node:stream";
import type { Services } from "../services.ts";
import type { StoredBlob } from "../store/blobs.ts";
import type { StoreReader } from "../store/store.ts";
import type { Ticket } from "../store/tickets.ts";
import { assertTakes } from "./lists.ts";
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
 * recipient's quota and the sender's share, so that nobody fills the disk with blobs that never become a message.
 * Throws `ticket_invalid`, `not_accepted`, `too_large`, `quota_exceeded`, `rate_limited`, `bad_request` where the bytes have another hash.
 */
export async function uploadBlob(
  { store, clock, settings, uploads }: Pick<Services, "store" | "clock" | "settings" | "uploads">,
  sender: Address,
  blob: IncomingBlob,
): Promise<void> {
  const room = await store.read((reader) => roomUnder(reader, settings, sender, blob.ticket, clock()));
  const { recipient } = room;
  if (blob.length !== null)
    assertFits(settings, room, blob.length, uploads.from(sender) + blob.length, uploads.to(recipient) + blob.length);
  const underWay = uploads.begin(sender, recipient);
  async function* within(): AsyncGenerator<Uint8Array> {
    let size = 0;
    for await (const bytes of blob.bytes) {
      size += bytes.length;
      underWay.add(bytes.length);
      assertFits(settings, room, size, uploads.from(sender), uploads.to(recipient));
      yield bytes;
    }
  }
  try {
    const { file, size } = await store.blobs.receive(within(), { hash: blob.hash, maxBytes: settings.limits.blobBytes });
    await store
      .transact(async (writer) => {
        // Looked at again: other uploads and the message itself may have come meanwhile.
        assertFits(settings, await roomUnder(writer, settings, sender, blob.ticket, clock()), size, size, size);
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

/** What may still be uploaded under a ticket, in bytes. */
interface UploadRoom {
  readonly recipient: Address;
  /** Of the sender's share, and of the recipient's mailbox. */
  readonly share: number;
  readonly mailbox: number;
}

function assertFits(settings: Services["settings"], room: UploadRoom, size: number, bySender: number, forRecipient: number): void {
  const { blobBytes } = settings.limits;
  if (size > blobBytes) throw new SmimpError("too_large", `a blob has ${blobBytes} bytes at the most`);
  if (forRecipient > room.mailbox) throw new SmimpError("quota_exceeded", "the recipient's mailbox is full");
  if (bySender > room.share) {
    throw new SmimpError("rate_limited", "too many blobs that no message names yet: send what they are for first", {
      retryAfter: SHARE_SECONDS,
    });
  }
}

async function roomUnder(
  reader: StoreReader,
  settings: Services["settings"],
  sender: Address,
  id: Hex32,
  now: Timestamp,
): Promise<UploadRoom> {
  const { recipient } = usableTicket(await reader.tickets.find(id), sender, now);
  const account = await assertTakes(reader, await reader.accounts.find(recipient), sender);
  if ((await reader.blobs.uploads(id)).length >= MAX_BLOBS) {
    throw new SmimpError("too_large", `a message names ${MAX_BLOBS} blobs at the most`);
  }
  const { uploadBytes } = settings.quotas;
  const mailbox = Math.max(0, bytesLeft(settings, account) - (await reader.blobs.unnamedFor(recipient)));
  return { recipient, mailbox, share: Math.max(0, uploadBytes - (await reader.blobs.unnamedBy(sender))) };
}

/** A ticket of this sender that is neither spent nor expired (protocol section 6). Throws `ticket_invalid`, the same for all. */
export function usableTicket(ticket: Ticket | null, sender: Address, now: Timestamp): Ticket {
  if (ticket === null || ticket.sender !== sender || ticket.spentBy !== null || ticket.expiresAt <= now) {
    throw new SmimpError("ticket_invalid", "this ticket is not known, not yours, used or expired");
  }
  return ticket;
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

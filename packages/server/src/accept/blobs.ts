import { MAX_BLOBS, SmimpError, type Address, type Hex32, type Timestamp } from "@smimp/protocol";
import type { Readable } from "node:stream";
import type { Services } from "../services.ts";
import type { StoredBlob } from "../store/blobs.ts";
import type { StoreReader } from "../store/store.ts";
import type { Ticket } from "../store/tickets.ts";

/** A blob that comes in. */
export interface IncomingBlob {
  readonly hash: Hex32;
  readonly ticket: Hex32;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Bytes as announced, or null. */
  readonly length: number | null;
}

/**
 * Takes a blob in under a ticket, streaming (protocol section 6). Throws `ticket_invalid`, `too_large`, `quota_exceeded`,
 * `bad_request` where the bytes have another hash.
 */
export async function uploadBlob(
  { store, clock, settings }: Pick<Services, "store" | "clock" | "settings">,
  sender: Address,
  blob: IncomingBlob,
): Promise<void> {
  const { recipient, room } = await store.read((reader) => roomUnder(reader, settings, sender, blob.ticket, clock()));
  const maxBytes = Math.min(settings.limits.blobBytes, room);
  const tooLarge = (): SmimpError =>
    room < settings.limits.blobBytes
      ? new SmimpError("quota_exceeded", "the recipient's mailbox is full")
      : new SmimpError("too_large", `a blob has ${settings.limits.blobBytes} bytes at the most`);
  if (blob.length !== null && blob.length > maxBytes) throw tooLarge();
  const { file, size } = await store.blobs.receive(refuseBeyond(blob.bytes, maxBytes, tooLarge), { hash: blob.hash, maxBytes });
  await store
    .transact(async (writer) => {
      // Looked at again: other uploads and the message itself may have come meanwhile.
      const { room: left } = await roomUnder(writer, settings, sender, blob.ticket, clock());
      if (size > left) throw tooLarge();
      await writer.blobs.addUpload({ ticket: blob.ticket, recipient, hash: blob.hash, size, file, uploadedAt: clock() });
    })
    .catch(async (error: unknown) => {
      await store.blobs.remove(file);
      throw error;
    });
}

async function* refuseBeyond(source: AsyncIterable<Uint8Array>, maxBytes: number, refusal: () => SmimpError): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const bytes of source) {
    size += bytes.length;
    if (size > maxBytes) throw refusal();
    yield bytes;
  }
}

/** The ticket's recipient, and the bytes that may still be uploaded under it. */
async function roomUnder(
  reader: StoreReader,
  settings: Services["settings"],
  sender: Address,
  id: Hex32,
  now: Timestamp,
): Promise<{ readonly recipient: Address; readonly room: number }> {
  const ticket = usableTicket(await reader.tickets.find(id), sender, now);
  const account = await reader.accounts.find(ticket.recipient);
  if (account === null || account.disabledAt !== null) throw new SmimpError("not_accepted", "this recipient takes no messages");
  const uploads = await reader.blobs.uploads(id);
  if (uploads.length >= MAX_BLOBS) throw new SmimpError("too_large", `a message names ${MAX_BLOBS} blobs at the most`);
  const { accountBytes } = settings.quotas;
  const pending = uploads.reduce((sum, upload) => sum + upload.size, 0);
  const room = accountBytes < 0 ? Number.MAX_SAFE_INTEGER : Math.max(0, accountBytes - account.usedBytes - pending);
  return { recipient: ticket.recipient, room };
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

/** Its bytes. */
export function readBlob(store: Services["store"], blob: StoredBlob, range: ByteRange | null): Readable {
  return store.blobs.read(blob.file, range ?? undefined);
}

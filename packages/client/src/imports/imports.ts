import {
  concat,
  EMAIL,
  encodeEmail,
  hash,
  isSmimpError,
  toHex32,
  utf8,
  type Attachment,
  type Clock,
  type Hex32,
  type Timestamp,
} from "@smimp/protocol";
import type { Imports, MailToImport } from "../rooms/imports.ts";
import { messageOfRef } from "../inbox/documents.ts";
import type { Mailbox } from "../inbox/mailbox.ts";
import type { DraftAttachment } from "../model.ts";
import type { KeyAsking } from "../outbox/message-key.ts";
import { deliverToSelf, type OwnAttachment } from "../outbox/to-self.ts";
import { pause } from "../pause.ts";
import { createGate } from "../pool.ts";
import { documents } from "../storage/documents.ts";
import type { Storage } from "../storage/storage.ts";

/** Messages on their way at the same time; and bytes of attachments, since those are held in memory. */
const PARALLEL = 8;
const PARALLEL_BYTES = 64 * 1024 * 1024;
/** Longest wait that the server can ask for before it is said to whoever imports, seconds. */
const LONGEST_WAIT = 120;

/** Mail that was imported. `done` is false while its place and state are still to be set; the id is null until it is delivered. */
interface ImportDocument {
  readonly messageId: Hex32 | null;
  readonly done: boolean;
}

const imports = documents<ImportDocument>("imports");

/** What importing works with. */
export interface ImportParts extends KeyAsking {
  readonly storage: Storage;
  readonly mailbox: Mailbox;
  readonly clock: Clock;
}

/** Takes in mail from elsewhere (protocol section 9). */
export function createImports(parts: ImportParts): Imports {
  const { storage, mailbox, self, clock } = parts;
  const slots = createGate(PARALLEL);
  const memory = createGate(PARALLEL_BYTES);
  const underWay = new Map<string, Promise<"added" | "known">>();

  async function add(mail: MailToImport): Promise<"added" | "known"> {
    const place = storage.hiddenKey("imports", mail.key);
    const before = await imports.get(storage, place);
    if (before?.done === true) return "known";
    const ref = refOf(mail.key);
    const here = before?.messageId ?? (await messageOfRef(storage, storage, self.address, ref));
    // Another device brought it: where it stands and how it is marked is its owner's.
    if (here !== null && before === null) {
      await note(place, { messageId: here, done: true });
      return "known";
    }
    const rest = mail.read || mail.folder !== undefined;
    // Whoever is interrupted while it is delivered knows later that the rest is still to be done.
    if (rest && before === null) await note(place, { messageId: null, done: false });
    const messageId = here ?? (await deliver(mail, ref));
    if (rest) {
      // From here on, whoever is interrupted doesn't send it again.
      if (before?.messageId !== messageId) await note(place, { messageId, done: false });
      if (mail.read) await mailbox.setRead(messageId, true);
      if (mail.folder !== undefined) await mailbox.move(messageId, mail.folder);
    }
    await note(place, { messageId, done: true });
    return "added";
  }

  async function deliver(mail: MailToImport, ref: Hex32): Promise<Hex32> {
    const attachments = await Promise.all(mail.attachments.map(inMemory));
    const message = {
      messageType: EMAIL,
      attachments,
      plaintext: (sealed: readonly Attachment[]) => plaintextOf(mail, ref, clock(), sealed),
      imported: true,
    };
    for (;;) {
      try {
        return await deliverToSelf(parts, message, mail.signal);
      } catch (error) {
        // A server may want some rest between so many messages.
        const wait = isSmimpError(error, "rate_limited") ? (error.retryAfter ?? 1) : Number.POSITIVE_INFINITY;
        if (wait > LONGEST_WAIT) throw error;
        await pause(wait * 1_000, mail.signal);
        mail.signal?.throwIfAborted();
      }
    }
  }

  const note = async (place: string, document: ImportDocument): Promise<void> =>
    await storage.transact(async (writer) => imports.put(writer, place, document));

  const plaintextOf = (mail: MailToImport, ref: Hex32, now: Timestamp, attachments: readonly Attachment[]): Uint8Array => {
    const { from, to, cc, date, messageId } = mail.imported;
    const receivedAt = mail.receivedAt === undefined || mail.receivedAt > now ? {} : { received_at: mail.receivedAt };
    const imported = { from, to: [...to], cc: [...cc], date, message_id: messageId, ...receivedAt };
    return encodeEmail({
      ref,
      to: [self.address],
      cc: [],
      subject: mail.subject,
      thread_id: mail.thread === undefined ? ref : threadOf(mail.thread),
      date_sent: date ?? mail.receivedAt ?? now,
      body: mail.body,
      attachments: [...attachments],
      extensions: { imported },
    });
  };

  return {
    add: async (mail) => {
      const running = underWay.get(mail.key);
      // Whoever comes second finds it done.
      if (running !== undefined) await running.catch(() => undefined);
      if (running !== undefined && (await imports.get(storage, storage.hiddenKey("imports", mail.key)))?.done === true) return "known";
      const weight = mail.attachments.reduce((sum, { size }) => sum + size, 0);
      const work = slots(1, async () => await memory(weight, async () => await add(mail)));
      underWay.set(mail.key, work);
      try {
        return await work;
      } finally {
        if (underWay.get(mail.key) === work) underWay.delete(mail.key);
      }
    },
  };
}

/** The same for the same mail on every device, so that what two of them import is shown once. */
function refOf(key: string): Hex32 {
  return toHex32(hash(concat(utf8("smimp import"), 0, utf8(key))));
}

function threadOf(thread: string): Hex32 {
  return toHex32(hash(concat(utf8("smimp import thread"), 0, utf8(thread))));
}

async function inMemory({ name, mediaType, size, open }: DraftAttachment): Promise<OwnAttachment> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of open()) {
    length += piece.length;
    if (length > size) break;
    pieces.push(piece.slice());
  }
  if (length !== size) throw new TypeError(`${name} does not have the announced ${size} bytes`);
  return {
    name,
    media_type: mediaType,
    size,
    content: async function* () {
      yield* pieces;
    },
  };
}

import {
  DRAFT,
  encodeDraft,
  fromB64,
  isSmimpError,
  parseDraft,
  parseHex32,
  SmimpError,
  toB64,
  toHex,
  toHex32,
  type Clock,
  type Hex32,
  type RandomBytes,
} from "@smimp/protocol";
import type { Bell } from "../bell.ts";
import type { Drafts } from "../client.ts";
import { previewOf } from "../inbox/content.ts";
import { forgetMessage } from "../inbox/forgetting.ts";
import type { SyncRun } from "../inbox/fetching.ts";
import type { Mailbox } from "../inbox/mailbox.ts";
import { download, type ReadingParts } from "../inbox/reading.ts";
import { getMessage } from "../inbox/documents.ts";
import { reopen } from "../inbox/opening.ts";
import type { Draft, DraftAttachment, DraftSummary, Notice } from "../model.ts";
import type { NoticeBoard } from "../notices.ts";
import { sendableEmail, storeContent } from "../outbox/enqueue.ts";
import type { KeyAsking } from "../outbox/message-key.ts";
import type { OutboxRoom } from "../outbox/outbox.ts";
import { deliverToSelf } from "../outbox/to-self.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { createTurns } from "../turns.ts";
import {
  contentsOf,
  deleteDraft,
  deleteLeftover,
  draftContents,
  getDraft,
  isUnsynced,
  listDrafts,
  listLeftovers,
  putDraft,
  putLeftover,
  type AttachmentSource,
  type DraftAttachmentDocument,
  type DraftDocument,
  type DraftText,
} from "./documents.ts";
import { refToSend, toPlaintext } from "./reading.ts";

/** What drafts work with. */
export type DraftParts = ReadingParts &
  KeyAsking & {
    readonly storage: Storage;
    readonly mailbox: Mailbox;
    readonly outbox: OutboxRoom;
    readonly notices: NoticeBoard;
    readonly clock: Clock;
    readonly random: RandomBytes;
    /** Rung when there is something to sync. */
    readonly bell: Bell;
  };

/** The owner's drafts, and what a sync does for them. */
export interface DraftRoom extends Drafts {
  /** Leaves what was written here on the server, and deletes there what it replaces. */
  push(run: Pick<SyncRun, "signal" | "note">): Promise<void>;
}

/** Drafts: kept on this device at once, synced sealed (protocol section 9). */
export function createDrafts(parts: DraftParts): DraftRoom {
  const { storage, mailbox, outbox, clock, random, bell, notices, self } = parts;
  const turns = createTurns();
  // What `get` gave out comes back with the next `save`: its content is here already.
  const known = new WeakMap<DraftAttachment, AttachmentSource>();

  async function load(id: string): Promise<DraftDocument> {
    const draft = await getDraft(storage, id);
    if (draft === null) throw new SmimpError("not_found", "there is no such draft");
    return draft;
  }

  async function save(draft: Draft, id?: string): Promise<{ readonly id: string }> {
    const before = id === undefined ? null : await getDraft(storage, id);
    const ref = toHex32(random(32));
    // Sent or deleted on another device while it was written on: it goes on as a new one.
    const start: DraftDocument = before ?? {
      id: ref,
      ref,
      version: null,
      former: [],
      edits: 0,
      synced: 0,
      forked: false,
      savedAt: clock(),
      text: textOf(draft),
      attachments: [],
    };
    refuseUnreadable(textOf(draft), draft);
    const attachments = await keepContents(draft.attachments ?? []);
    const saved = await storage.transact(async (writer) => {
      const now = (await getDraft(writer, start.id)) ?? start;
      const next = { ...now, edits: now.edits + 1, savedAt: clock(), text: textOf(draft), attachments };
      putDraft(writer, next);
      return { next, unused: contentsOf(now).filter((each) => !contentsOf(next).includes(each)) };
    });
    for (const each of saved.unused) await draftContents.deleteAll(storage, each);
    bell.ring();
    return { id: start.id };
  }

  async function keepContents(attachments: readonly DraftAttachment[]): Promise<readonly DraftAttachmentDocument[]> {
    const kept: DraftAttachmentDocument[] = [];
    for (const attachment of attachments) {
      const { name, mediaType: media_type, size } = attachment;
      const source = known.get(attachment);
      kept.push({ name, media_type, size, source: source !== undefined && "contents" in source ? source : await keep(attachment, source) });
    }
    return kept;
  }

  async function keep(attachment: DraftAttachment, source: AttachmentSource | undefined): Promise<AttachmentSource> {
    const contents = toHex(random(16));
    try {
      await storeContent(storage, draftContents, contents, 0, attachment);
      return { contents, index: 0 };
    } catch (error) {
      await draftContents.deleteAll(storage, contents);
      // What another device attached is fetched when the server can be asked again.
      if (source === undefined || !isSmimpError(error)) throw error;
      return source;
    }
  }

  function open({ source }: DraftAttachmentDocument): AsyncIterable<Uint8Array> {
    return "contents" in source
      ? draftContents.read(storage, source.contents, source.index)
      : openAttachment(parts, source.message, source.index);
  }

  function handedOut(document: DraftAttachmentDocument): DraftAttachment {
    const { name, media_type: mediaType, size, source } = document;
    const attachment: DraftAttachment = { name, mediaType, size, open: () => open(document) };
    known.set(attachment, source);
    return attachment;
  }

  const draftOf = ({ text, attachments }: DraftDocument): Draft => {
    const { to, cc, bcc, subject, body, in_reply_to, thread_id, reply_to, auto_reply_address } = text;
    return {
      to,
      cc,
      bcc,
      subject,
      body,
      attachments: attachments.map(handedOut),
      ...(in_reply_to === undefined ? {} : { replyTo: { ref: in_reply_to, threadId: thread_id ?? null } }),
      ...(reply_to === undefined ? {} : { answersTo: reply_to }),
      ...(auto_reply_address === undefined ? {} : { autoAnswersTo: auto_reply_address }),
    };
  };

  /** Takes a draft out here; the next sync does on the server what is left to be done there. */
  async function takeOut(writer: StorageWriter, { id }: DraftDocument): Promise<void> {
    const now = await getDraft(writer, id);
    if (now === null) return;
    deleteDraft(writer, id);
    for (const messageId of now.version === null ? now.former : [now.version, ...now.former]) {
      putLeftover(writer, messageId);
      await forgetMessage(storage, writer, messageId, clock());
    }
  }

  async function push({ signal, note }: Pick<SyncRun, "signal" | "note">): Promise<void> {
    for (const draft of await listDrafts(storage)) {
      if (!isUnsynced(draft)) continue;
      try {
        await pushOne(draft, signal);
      } catch (error) {
        if (!isSmimpError(error, "not_found")) throw error;
        // An attachment that only another device had, whose version of the draft is gone.
        const notice = await loseAttachments(draft);
        note({ summary: null, notice, event: null });
      }
    }
    for (const messageId of await listLeftovers(storage)) {
      await mailbox.remove(messageId);
      await storage.transact(async (writer) => await Promise.resolve(deleteLeftover(writer, messageId)));
    }
  }

  async function pushOne(draft: DraftDocument, signal: AbortSignal | undefined): Promise<void> {
    const attachments = draft.attachments.map((each) => ({ ...each, content: () => open(each) }));
    const plaintext: Parameters<typeof deliverToSelf>[1]["plaintext"] = (sealed) => encodeDraft(toPlaintext(draft, [...sealed]));
    const version = await deliverToSelf(parts, { messageType: DRAFT, attachments, plaintext }, signal);
    await storage.transact(async (writer) => {
      const now = await getDraft(writer, draft.id);
      if (draft.version !== null) putLeftover(writer, draft.version);
      // It was sent or deleted in the meantime, or another device's version took its place.
      if (now === null || now.version !== draft.version) return now === null ? putLeftover(writer, version) : undefined;
      putDraft(writer, { ...now, version, former: [...(now.version === null ? [] : [now.version]), ...now.former], synced: draft.edits });
    });
  }

  async function loseAttachments(draft: DraftDocument): Promise<Notice> {
    return await storage.transact(async (writer) => {
      const now = await getDraft(writer, draft.id);
      if (now !== null) putDraft(writer, { ...now, attachments: now.attachments.filter(({ source }) => "contents" in source) });
      const detail = `attachments of the draft "${draft.text.subject}" are gone: another device changed it before they were fetched`;
      return notices.post(writer, { code: "not_found", detail });
    });
  }

  return {
    save: async (draft, id) => await turns(async () => await save(draft, id)),
    list: async () => (await listDrafts(storage)).map(summaryOf).toSorted((a, b) => (a.savedAt > b.savedAt ? -1 : 1)),
    get: async (id) => {
      const draft = await load(id);
      return { ...summaryOf(draft), draft: draftOf(draft) };
    },
    remove: async (id) =>
      await turns(async () => {
        const draft = await load(id);
        await storage.transact(async (writer) => await takeOut(writer, draft));
        for (const each of contentsOf(draft)) await draftContents.deleteAll(storage, each);
        bell.ring();
      }),
    send: async (id, options = {}) => {
      const entry = await turns(async () => {
        const draft = await load(id);
        const message = sendableEmail({ storage, clock, random, me: self.address }, draftOf(draft), refToSend(draft));
        // It is in the outbox and gone from the drafts at once, or neither.
        const queued = await outbox.enqueueAny({ ...message, alongside: async (writer) => await takeOut(writer, draft) });
        for (const each of contentsOf(draft)) await draftContents.deleteAll(storage, each);
        bell.ring();
        return queued;
      });
      const [sent] = await outbox.flush({ ...options, id: entry.id, force: true });
      return sent ?? entry;
    },
    push: async (run) => await turns(async () => await push(run)),
  };
}

/** The content of an attachment that another device put into a draft. */
async function* openAttachment(parts: ReadingParts, messageId: Hex32, index: number): AsyncGenerator<Uint8Array> {
  const message = await getMessage(parts.storage, messageId);
  if (message === null || message.envelope === null || message.archive === null) throw new SmimpError("not_found", "the draft is gone");
  const { document, plaintext } = await reopen(parts.storage, message.envelope, messageId, fromB64(message.archive));
  yield* download(parts, { attachment: parseDraft(plaintext).attachments[index], blobs: document.blobs });
}

function summaryOf(draft: DraftDocument): DraftSummary {
  const { id, savedAt, text, attachments } = draft;
  const { to, cc, bcc, subject, body } = text;
  return {
    id,
    savedAt,
    to: [...to, ...cc, ...bcc],
    subject,
    preview: previewOf({ body }),
    attachments: attachments.length,
    synced: !isUnsynced(draft),
  };
}

function textOf({ to, cc = [], bcc = [], subject, body, replyTo, answersTo, autoAnswersTo }: Draft): DraftText {
  return {
    to: [...to],
    cc: [...cc],
    bcc: [...bcc],
    subject,
    body,
    ...(replyTo === undefined ? {} : { in_reply_to: replyTo.ref, ...(replyTo.threadId === null ? {} : { thread_id: replyTo.threadId }) }),
    ...(answersTo === undefined ? {} : { reply_to: answersTo }),
    ...(autoAnswersTo === undefined ? {} : { auto_reply_address: autoAnswersTo }),
  };
}

/** What no device could read is found before anything is stored. Throws `bad_request`, `bad_address` or `too_large`. */
function refuseUnreadable(text: DraftText, { attachments = [] }: Draft): void {
  const hash: Hex32 = parseHex32("0".repeat(64));
  const named = attachments.map(({ name, mediaType: media_type, size }) => ({
    name,
    media_type,
    size,
    hash,
    key: toB64(new Uint8Array(32)),
  }));
  encodeDraft({ ...text, ref: hash, date_sent: "2026-01-01T00:00:00Z" as DraftDocument["savedAt"], attachments: named });
}

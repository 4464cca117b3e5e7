import { isSmimpError, SmimpError, toHex, toHex32, type ArchiveKeyId, type Clock, type RandomBytes } from "@smimp/protocol";
import { isSealedWith } from "../archive-keys.ts";
import type { Bell } from "../bell.ts";
import type { Drafts } from "../rooms/drafts.ts";
import { getMessage } from "../inbox/documents.ts";
import { forgetMessage } from "../inbox/forgetting.ts";
import type { SyncRun } from "../inbox/fetching.ts";
import type { Draft, DraftAttachment, OutboxEntry } from "../model.ts";
import { sendableEmail, storeContent } from "../outbox/enqueue.ts";
import type { OutboxRoom } from "../outbox/outbox.ts";
import type { StorageWriter } from "../storage/storage.ts";
import { createTurns } from "../turns.ts";
import {
  contentsOf,
  deleteDraft,
  draftContents,
  getDraft,
  listDrafts,
  putDraft,
  putLeftover,
  versionsOf,
  type AttachmentSource,
  type DraftAttachmentDocument,
  type DraftDocument,
} from "./documents.ts";
import { openAttachment, pushDrafts, type PushParts } from "./pushing.ts";
import { refToSend, renewVersion } from "./reading.ts";
import { refuseUnreadable, summaryOf, textOf, writtenIn } from "./text.ts";

/** What drafts work with. */
export type DraftParts = PushParts & {
  readonly outbox: OutboxRoom;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Rung when there is something to sync. */
  readonly bell: Bell;
};

/** The owner's drafts, and what a sync does for them. */
export interface DraftRoom extends Drafts {
  /** Leaves what was written here on the server, and deletes there what it replaces. */
  push(run: Pick<SyncRun, "signal" | "note">): Promise<void>;
  /** Makes new versions of drafts that are archived with keys which are about to be destroyed. */
  reseal(burning: ReadonlySet<ArchiveKeyId>): Promise<void>;
}

/** Drafts: kept on this device at once, synced sealed (protocol section 9). */
export function createDrafts(parts: DraftParts): DraftRoom {
  const { storage, outbox, clock, random, bell, self } = parts;
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

  function handedOut(document: DraftAttachmentDocument): DraftAttachment {
    const { name, media_type: mediaType, size, source } = document;
    const attachment: DraftAttachment = { name, mediaType, size, open: () => openAttachment(parts, document) };
    known.set(attachment, source);
    return attachment;
  }

  /** Takes a draft out here; the next sync does on the server what is left to be done there. */
  async function takeOut(writer: StorageWriter, { id }: DraftDocument): Promise<void> {
    const now = await getDraft(writer, id);
    if (now === null) return;
    deleteDraft(writer, id);
    for (const messageId of versionsOf(now)) {
      putLeftover(writer, messageId);
      await forgetMessage(storage, writer, messageId, clock());
    }
  }

  async function enqueue(id: string): Promise<OutboxEntry> {
    return await turns(async () => {
      const draft = await load(id);
      const message = sendableEmail(
        { storage, clock, random, me: self.address },
        { ...writtenIn(draft), attachments: draft.attachments.map(handedOut) },
        refToSend(draft),
      );
      // It is in the outbox and gone from the drafts at once, or neither.
      const queued = await outbox.enqueueAny({ ...message, alongside: async (writer) => await takeOut(writer, draft) });
      for (const each of contentsOf(draft)) await draftContents.deleteAll(storage, each);
      bell.ring();
      return queued;
    });
  }

  return {
    save: async (draft, id) => await turns(async () => await save(draft, id)),
    list: async () => (await listDrafts(storage)).map(summaryOf).toSorted((a, b) => (a.savedAt > b.savedAt ? -1 : 1)),
    get: async (id) => {
      const draft = await load(id);
      return { ...summaryOf(draft), draft: { ...writtenIn(draft), attachments: draft.attachments.map(handedOut) } };
    },
    remove: async (id) =>
      await turns(async () => {
        const draft = await load(id);
        await storage.transact(async (writer) => await takeOut(writer, draft));
        for (const each of contentsOf(draft)) await draftContents.deleteAll(storage, each);
        bell.ring();
      }),
    send: async (id, options = {}) => {
      const entry = await enqueue(id);
      const [sent] = await outbox.flush({ ...options, id: entry.id, force: true });
      return sent ?? entry;
    },
    enqueue,
    push: async (run) => await turns(async () => await pushDrafts(parts, run)),
    reseal: async (burning) =>
      await turns(async () => {
        await storage.transact(async (writer) => {
          for (const { version } of await listDrafts(writer)) {
            const archive = version === null ? null : ((await getMessage(writer, version))?.archive ?? null);
            if (version !== null && isSealedWith(burning, archive)) await renewVersion(writer, version);
          }
        });
        await pushDrafts(parts, { signal: undefined, note: () => undefined });
      }),
  };
}

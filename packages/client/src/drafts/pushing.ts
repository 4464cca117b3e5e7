import { DRAFT, encodeDraft, fromB64, isSmimpError, parseDraft, SmimpError, type Hex32, type ProblemCode } from "@smimp/protocol";
import { getMessage } from "../inbox/documents.ts";
import type { SyncRun } from "../inbox/fetching.ts";
import type { Mailbox } from "../inbox/mailbox.ts";
import { reopen } from "../inbox/opening.ts";
import { download, type ReadingParts } from "../inbox/reading.ts";
import type { Notice } from "../model.ts";
import type { NoticeBoard } from "../notices.ts";
import type { KeyAsking } from "../outbox/message-key.ts";
import { deliverToSelf } from "../outbox/to-self.ts";
import type { Storage } from "../storage/storage.ts";
import {
  deleteLeftover,
  draftContents,
  getDraft,
  isUnsynced,
  listDrafts,
  listLeftovers,
  putDraft,
  putLeftover,
  type DraftAttachmentDocument,
  type DraftDocument,
} from "./documents.ts";
import { toPlaintext } from "./reading.ts";

/** What leaving drafts on the server works with. */
export type PushParts = ReadingParts & KeyAsking & { readonly storage: Storage; readonly mailbox: Mailbox; readonly notices: NoticeBoard };

/** What is said of an attachment that is nowhere any more. */
const LOST: ReadonlySet<ProblemCode> = new Set<ProblemCode>(["not_found", "key_unknown"]);

/**
 * Leaves on the server what was written here, and deletes there what it replaces. A draft that the server doesn't take holds up no
 * other; throws what it said of the first one.
 */
export async function pushDrafts(parts: PushParts, { signal, note }: Pick<SyncRun, "signal" | "note">): Promise<void> {
  const { storage, mailbox } = parts;
  const refused: SmimpError[] = [];
  for (const draft of await listDrafts(storage)) {
    if (!isUnsynced(draft)) continue;
    try {
      await pushOne(parts, draft, signal);
    } catch (error) {
      if (!isSmimpError(error)) throw error;
      // An attachment that only another device had, whose version of the draft is gone or burned.
      if (LOST.has(error.code)) note({ summary: null, notice: await loseAttachments(parts, draft), event: null });
      else refused.push(error);
    }
  }
  for (const messageId of await listLeftovers(storage)) {
    await mailbox.remove(messageId);
    await storage.transact(async (writer) => await Promise.resolve(deleteLeftover(writer, messageId)));
  }
  const [first] = refused;
  if (first !== undefined) throw first;
}

/** The content of a draft's attachment, from here or from the message that another device made of the draft. */
export function openAttachment(parts: PushParts, { source }: DraftAttachmentDocument): AsyncIterable<Uint8Array> {
  return "contents" in source
    ? draftContents.read(parts.storage, source.contents, source.index)
    : fetchAttachment(parts, source.message, source.index);
}

async function* fetchAttachment(parts: PushParts, messageId: Hex32, index: number): AsyncGenerator<Uint8Array> {
  const message = await getMessage(parts.storage, messageId);
  if (message === null || message.envelope === null || message.archive === null) throw new SmimpError("not_found", "the draft is gone");
  const { document, plaintext } = await reopen(parts.storage, message.envelope, messageId, fromB64(message.archive));
  yield* download(parts, { attachment: parseDraft(plaintext).attachments[index], blobs: document.blobs });
}

async function pushOne(parts: PushParts, draft: DraftDocument, signal: AbortSignal | undefined): Promise<void> {
  const attachments = draft.attachments.map((each) => ({ ...each, content: () => openAttachment(parts, each) }));
  const plaintext: Parameters<typeof deliverToSelf>[1]["plaintext"] = (sealed) => encodeDraft(toPlaintext(draft, [...sealed]));
  // Noted before it leaves: where its answer is lost and the draft is sent or deleted then, it must not come back.
  const onSealed = async (messageId: Hex32): Promise<void> =>
    await parts.storage.transact(async (writer) => {
      const now = await getDraft(writer, draft.id);
      if (now === null) putLeftover(writer, messageId);
      else putDraft(writer, { ...now, underWay: [messageId, ...(now.underWay ?? [])] });
    });
  const version = await deliverToSelf(parts, { messageType: DRAFT, attachments, plaintext, onSealed }, signal);
  await parts.storage.transact(async (writer) => {
    const now = await getDraft(writer, draft.id);
    if (draft.version !== null) putLeftover(writer, draft.version);
    // A sync was faster and brought it back already.
    if (now !== null && now.version === version) return;
    // It was sent or deleted in the meantime, or another device's version took its place and it goes on as a draft of its own.
    if (now === null || now.version !== draft.version) return putLeftover(writer, version);
    // Those before it whose answers were lost are older, whenever they turn up.
    const lost = (now.underWay ?? []).filter((messageId) => messageId !== version);
    for (const messageId of lost) putLeftover(writer, messageId);
    const former = [...(now.version === null ? [] : [now.version]), ...lost, ...now.former];
    putDraft(writer, { ...now, version, former, underWay: [], synced: draft.edits });
  });
}

async function loseAttachments({ storage, notices }: PushParts, draft: DraftDocument): Promise<Notice> {
  return await storage.transact(async (writer) => {
    const now = await getDraft(writer, draft.id);
    if (now !== null) putDraft(writer, { ...now, attachments: now.attachments.filter(({ source }) => "contents" in source) });
    const detail = `attachments of the draft "${draft.text.subject}" are gone: another device changed it before they were fetched`;
    return notices.post(writer, { code: "not_found", detail });
  });
}

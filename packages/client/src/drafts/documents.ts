import type { DraftEmail, Hex32, Timestamp } from "@smimp/protocol";
import { contentsIn } from "../storage/contents.ts";
import { documents } from "../storage/documents.ts";
import type { Storage, StorageReader, StorageWriter } from "../storage/storage.ts";

/** Where an attachment's content is: in pieces on this device, or in the message that another device made of the draft. */
export type AttachmentSource = { readonly contents: string; readonly index: number } | { readonly message: Hex32; readonly index: number };

/** An attachment of a draft. */
export interface DraftAttachmentDocument {
  readonly name: string;
  readonly media_type: string;
  readonly size: number;
  readonly source: AttachmentSource;
}

/** What is written in a draft, but for what changes from version to version. */
export type DraftText = Omit<DraftEmail, "attachments" | "ref" | "date_sent" | "extensions"> & { readonly automatic?: true };

/** A draft. On the server each of its versions is a message; this is the one that its owner works on here. */
export interface DraftDocument {
  /** Names it on this device. */
  readonly id: string;
  /** Shared by its versions (protocol section 9). */
  readonly ref: Hex32;
  /** The message that it was when it was last synced; null before. */
  readonly version: Hex32 | null;
  /** The messages that it was before: they are older, whenever they turn up. */
  readonly former: readonly Hex32[];
  /** Messages that left and whose answers have not come: the server may have them. */
  readonly underWay?: readonly Hex32[];
  /** Counts what was written here; `synced` is the count that `version` holds. */
  readonly edits: number;
  readonly synced: number;
  /** Two devices made different things of it: what is sent of them are different messages. */
  readonly forked: boolean;
  readonly savedAt: Timestamp;
  readonly text: DraftText;
  readonly attachments: readonly DraftAttachmentDocument[];
}

/** Contents of the attachments of drafts. */
export const draftContents = contentsIn("draft-content");

const drafts = documents<DraftDocument>("drafts");
const leftovers = documents<{ readonly messageId: Hex32 }>("draft-leftovers");

/** Former versions that are remembered. */
const MAX_FORMER = 100;

/** All drafts. */
export async function listDrafts(reader: StorageReader): Promise<readonly DraftDocument[]> {
  return (await drafts.list(reader)).map(({ document }) => document);
}

/** One draft. */
export async function getDraft(reader: StorageReader, id: string): Promise<DraftDocument | null> {
  return await drafts.get(reader, id);
}

/** Stores a draft. */
export function putDraft(writer: StorageWriter, draft: DraftDocument): void {
  drafts.put(writer, draft.id, { ...draft, former: draft.former.slice(0, MAX_FORMER) });
}

/** Takes a draft out; its contents are the caller's to destroy. */
export function deleteDraft(writer: StorageWriter, id: string): void {
  drafts.delete(writer, id);
}

/** Every message that may be on the server of a draft. */
export function versionsOf({ version, former, underWay = [] }: DraftDocument): readonly Hex32[] {
  return [...(version === null ? [] : [version]), ...underWay, ...former];
}

/** Whether something was written that no message holds. */
export function isUnsynced({ edits, synced }: DraftDocument): boolean {
  return edits !== synced;
}

/** Notes that a version is to be deleted on the server. */
export function putLeftover(writer: StorageWriter, messageId: Hex32): void {
  leftovers.put(writer, messageId, { messageId });
}

/** Versions that are to be deleted on the server. */
export async function listLeftovers(reader: StorageReader): Promise<readonly Hex32[]> {
  return (await leftovers.list(reader)).map(({ document }) => document.messageId);
}

/** Notes that a version is deleted on the server. */
export function deleteLeftover(writer: StorageWriter, messageId: Hex32): void {
  leftovers.delete(writer, messageId);
}

/** The ids of contents that a draft uses. */
export function contentsOf({ attachments }: DraftDocument): readonly string[] {
  return [...new Set(attachments.flatMap(({ source }) => ("contents" in source ? [source.contents] : [])))];
}

/** Removes contents that no draft uses: of a save that never ended, and of versions that were replaced. To be done before anything is saved. */
export async function removeDraftOrphans(storage: Storage): Promise<void> {
  const used = new Set((await listDrafts(storage)).flatMap(contentsOf));
  for (const id of await draftContents.ids(storage)) if (!used.has(id)) await draftContents.deleteAll(storage, id);
}

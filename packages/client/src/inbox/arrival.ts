import type { Address, ArchiveKey, EnvelopeDocument, Hex32, ProblemCode, StoredMessage, Summary } from "@smimp/protocol";
import type { ClientEvent, ImportedMail, InboxSummary, MessageMarks, Notice } from "../model.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { previewOf, type Content } from "./content.ts";
import type { MessageDocument, Place } from "./documents.ts";
import { readExtensions, type Noted } from "./extensions.ts";

/** A message as it came from the server, parsed; nothing of it is verified yet. */
export interface Arrived {
  readonly message: StoredMessage;
  readonly document: EnvelopeDocument;
  readonly messageId: Hex32;
  /** Seals what is made of it. */
  readonly archiveKey: ArchiveKey;
}

/** An open message: verified, decrypted, and what is to be said of it. */
export interface OpenMessage extends Arrived {
  readonly plaintext: Uint8Array;
  readonly marks: MessageMarks;
  /** Another device of the owner's opened it before this one. */
  readonly seenBefore: boolean;
}

/** What a type of message makes of an open one; taking it in does the rest. */
export interface Reading {
  /** Shared by all copies, of which one is shown; null where copies are not told apart that way. */
  readonly ref: Hex32 | null;
  /** Puts it in its place, as part of the transaction that stores the message. */
  put(writer: StorageWriter): Promise<Placed>;
}

/** Where an open message stands now. */
export interface Placed {
  readonly place: Place;
  readonly listKey: string | null;
  /** Its line, where it stands in the inbox's lists. */
  readonly summary: InboxSummary | null;
  /** What a new device will show of it. */
  readonly sealed: Pick<Summary, "subject" | "text" | "to" | "thread" | "imported">;
  readonly event: ClientEvent | null;
}

/** What became of a message: a line in the inbox, nothing to show, and what the person has to know. */
export interface TakenIn {
  readonly summary: InboxSummary | null;
  readonly notice: Notice | null;
  readonly event: ClientEvent | null;
}

/** Nothing to show. */
export const NOTHING: TakenIn = { summary: null, notice: null, event: null };
/** Nothing to warn of. */
export const NO_MARKS: MessageMarks = { firstContact: false, revokedKey: false, formerKey: false, notAuthenticated: false };

/** What is left of what mail from elsewhere said of itself, once it was burned. */
export const NOTHING_CLAIMED: ImportedMail = { from: "", to: [], cc: [], date: null, messageId: null };

/** Recipients that a line names. */
const MAX_RECIPIENTS_SHOWN = 20;
/** What folders are called (protocol section 8). */
const FOLDER = /^[A-Za-z0-9_-]{1,64}$/;

/** What a line is made of beside the message itself. */
export interface Line {
  readonly state: InboxSummary["state"];
  readonly reason?: ProblemCode;
  readonly marks?: MessageMarks;
  readonly content?: Content;
  readonly threadId?: Hex32;
  readonly noted?: Noted;
}

/** The line of a message in the inbox. Nothing of its content is in it unless there is one. */
export function lineOf(me: Address, { message, document, messageId }: Arrived, line: Line): InboxSummary {
  const { state, reason, content, threadId, noted } = line;
  const { from } = document;
  const claimed = from === me ? claimOf(message, line) : null;
  const imported = claimed === null ? null : shownImported(claimed);
  const own = (state === "open" || state === "burned") && from === me && imported === null;
  const at = claimed?.receivedAt ?? null;
  const notAuthenticated = message.received_via !== "smimp_client" || imported !== null;
  return {
    messageId,
    receivedAt: at !== null && at < message.received_at ? at : message.received_at,
    position: message.position,
    from,
    state,
    reason: reason ?? null,
    messageType: document.message_type,
    subject: content?.subject ?? "",
    preview: content === undefined ? "" : previewOf(content),
    attached: content?.attachments.length ?? 0,
    read: message.read || own,
    size: message.envelope.data.length + document.blobs.reduce((sum, blob) => sum + blob.size, 0),
    own,
    marks: { ...(line.marks ?? NO_MARKS), notAuthenticated },
    fetched: true,
    ref: content?.ref ?? null,
    threadId: threadId ?? null,
    recipients: content === undefined ? [] : [...new Set([...content.to, ...content.cc])].slice(0, MAX_RECIPIENTS_SHOWN),
    folder: folderIn(message.folder),
    starred: noted?.starred ?? false,
    labels: noted?.labels ?? [],
    imported,
  };
}

/** What an owner's message from elsewhere says of itself. Only the owner's own words count, as long as there are any. */
function claimOf({ received_via }: StoredMessage, { state, content }: Line): Content["imported"] {
  if (state === "burned") return received_via === "import_api" ? { ...NOTHING_CLAIMED, receivedAt: null } : null;
  return content?.imported ?? null;
}

/** A folder's id as the server says it; null is the inbox, and whatever is no folder's id. */
export function folderIn(folder: string | null): string | null {
  return folder !== null && FOLDER.test(folder) ? folder : null;
}

/** What is kept of a message that was fetched. */
export function kept(
  { message, document, messageId }: Arrived,
  { place, listKey }: Pick<MessageDocument, "place" | "listKey">,
): MessageDocument {
  return {
    messageId,
    place,
    listKey,
    envelope: message.envelope,
    archive: null,
    sealedSummary: null,
    archived: false,
    keyId: document.key_id,
    extensions: message.extensions,
  };
}

/** What the owner noted of an arrived message. */
export async function notedOf(storage: Storage, { message, messageId }: Arrived): Promise<Noted> {
  return await readExtensions(storage, messageId, message.extensions);
}

function shownImported({ from, to, cc, date, messageId }: NonNullable<Content["imported"]>): InboxSummary["imported"] {
  return { from, to: to.slice(0, MAX_RECIPIENTS_SHOWN), cc: cc.slice(0, MAX_RECIPIENTS_SHOWN), date, messageId };
}

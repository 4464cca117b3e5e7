import {
  DRAFT,
  EMAIL,
  parseEmail,
  parseShortMessage,
  SECRET_TYPES,
  SHORT_MESSAGE,
  type Address,
  type Attachment,
  type Hex32,
  type ImportedMail as WireImported,
  type MessageType,
  type Timestamp,
} from "@smimp/protocol";
import type { ImportedMail } from "../model.ts";
import type { Place } from "./documents.ts";

/** A message's content, for the types that people read. */
export interface Content {
  readonly ref: Hex32;
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly subject: string;
  readonly threadId: Hex32 | null;
  readonly inReplyTo: Hex32 | null;
  readonly dateSent: Timestamp | null;
  readonly body: string;
  readonly attachments: readonly Attachment[];
  readonly answersTo: Address | null;
  readonly autoAnswersTo: Address | null;
  readonly autoReply: boolean;
  readonly imported: (ImportedMail & { readonly receivedAt: Timestamp | null }) | null;
}

/** Types that people read: they stand in the inbox's lists. */
export const READ_TYPES: readonly MessageType[] = [EMAIL, SHORT_MESSAGE];
/** Types whose root folders and folders a new device lists; those of applications have no names that it could know. */
export const LISTED_TYPES: readonly MessageType[] = [...READ_TYPES, DRAFT, ...Object.values(SECRET_TYPES)];

/** Characters of a preview. */
const PREVIEW_LENGTH = 160;

/** Where messages of a type are shown. */
export function placeOf(messageType: MessageType): Exclude<Place, "none"> {
  if (READ_TYPES.includes(messageType)) return "inbox";
  if (messageType === DRAFT) return "draft";
  return messageType.startsWith("x-custom-") ? "custom" : "secret";
}

/** Parses a plaintext that people read, by its type. Throws `bad_request`, `bad_address` or `too_large`. */
export function parseContent(messageType: MessageType, plaintext: Uint8Array): Content {
  return messageType === SHORT_MESSAGE ? shortContent(plaintext) : emailContent(plaintext);
}

/** The first words, on one line. */
export function previewOf({ body }: Pick<Content, "body">): string {
  // Far more than is shown, so that a long body is not taken apart as a whole.
  const beginning = body.slice(0, PREVIEW_LENGTH * 8).replace(/\s+/g, " ");
  return Array.from(beginning.trim()).slice(0, PREVIEW_LENGTH).join("");
}

function shortContent(plaintext: Uint8Array): Content {
  const { ref, to = [], text, attachments, extensions } = parseShortMessage(plaintext);
  const nothing = { threadId: null, inReplyTo: null, dateSent: null, answersTo: null, autoAnswersTo: null, imported: null };
  return { ...nothing, ref, to, cc: [], subject: "", body: text, attachments, autoReply: extensions?.auto_reply === true };
}

function emailContent(plaintext: Uint8Array): Content {
  const email = parseEmail(plaintext);
  const { ref, to, cc, subject, body, attachments, extensions } = email;
  return {
    ref,
    to,
    cc,
    subject,
    threadId: email.thread_id ?? null,
    inReplyTo: email.in_reply_to ?? null,
    dateSent: email.date_sent,
    body,
    attachments,
    answersTo: email.reply_to ?? null,
    autoAnswersTo: email.auto_reply_address ?? null,
    autoReply: extensions?.auto_reply === true,
    imported: extensions?.imported === undefined ? null : importedOf(extensions.imported),
  };
}

function importedOf({ from, to, cc, date, message_id, received_at }: WireImported): NonNullable<Content["imported"]> {
  return { from, to, cc, date, messageId: message_id, receivedAt: received_at ?? date };
}

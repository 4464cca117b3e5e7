import {
  EMAIL,
  parseEmail,
  parseShortMessage,
  SHORT_MESSAGE,
  type Address,
  type Attachment,
  type Hex32,
  type MessageType,
  type Timestamp,
} from "@smimp/protocol";

/** A message's content, whatever its type. */
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
}

/** Types that people read; others are for applications and for key transfer (protocol section 9). */
export const READ_TYPES: readonly MessageType[] = [EMAIL, SHORT_MESSAGE];

/** Characters of a preview. */
const PREVIEW_LENGTH = 160;

/** Parses a plaintext by its type. Throws `bad_request`, `bad_address` or `too_large`. */
export function parseContent(messageType: MessageType, plaintext: Uint8Array): Content {
  if (messageType === SHORT_MESSAGE) {
    const { ref, text, attachments } = parseShortMessage(plaintext);
    return { ref, to: [], cc: [], subject: "", threadId: null, inReplyTo: null, dateSent: null, body: text, attachments };
  }
  const { ref, to, cc, subject, thread_id, in_reply_to, date_sent, body, attachments } = parseEmail(plaintext);
  return { ref, to, cc, subject, threadId: thread_id ?? null, inReplyTo: in_reply_to ?? null, dateSent: date_sent, body, attachments };
}

/** The first words, on one line. */
export function previewOf({ body }: Content): string {
  return Array.from(body.replace(/\s+/g, " ").trim()).slice(0, PREVIEW_LENGTH).join("");
}

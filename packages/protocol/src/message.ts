import * as v from "valibot";
import { utf8 } from "./bytes.ts";
import { parseJsonBytes } from "./json.ts";
import {
  MAX_ATTACHMENT_NAME_LENGTH,
  MAX_BLOBS,
  MAX_LEGACY_LENGTH,
  MAX_MEDIA_TYPE_LENGTH,
  MAX_RECIPIENTS,
  MAX_SUBJECT_LENGTH,
} from "./limits.ts";
import { SmimpError } from "./problem.ts";
import { b64, b64UpTo, count, hex32, normalAddress, parseMessageType, parseShape, timestamp, type MessageType } from "./schema.ts";

// Plaintexts, protocol section 9. They come from inside an opened envelope: authentic, but written by whoever sent them.

/** The types of message that people write. */
export const EMAIL: MessageType = parseMessageType("email");
export const SHORT_MESSAGE: MessageType = parseMessageType("short-message");
/** An email that is not finished, from oneself to oneself. */
export const DRAFT: MessageType = parseMessageType("draft");
/** The types of message that hand over a secret key; imported only after the person agrees (protocol section 9). */
export const SECRET_TYPES = {
  signing: parseMessageType("secret-signing-key"),
  message: parseMessageType("secret-message-key"),
  symmetric: parseMessageType("secret-symmetric-key"),
} as const;

/** Characters of a body or text, and of a signature text. */
export const MAX_BODY_LENGTH = 1024 * 1024;
export const MAX_SIGNATURE_TEXT_LENGTH = 16_384;
/** Bytes of a secret key that is handed over; characters of its name and algorithm, and of the note beside it. */
export const MAX_SECRET_KEY_BYTES = 8_192;
export const MAX_SECRET_NAME_LENGTH = 255;
export const MAX_SECRET_NOTE_LENGTH = 4_096;
/** Bytes of a whole plaintext document. */
export const MAX_PLAINTEXT_BYTES = 8 * 1024 * 1024;

// A name, never a path, and none that shows its end elsewhere: what a person saves is what and where they chose.
const ATTACHMENT_NAME = /^(?!\.{1,2}$)[^/\\\p{Cc}\u202a-\u202e\u2066-\u2069]+$/u;
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/;

/** The members of an attachment (protocol section 9). */
export const attachmentDocument = v.object({
  name: v.pipe(v.string(), v.maxLength(MAX_ATTACHMENT_NAME_LENGTH), v.regex(ATTACHMENT_NAME)),
  media_type: v.pipe(v.string(), v.maxLength(MAX_MEDIA_TYPE_LENGTH), v.regex(MEDIA_TYPE)),
  /** Bytes of the content. */
  size: count,
  /** Hash of the blob, as the envelope names it. */
  hash: hex32,
  /** The blob's key. */
  key: b64(32),
});

/** An attachment: what it is, and what opens its blob (protocol sections 6 and 9). */
export type Attachment = v.InferOutput<typeof attachmentDocument>;

const attachments = v.pipe(v.array(attachmentDocument), v.maxLength(MAX_BLOBS));
const recipients = v.pipe(v.array(normalAddress), v.maxLength(MAX_RECIPIENTS));

const legacyText = v.pipe(v.string(), v.maxLength(MAX_LEGACY_LENGTH));
const legacyList = v.pipe(v.array(legacyText), v.maxLength(MAX_RECIPIENTS));
/** The members of what mail from elsewhere said of itself (protocol section 9). */
export const importedMailDocument = v.object({
  from: legacyText,
  to: legacyList,
  cc: legacyList,
  date: v.nullable(timestamp),
  message_id: v.nullable(legacyText),
  /** When it arrived where it came from; what counts for its place in a list. */
  received_at: v.optional(timestamp),
});

/** What mail from elsewhere said of itself (protocol section 9); nobody has verified any of it. */
export type ImportedMail = v.InferOutput<typeof importedMailDocument>;

// Whoever writes something else under these names has written nothing: their message is not made invalid by it.
const autoReply = v.fallback(v.optional(v.boolean()), undefined);
const emailExtensions = v.looseObject({
  imported: v.fallback(v.optional(importedMailDocument), undefined),
  auto_reply: autoReply,
  draft_base: v.fallback(v.optional(hex32), undefined),
});

/** The members of an email (protocol section 9). */
export const emailDocument = v.object({
  /** Shared by all copies of the message. */
  ref: hex32,
  to: recipients,
  cc: recipients,
  subject: v.pipe(v.string(), v.maxLength(MAX_SUBJECT_LENGTH)),
  thread_id: v.optional(hex32),
  /** The `ref` that it answers. */
  in_reply_to: v.optional(hex32),
  date_sent: timestamp,
  /** CommonMark, never HTML. */
  body: v.pipe(v.string(), v.maxLength(MAX_BODY_LENGTH)),
  signature_text: v.optional(v.pipe(v.string(), v.maxLength(MAX_SIGNATURE_TEXT_LENGTH))),
  attachments,
  extensions: v.optional(emailExtensions),
  reply_to: v.optional(normalAddress),
  auto_reply_address: v.optional(normalAddress),
});

/** An `email` (protocol section 9). */
export type Email = v.InferOutput<typeof emailDocument>;

/** The members of a draft (protocol section 9). */
export const draftDocument = v.object({ ...emailDocument.entries, bcc: recipients });

/** A `draft` (protocol section 9): an email with the recipients that no copy names. */
export type DraftEmail = v.InferOutput<typeof draftDocument>;

const secretName = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_SECRET_NAME_LENGTH));
/** The members of a key that is handed over (protocol section 9). */
export const secretKeyDocument = v.object({
  ref: hex32,
  name: secretName,
  algorithm: secretName,
  key: v.pipe(b64UpTo(MAX_SECRET_KEY_BYTES), v.minLength(1)),
  note: v.optional(v.pipe(v.string(), v.maxLength(MAX_SECRET_NOTE_LENGTH))),
});

/** A key that somebody hands over, whichever of the `secret-*` types (protocol section 9). */
export type SecretKeyTransfer = v.InferOutput<typeof secretKeyDocument>;

/** The members of a short message (protocol section 9). */
export const shortMessageDocument = v.object({
  ref: hex32,
  /** Whom it is for, where its writer says so: their own copy names nobody else. */
  to: v.optional(recipients),
  text: v.pipe(v.string(), v.maxLength(MAX_BODY_LENGTH)),
  attachments,
  extensions: v.optional(v.looseObject({ auto_reply: autoReply })),
});

/** A `short-message` (protocol section 9). */
export type ShortMessage = v.InferOutput<typeof shortMessageDocument>;

/** Parses the plaintext of an `email`; unknown members are dropped. Throws `too_large`, `bad_request` or `bad_address`. */
export function parseEmail(plaintext: Uint8Array): Email {
  return parseDocument(emailDocument, plaintext);
}

/** The plaintext of an `email`, which `parseEmail` reads for certain. Throws `too_large`, `bad_request` or `bad_address`. */
export function encodeEmail(document: Email): Uint8Array {
  return encodeDocument(emailDocument, document);
}

/** Parses the plaintext of a `short-message`; unknown members are dropped. Throws `too_large` or `bad_request`. */
export function parseShortMessage(plaintext: Uint8Array): ShortMessage {
  return parseDocument(shortMessageDocument, plaintext);
}

/** The plaintext of a `short-message`, which `parseShortMessage` reads for certain. Throws `too_large` or `bad_request`. */
export function encodeShortMessage(document: ShortMessage): Uint8Array {
  return encodeDocument(shortMessageDocument, document);
}

/** Parses the plaintext of a `draft`; unknown members are dropped. Throws `too_large`, `bad_request` or `bad_address`. */
export function parseDraft(plaintext: Uint8Array): DraftEmail {
  return parseDocument(draftDocument, plaintext);
}

/** The plaintext of a `draft`, which `parseDraft` reads for certain. Throws `too_large`, `bad_request` or `bad_address`. */
export function encodeDraft(document: DraftEmail): Uint8Array {
  return encodeDocument(draftDocument, document);
}

/** Parses the plaintext of a `secret-*` message; unknown members are dropped. Throws `too_large` or `bad_request`. */
export function parseSecretKey(plaintext: Uint8Array): SecretKeyTransfer {
  return parseDocument(secretKeyDocument, plaintext);
}

/** The plaintext of a `secret-*` message, which `parseSecretKey` reads for certain. Throws `too_large` or `bad_request`. */
export function encodeSecretKey(document: SecretKeyTransfer): Uint8Array {
  return encodeDocument(secretKeyDocument, document);
}

function parseDocument<Schema extends v.GenericSchema>(schema: Schema, plaintext: Uint8Array): v.InferOutput<Schema> {
  if (plaintext.length > MAX_PLAINTEXT_BYTES) throw new SmimpError("too_large", "the message is too large");
  return parseShape(schema, parseJsonBytes(plaintext));
}

function encodeDocument<Schema extends v.GenericSchema>(schema: Schema, document: v.InferOutput<Schema>): Uint8Array {
  // JSON.stringify writes lone surrogates as escapes and fractions as numbers; reading it back finds what no peer would take.
  const plaintext = utf8(JSON.stringify(document));
  parseDocument(schema, plaintext);
  return plaintext;
}

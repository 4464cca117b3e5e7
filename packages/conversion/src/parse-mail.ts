import PostalMime, { decodeWords, type Attachment, type Email } from "postal-mime";
import { MAX_BLOBS, MAX_LEGACY_LENGTH, MAX_SUBJECT_LENGTH } from "@smimp/protocol/limits";
import { attachmentNameOf, mediaTypeOf } from "./attachment-name.ts";
import { concat, hex, latin1, ofLatin1, utf8 } from "./bytes.ts";
import type { ConversionOptions, ConvertedAttachment, ConvertedMail } from "./converted-mail.ts";
import { markdownOf, strippedText } from "./html-to-markdown.ts";
import { dateOf, headerEnd, headerOf, idsIn, lineOf, peopleOf, readState, receivedDate, withReadableHeaders } from "./mail-headers.ts";

/** How deep parts may be nested, and bytes of all headers: more is made to break programs, not to say something. */
const MAX_NESTING = 64;
const MAX_HEADERS = 1024 * 1024;
/** Lines: of base64, they are more than the largest mail has. */
const MAX_LINES = 1_500_000;
/** Characters of a body: what is longer goes along as an attachment, and the body has its beginning. */
const MAX_BODY = 400_000;

/** This is no mail. */
export class NotMailError extends Error {
  override readonly name = "NotMailError";
}

/**
 * Takes a mail apart: headers, text, attachments. Throws NotMailError for what has no header of a mail, and Error for what is made to
 * exhaust whoever reads it.
 */
export async function parseMail(bytes: Uint8Array, options: ConversionOptions = {}): Promise<ConvertedMail> {
  if (linesIn(bytes) > MAX_LINES) throw new Error("it has too many lines");
  const email = await PostalMime.parse(withReadableHeaders(bytes), {
    // A mail that was forwarded stays what it is.
    forceRfc822Attachments: true,
    maxNestingDepth: MAX_NESTING,
    maxHeadersSize: MAX_HEADERS,
  });
  if (!isMailOf(email)) throw new NotMailError("it has no header of a mail");
  const messageId = idsIn(email.messageId)[0] ?? (email.messageId === undefined ? null : lineOf(email.messageId, MAX_LEGACY_LENGTH));
  const date = dateOf(headerOf(email, "date"));
  const received = dateOf(headerOf(email, "x-smimp-received-at")) ?? receivedDate(email);
  const text = textOf(email, options);
  const attachments = attachmentsOf(email, text, bytes, options);
  const [from = ""] = peopleOf(email.from === undefined ? [] : [email.from], headerOf(email, "x-smimp-from"));
  return {
    key: await keyOf(bytes, email, messageId),
    imported: {
      from,
      to: peopleOf(email.to ?? [], headerOf(email, "x-smimp-to")),
      cc: peopleOf(email.cc ?? [], headerOf(email, "x-smimp-cc")),
      date: timeText(date),
      messageId,
    },
    subject: (email.subject ?? "")
      .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
      .slice(0, MAX_SUBJECT_LENGTH)
      .toWellFormed(),
    body: text.slice(0, MAX_BODY).toWellFormed(),
    attachments,
    read: readState(email),
    receivedAt: timeText(received ?? date),
    folder: folderOf(headerOf(email, "x-smimp-folder")),
    thread: threadOf(email, messageId),
  };
}

function linesIn(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) lines++;
  return lines;
}

const LINE_FEED = 10;

const MAIL_HEADERS = ["from", "to", "date", "subject", "message-id", "received", "cc", "return-path", "sender", "reply-to"];

function isMailOf({ headers }: Email): boolean {
  return headers.some(({ key }) => MAIL_HEADERS.includes(key));
}

function textOf(email: Email, { strip }: ConversionOptions): string {
  const { text = "", html } = email;
  // What a program wrote as text counts, unless it wrote nothing.
  if (html === undefined || text.trim() !== "") return plainText(text);
  return strip === true ? strippedText(html) : markdownOf(html);
}

/** Text without what only breaks programs: one kind of line end, no control characters but tabs. */
function plainText(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/[\p{Cc}--[\n\t]]/gv, "")
    .toWellFormed();
}

function attachmentsOf(email: Email, text: string, bytes: Uint8Array, { keepOriginal }: ConversionOptions): readonly ConvertedAttachment[] {
  const parts = email.attachments.map((part, index) => attachmentOf(part, index + 1));
  const long = text.length > MAX_BODY ? [{ name: "message.md", mediaType: "text/markdown", content: utf8(text) }] : [];
  const original = { name: "original.eml", mediaType: "message/rfc822", content: bytes };
  const extra = keepOriginal === true ? [...long, original] : long;
  if (parts.length + extra.length <= MAX_BLOBS) return [...parts, ...extra];
  // More than a message can name: the rest is in the mail as it came.
  return [...parts.slice(0, MAX_BLOBS - long.length - 1), ...long, original];
}

function attachmentOf({ filename, mimeType, description = "", content }: Attachment, number: number): ConvertedAttachment {
  const described = mimeType === "application/octet-stream" && /^(?:multipart|message)\//.test(description);
  const mediaType = mediaTypeOf(described ? description : mimeType);
  const bytes = typeof content === "string" ? utf8(content) : new Uint8Array(content);
  return { name: attachmentNameOf(filename, mediaType, number), mediaType, content: bytes };
}

function folderOf(text: string | null): readonly string[] | null {
  if (text === null) return null;
  try {
    return text.split("/").map((name) => decodeURIComponent(name));
  } catch {
    return null;
  }
}

function threadOf(email: Email, messageId: string | null): string | null {
  const named = headerOf(email, "x-smimp-thread") ?? idsIn(email.references)[0] ?? idsIn(email.inReplyTo)[0] ?? messageId;
  return named === null ? null : lineOf(decodeWords(named), MAX_LEGACY_LENGTH);
}

/**
 * Message-ID and a hash of the body; without an id, of what else tells mails apart. What changes from copy to copy stays out: the marks
 * of mail programs, line ends, empty lines at the end.
 */
async function keyOf(bytes: Uint8Array, email: Email, messageId: string | null): Promise<string> {
  const body = latin1(bytes.subarray(headerEnd(bytes)))
    .replaceAll("\r\n", "\n")
    .trimEnd();
  const names = messageId === null ? ["from", "to", "date", "subject"].map((name) => `\n${name}:${headerOf(email, name) ?? ""}`) : [];
  const hashed = concat(utf8(`${messageId ?? ""}${names.join("")}\n\n`), ofLatin1(body));
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", hashed)));
}

// The protocol's own would bring all cryptography into the thread.
function timeText(seconds: number | null): string | null {
  return seconds === null ? null : `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

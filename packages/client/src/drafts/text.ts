import { encodeDraft, parseHex32, parseTimestamp, toB64 } from "@smimp/protocol";
import { previewOf } from "../inbox/content.ts";
import type { Draft, DraftSummary } from "../model.ts";
import { isUnsynced, type DraftDocument, type DraftText } from "./documents.ts";

/** A draft as lists show it. */
export function summaryOf(draft: DraftDocument): DraftSummary {
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

/** What is kept of what somebody wrote, attachments aside. */
export function textOf({ to, cc = [], bcc = [], subject, body, replyTo, answersTo, autoAnswersTo, automatic }: Draft): DraftText {
  return {
    to: [...to],
    cc: [...cc],
    bcc: [...bcc],
    subject,
    body,
    ...(replyTo === undefined ? {} : { in_reply_to: replyTo.ref, ...(replyTo.threadId === null ? {} : { thread_id: replyTo.threadId }) }),
    ...(answersTo === undefined ? {} : { reply_to: answersTo }),
    ...(autoAnswersTo === undefined ? {} : { auto_reply_address: autoAnswersTo }),
    ...(automatic === undefined ? {} : { automatic }),
  };
}

/** What no device could read is found before anything is stored. Throws `bad_request`, `bad_address` or `too_large`. */
export function refuseUnreadable(text: DraftText, { attachments = [] }: Draft): void {
  const hash = parseHex32("0".repeat(64));
  const named = attachments.map(({ name, mediaType: media_type, size }) => ({
    name,
    media_type,
    size,
    hash,
    key: toB64(new Uint8Array(32)),
  }));
  encodeDraft({ ...text, ref: hash, date_sent: parseTimestamp("2026-01-01T00:00:00Z"), attachments: named });
}

/** What somebody wrote, attachments aside, as they hand it over to be sent. */
export function writtenIn({ text }: DraftDocument): Omit<Draft, "attachments"> {
  const { to, cc, bcc, subject, body, in_reply_to, thread_id, reply_to, auto_reply_address, automatic } = text;
  return {
    to,
    cc,
    bcc,
    subject,
    body,
    ...(in_reply_to === undefined ? {} : { replyTo: { ref: in_reply_to, threadId: thread_id ?? null } }),
    ...(reply_to === undefined ? {} : { answersTo: reply_to }),
    ...(auto_reply_address === undefined ? {} : { autoAnswersTo: auto_reply_address }),
    ...(automatic === undefined ? {} : { automatic }),
  };
}

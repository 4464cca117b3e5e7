import { SmimpError, type Address } from "@smimp/protocol";
import type { Draft, DraftAttachment } from "../model.ts";
import type { Storage } from "../storage/storage.ts";
import { copiesOf, getEntry, outboxContents, type EntryDocument } from "./documents.ts";

/** What was written of an entry, as its sender handed it over. Throws `not_found` where there is none, or nothing that people write. */
export async function writtenOf(storage: Storage, id: string): Promise<Draft> {
  const entry = await getEntry(storage, id);
  if (entry === null || !("email" in entry.payload || "short" in entry.payload)) {
    throw new SmimpError("not_found", "there is no such message in the outbox");
  }
  const mark = entry.automatic ? ({ automatic: true } as const) : {};
  const recipients = (await copiesOf(storage, entry)).filter(({ own }) => !own).map(({ to }) => to);
  const attachments = entry.attachments.map((_, index) => attachmentOf(storage, entry, index));
  if ("short" in entry.payload) return { to: recipients, subject: "", body: entry.payload.short.text, attachments, ...mark };
  const { to, cc, subject, body, in_reply_to, thread_id, reply_to, auto_reply_address } = entry.payload.email;
  const named = new Set<Address>([...to, ...cc]);
  return {
    to,
    cc,
    bcc: recipients.filter((each) => !named.has(each)),
    subject,
    body,
    attachments,
    ...(in_reply_to === undefined ? {} : { replyTo: { ref: in_reply_to, threadId: thread_id ?? null } }),
    ...(reply_to === undefined ? {} : { answersTo: reply_to }),
    ...(auto_reply_address === undefined ? {} : { autoAnswersTo: auto_reply_address }),
    ...mark,
  };
}

function attachmentOf(storage: Storage, { id, attachments }: EntryDocument, index: number): DraftAttachment {
  const attachment = attachments[index];
  if (attachment === undefined) throw new TypeError("an entry has as many contents as attachments");
  const { name, media_type: mediaType, size } = attachment;
  return {
    name,
    mediaType,
    size,
    open: async function* () {
      let length = 0;
      for await (const piece of outboxContents.read(storage, id, index)) {
        length += piece.length;
        yield piece;
      }
      if (length !== size) throw new SmimpError("not_found", `${name} is kept no more`);
    },
  };
}

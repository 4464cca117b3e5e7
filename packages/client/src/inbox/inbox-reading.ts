import { MAX_SUMMARY_CLAIM_LENGTH, MAX_SUMMARY_RECIPIENTS, SHORT_MESSAGE } from "@smimp/protocol";
import { noteForAutoReply } from "../auto-reply/noticing.ts";
import type { InboxSummary } from "../model.ts";
import type { Self } from "../self.ts";
import type { Storage } from "../storage/storage.ts";
import { lineOf, notedOf, type OpenMessage, type Placed, type Reading } from "./arrival.ts";
import { parseContent, type Content } from "./content.ts";
import { listKeyOf } from "./documents.ts";
import { putSummary } from "./summaries.ts";
import { conversationOf, joinThread } from "./threads.ts";

/** What the inbox makes of a message that people read. Throws what is wrong with its content. */
export async function readForInbox(storage: Storage, { address: me }: Self, message: OpenMessage): Promise<Reading> {
  const { document, plaintext, marks } = message;
  const content = parseContent(document.message_type, plaintext);
  const noted = await notedOf(storage, message);
  return {
    ref: content.ref,
    put: async (writer): Promise<Placed> => {
      const threadId =
        document.message_type === SHORT_MESSAGE
          ? conversationOf(me, [document.from, ...content.to])
          : await joinThread(storage, writer, content);
      const summary = lineOf(me, message, { state: "open", marks, content, threadId, noted });
      await putSummary(storage, writer, summary);
      // Another device opened it first: that one answers.
      if (!message.seenBefore) await noteForAutoReply(writer, me, summary, content);
      const event = summary.own ? null : ({ type: "message", message: summary } as const);
      return { place: "inbox", listKey: listKeyOf(summary), summary, sealed: sealedOf(summary, content), event };
    },
  };
}

/** What a new device shows before it has fetched the message (protocol section 8). */
function sealedOf({ subject, preview, threadId, imported, receivedAt }: InboxSummary, { to, cc }: Content): Placed["sealed"] {
  const claim = imported?.from.slice(0, MAX_SUMMARY_CLAIM_LENGTH).toWellFormed();
  return {
    subject,
    text: preview,
    to: [...to, ...cc].slice(0, MAX_SUMMARY_RECIPIENTS),
    ...(threadId === null ? {} : { thread: threadId }),
    ...(claim === undefined ? {} : { imported: { from: claim, at: receivedAt } }),
  };
}

import { EMAIL, type Address } from "@smimp/protocol";
import type { Content } from "../inbox/content.ts";
import type { InboxSummary } from "../model.ts";
import type { StorageWriter } from "../storage/storage.ts";
import { currentSetting, isActive, putDue } from "./documents.ts";

/**
 * Notes a message that came in for an automatic answer, as part of the transaction that stores it, if it is one that may get one:
 * an email to its owner by name, from somebody known, written by a person and not by their program.
 */
export async function noteForAutoReply(
  writer: StorageWriter,
  me: Address,
  { messageId, messageType, from, own, imported, marks, threadId, receivedAt, subject }: InboxSummary,
  { ref, to, cc, autoReply, autoAnswersTo, answersTo }: Content,
): Promise<void> {
  if (messageType !== EMAIL || own || from === me || imported !== null || autoReply || threadId === null) return;
  // An answer would tell who was written to in secret that they were.
  if (!to.includes(me) && !cc.includes(me)) return;
  if (marks.firstContact || marks.revokedKey || marks.formerKey || marks.notAuthenticated) return;
  const setting = await currentSetting(writer);
  if (setting === null || !isActive(setting, receivedAt)) return;
  putDue(writer, { messageId, from, elsewhere: autoAnswersTo ?? answersTo, ref, threadId, subject, receivedAt });
}

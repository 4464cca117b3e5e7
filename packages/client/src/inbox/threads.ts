import { hash, toHex32, utf8, type Address, type Hex32 } from "@smimp/protocol";
import type { InboxSummary, MessageMarks } from "../model.ts";
import { documents } from "../storage/documents.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { putSummary, readSummaries } from "./summaries.ts";

/** Messages that are moved to another thread when the message turns up that joins two. */
const MAX_JOINED = 500;

const threads = documents<{ readonly threadId: Hex32 }>("threads");

/** What a message says about where it belongs (protocol section 9). */
export interface Belonging {
  readonly ref: Hex32;
  readonly threadId: Hex32 | null;
  readonly inReplyTo: Hex32 | null;
}

/**
 * The thread of a message, as part of the transaction that stores it: the one that it names, else the one of the message it answers.
 * What was put under the message's own ref before, because it was not here yet, joins the same thread.
 */
export async function joinThread(storage: Storage, writer: StorageWriter, { ref, threadId, inReplyTo }: Belonging): Promise<Hex32> {
  const keyOf = (each: Hex32): string => storage.hiddenKey("threads", each);
  const above = inReplyTo === null ? null : ((await threads.get(writer, keyOf(inReplyTo)))?.threadId ?? inReplyTo);
  const joined = threadId ?? above ?? ref;
  threads.put(writer, keyOf(ref), { threadId: joined });
  if (joined === ref) return joined;
  for (const summary of await readSummaries(storage, writer, { thread: ref }, { limit: MAX_JOINED })) {
    await putSummary(storage, writer, { ...summary, threadId: joined });
    if (summary.ref !== null) threads.put(writer, keyOf(summary.ref), { threadId: joined });
  }
  return joined;
}

/** Forgets where a message belonged that was taken out; what answered it stays together. */
export function leaveThread(storage: Storage, writer: StorageWriter, ref: Hex32): void {
  threads.delete(writer, storage.hiddenKey("threads", ref));
}

/** The conversation that short messages between the same people belong to, whoever of them wrote. */
export function conversationOf(me: Address, people: readonly Address[]): Hex32 {
  const others = [...new Set(people)].filter((each) => each !== me).sort();
  return toHex32(hash(utf8(["smimp conversation", ...(others.length === 0 ? [me] : others)].join("\n"))));
}

/** Everybody who wrote or got one of these messages, who wrote first. */
export function participantsOf(messages: readonly InboxSummary[]): readonly Address[] {
  return [...new Set([...messages.map(({ from }) => from), ...messages.flatMap(({ recipients }) => recipients)])];
}

/** What is marked on any of these messages. */
export function marksOn(messages: readonly InboxSummary[]): MessageMarks {
  const any = (mark: keyof MessageMarks): boolean => messages.some(({ marks }) => marks[mark]);
  return {
    firstContact: any("firstContact"),
    revokedKey: any("revokedKey"),
    formerKey: any("formerKey"),
    notAuthenticated: any("notAuthenticated"),
  };
}

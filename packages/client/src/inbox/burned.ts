import { archiveKeyIdOf, fromB64 } from "@smimp/protocol";
import { renewVersion } from "../drafts/reading.ts";
import { deleteBurned, listBurned } from "../keys/burned.ts";
import type { InboxSummary } from "../model.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { listMessages, putMessage, type MessageDocument } from "./documents.ts";
import { leavePlace } from "./places.ts";
import { changeSummary } from "./summaries.ts";

/** Messages that are looked through at once. */
const PAGE = 50;

/** What else is sealed with archive keys, and is sealed anew where its text is still known here. */
export interface Resealing {
  reseal(signal: AbortSignal | undefined): Promise<void>;
}

/**
 * Clears away what is left of messages whose archive key was destroyed (protocol section 8): their lines say nothing any more but that
 * there was a message. Names of folders and notes of lists that the same key had sealed are sealed anew. Done again where it was
 * interrupted.
 */
export async function clearBurned(storage: Storage, others: readonly Resealing[], signal: AbortSignal | undefined): Promise<void> {
  const burned = new Set(await listBurned(storage));
  if (burned.size === 0) return;
  for (let after: string | undefined; ;) {
    const page: readonly MessageDocument[] = await listMessages(storage, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.messageId;
    const unreadable = page.filter(({ archive }) => archive !== null && burned.has(archiveKeyIdOf(fromB64(archive))));
    if (unreadable.length > 0) {
      await storage.transact(async (writer) => {
        for (const message of unreadable) await clear(storage, writer, message);
      });
    }
  }
  for (const each of others) await each.reseal(signal);
  await storage.transact(async (writer) => {
    for (const id of burned) await Promise.resolve(deleteBurned(writer, id));
  });
}

async function clear(storage: Storage, writer: StorageWriter, message: MessageDocument): Promise<void> {
  const { place, listKey, messageId } = message;
  if (place === "inbox") await changeSummary(storage, writer, messageId, emptied);
  else if (place === "draft") await renewVersion(writer, messageId);
  else await leavePlace(storage, writer, message);
  const rest = { ...message, archive: null, sealedSummary: null, extensions: null };
  putMessage(writer, { ...rest, listKey: place === "inbox" ? listKey : null });
}

function emptied(summary: InboxSummary): InboxSummary {
  return {
    ...summary,
    state: "invalid",
    reason: "key_unknown",
    subject: "",
    preview: "",
    ref: null,
    threadId: null,
    recipients: [],
    starred: false,
    labels: [],
    imported: null,
    own: false,
    fetched: true,
  };
}

import { archiveKeyIdOf, fromB64 } from "@smimp/protocol";
import { renewVersion } from "../drafts/reading.ts";
import { deleteBurned, listBurned, markWords } from "../keys/burned.ts";
import { markDirty } from "../keystore/state.ts";
import { destroySecret } from "../message-keys.ts";
import type { InboxSummary } from "../model.ts";
import { forgetSent } from "../outbox/settled.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { NOTHING_CLAIMED } from "./arrival.ts";
import { listMessages, putMessage, setToArchive, type MessageDocument } from "./documents.ts";
import { leavePlace } from "./places.ts";
import { changeSummary, getSummary } from "./summaries.ts";

/** Messages that are looked through at once. */
const PAGE = 50;

/** What else is sealed with archive keys, and is sealed anew where its text is still known here. */
export interface Resealing {
  reseal(signal: AbortSignal | undefined): Promise<void>;
}

/**
 * Clears away what is left of messages whose archive key was destroyed (protocol section 8): their lines say nothing any more but that
 * there was a message. Names of folders and notes of lists that the same key had sealed are sealed anew. Done again where it was
 * interrupted. Resolves with how many messages it cleared that people know of: former versions of drafts burn unseen.
 */
export async function clearBurned(storage: Storage, others: readonly Resealing[], signal: AbortSignal | undefined): Promise<number> {
  let shown = 0;
  const burned = new Set(await listBurned(storage));
  if (burned.size === 0) return shown;
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
      shown += unreadable.filter(({ place }) => place !== "none" && place !== "draft").length;
    }
  }
  for (const each of others) await each.reseal(signal);
  await storage.transact(async (writer) => {
    for (const id of burned) await Promise.resolve(deleteBurned(writer, id));
  });
  return shown;
}

async function clear(storage: Storage, writer: StorageWriter, message: MessageDocument): Promise<void> {
  const { place, listKey, messageId, keyId } = message;
  const line = place !== "inbox" || listKey === null ? null : await getSummary(writer, listKey);
  if (line?.own === true && line.ref !== null) await forgetSent(writer, ({ ref }) => ref === line.ref);
  if (place === "inbox") await changeSummary(storage, writer, messageId, emptied);
  else if (place === "draft") await renewVersion(writer, messageId);
  else await leavePlace(storage, writer, message);
  const rest = { ...message, archive: null, sealedSummary: null, extensions: null };
  putMessage(writer, { ...rest, listKey: place === "inbox" ? listKey : null });
  // What was opened and not archived yet could still be opened by its own secret.
  setToArchive(writer, messageId, false);
  markWords(writer, messageId);
  if (keyId !== null && (await destroySecret(writer, keyId))) await markDirty(writer);
}

/** What is left of a line: whose message it was, when it came, where it stands and whether it was read; all of this the server knows, too. */
function emptied(summary: InboxSummary): InboxSummary {
  return {
    ...summary,
    state: "burned",
    // Whoever wrote it in truth stood in its content.
    imported: summary.imported === null ? null : NOTHING_CLAIMED,
    reason: null,
    subject: "",
    preview: "",
    attached: 0,
    ref: null,
    threadId: null,
    recipients: [],
    starred: false,
    labels: [],
    fetched: true,
  };
}

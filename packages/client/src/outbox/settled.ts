import { DAY, secondsBetween, SmimpError, type Address, type Timestamp } from "@smimp/protocol";
import type { OutboxEntry } from "../model.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import {
  copiesOf,
  deleteContent,
  deleteEntry,
  getEntry,
  listEntries,
  putCopy,
  putSettled,
  scrubEntry,
  shown,
  type CopyDocument,
  type EntryDocument,
} from "./documents.ts";

/** How long an entry is shown whose copies were all sent, and how long what failed can be sent again with its attachments, seconds. */
const KEEP_SETTLED = 7 * DAY;

/** Destroys what is not needed any more: contents once all is sent, a week later those of what failed, and what was sent itself. */
export async function tidy(storage: Storage, now: Timestamp): Promise<void> {
  for (const entry of await listEntries(storage)) {
    // Nearly all entries: nothing of them waits, and their time has not come.
    if (entry.settled !== undefined && !isOld(entry, now)) continue;
    await storage.transact(async (writer) => {
      const current = await getEntry(writer, entry.id);
      if (current === null) return;
      const states = new Set((await copiesOf(writer, current)).map(({ state }) => state));
      if (states.has("queued") || states.has("sending")) return;
      const settled = states.has("failed") ? "failed" : "sent";
      if (settled === "sent" && isOld(current, now)) {
        await deleteEntry(writer, current);
        return;
      }
      // What failed stays until its owner has seen it.
      if (current.settled === undefined) putSettled(writer, current, settled);
      if (settled === "sent" || isOld(current, now)) {
        await deleteContent(writer, current);
        scrubEntry(writer, { ...current, settled });
      }
    });
  }
}

/** Takes out what was sent, as part of a transaction in which it is burned: all of it that `burned` says; what waits or failed stays. */
export async function forgetSent(writer: StorageWriter, burned: (entry: EntryDocument) => boolean): Promise<void> {
  for (const entry of await listEntries(writer)) {
    if (!burned(entry)) continue;
    const copies = await copiesOf(writer, entry);
    if (copies.every(({ state }) => state === "sent")) await deleteEntry(writer, entry);
  }
}

/**
 * Queues the copies that failed again, or those of them that go to `to`; what was sent or waits stays as it is. Throws `not_found`
 * for an unknown entry; TypeError where its attachments are kept no more.
 */
export async function retry(storage: Storage, now: Timestamp, id: string, to?: readonly Address[]): Promise<OutboxEntry> {
  return await storage.transact(async (writer) => {
    const entry = await getEntry(writer, id);
    if (entry === null) throw new SmimpError("not_found", "there is no such message in the outbox");
    const copies = await copiesOf(writer, entry);
    const again = copies.map((copy): CopyDocument => {
      const wanted = copy.state === "failed" && (to === undefined || to.includes(copy.to));
      return wanted ? { ...copy, state: "queued", nextAttemptAt: now, since: now } : copy;
    });
    if (again.every((copy, index) => copy === copies[index])) return shown(entry, copies);
    if ((entry.attachments.length > 0 || isScrubbed(entry)) && isOld(entry, now))
      throw new TypeError("the contents of this message are kept no more: write it anew");
    for (const [index, copy] of again.entries()) if (copy !== copies[index]) putCopy(writer, id, index, copy);
    putSettled(writer, entry, null);
    return shown(entry, again);
  });
}

function isScrubbed({ payload }: EntryDocument): boolean {
  return "custom" in payload || "secret" in payload;
}

function isOld({ queuedAt }: EntryDocument, now: Timestamp): boolean {
  return secondsBetween(queuedAt, now) > KEEP_SETTLED;
}

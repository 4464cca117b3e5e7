import { DAY, MAX_EPHEMERAL_LIFE, secondsBetween, type Clock, type Hex32 } from "@smimp/protocol";
import { archiveKey } from "../archive-keys.ts";
import { openingKey } from "../message-keys.ts";
import type { Storage, StorageReader, StorageWriter } from "../storage/storage.ts";
import { deleteRef, deleteRemoved, getMessage, listRemoved, messageUnder, putTidied, tidiedAt, type RemovedDocument } from "./documents.ts";

/** How often what is remembered is looked through, seconds. */
const LOOK_AGAIN = 1 * DAY;
/** Ids that are looked at in one transaction. */
const PAGE = 500;

/**
 * Forgets deleted messages once nothing is left that could open them again (protocol section 6): then nobody can bring one back, and
 * its id and its sender's ref need no place any more. Once a day.
 */
export async function tidyRemembered(storage: Storage, clock: Clock): Promise<void> {
  const now = clock();
  const last = await tidiedAt(storage);
  if (last !== null && secondsBetween(last, now) < LOOK_AGAIN) return;
  for (let after: Hex32 | undefined; ;) {
    const page: Awaited<ReturnType<typeof listRemoved>> = await listRemoved(storage, {
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    const end = page.at(-1);
    if (end === undefined) break;
    after = end.messageId;
    await storage.transact(async (writer) => {
      for (const { messageId, document } of page) {
        if (!(await canBeOpened(writer, document)) && !isRecent(document, now)) await forget(writer, messageId, document);
      }
    });
  }
  await storage.transact(async (writer) => await Promise.resolve(putTidied(writer, now)));
}

/** Whether a secret is left that opens it: that of its message key, or the archive key. */
async function canBeOpened(reader: StorageReader, { keyId, archiveKeyId }: RemovedDocument): Promise<boolean> {
  if (keyId !== null && (await openingKey(reader, keyId)).size > 0) return true;
  return archiveKeyId !== null && (await archiveKey(reader, archiveKeyId)) !== null;
}

/** What was never seen here may be sealed to any key of that time. */
function isRecent({ at, keyId, archiveKeyId }: RemovedDocument, now: ReturnType<Clock>): boolean {
  return keyId === null && archiveKeyId === null && secondsBetween(at, now) < MAX_EPHEMERAL_LIFE;
}

async function forget(writer: StorageWriter, messageId: Hex32, { refKey }: RemovedDocument): Promise<void> {
  deleteRemoved(writer, messageId);
  if (refKey !== null && (await messageUnder(writer, refKey)) === messageId && (await getMessage(writer, messageId)) === null) {
    deleteRef(writer, refKey);
  }
}

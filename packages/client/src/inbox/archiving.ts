import { isSmimpError } from "@smimp/protocol";
import { markDirty } from "../keystore/state.ts";
import { destroySecret } from "../message-keys.ts";
import { inParallel } from "../pool.ts";
import type { Storage } from "../storage/storage.ts";
import { getMessage, listToArchive, putMessage, setToArchive } from "./documents.ts";
import { setEcho } from "./due.ts";
import type { Mailbox } from "./mailbox.ts";

/** Archives on their way at the same time. */
const PARALLEL = 4;

/**
 * Gives the server archive and summary of what was opened, then destroys the single-use secrets, in this order (protocol section
 * 8): a program that ends in between does it again. What the server can't take now stays for the next time.
 */
export async function archiveOpened(storage: Storage, mailbox: Mailbox): Promise<void> {
  await inParallel(await listToArchive(storage), PARALLEL, async (messageId) => {
    const message = await getMessage(storage, messageId);
    let changed = false;
    if (message !== null && message.archive !== null && message.sealedSummary !== null) {
      try {
        // A second copy of a message that is shown already needs no place on the server.
        if (message.place === "none") await mailbox.remove(messageId);
        else changed = await mailbox.archive(messageId, message.archive, message.sealedSummary);
      } catch (error) {
        if (isSmimpError(error)) return;
        throw error;
      }
    }
    await storage.transact(async (writer) => {
      setToArchive(writer, messageId, false);
      setEcho(writer, messageId, changed);
      // Read again: it may have changed, or be gone, since.
      const now = await getMessage(writer, messageId);
      if (now === null) return;
      putMessage(writer, { ...now, archived: true });
      if (now.keyId !== null && (await destroySecret(writer, now.keyId))) await markDirty(writer);
    });
  });
}

import { isSmimpError, type Hex32 } from "@smimp/protocol";
import { markDirty } from "../keystore/state.ts";
import { destroySecret } from "../message-keys.ts";
import { inParallel } from "../pool.ts";
import type { Storage } from "../storage/storage.ts";
import { getMessage, listToArchive, putMessage, setToArchive } from "./documents.ts";
import type { Mailbox } from "./mailbox.ts";

/** Archives on their way at the same time. */
const PARALLEL = 4;

/**
 * Gives the server archive and summary of what was opened, then destroys the single-use secrets, in this order (protocol section
 * 8): a program that ends in between does it again. What the server can't take now stays for the next time.
 */
export async function archiveOpened(storage: Storage, mailbox: Mailbox, onArchived: (messageId: Hex32) => void): Promise<void> {
  await inParallel(await listToArchive(storage), PARALLEL, async (messageId) => {
    const message = await getMessage(storage, messageId);
    if (message !== null && message.archive !== null && message.sealedSummary !== null) {
      try {
        // A second copy of a message that is shown already needs no place on the server.
        await (message.listKey === null ? mailbox.remove(messageId) : mailbox.archive(messageId, message.archive, message.sealedSummary));
      } catch (error) {
        if (isSmimpError(error)) return;
        throw error;
      }
    }
    await storage.transact(async (writer) => {
      setToArchive(writer, messageId, false);
      if (message === null) return;
      putMessage(writer, { ...message, archived: true });
      if (message.keyId !== null && (await destroySecret(writer, message.keyId))) await markDirty(writer);
    });
    onArchived(messageId);
  });
}

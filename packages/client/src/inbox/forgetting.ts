import { archiveKeyIdOf, fromB64, type Clock, type Hex32, type Timestamp } from "@smimp/protocol";
import { markDirty } from "../keystore/state.ts";
import { destroySecret } from "../message-keys.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { deleteMessage, getMessage, putRemoved, refKeyOf } from "./documents.ts";
import type { Mailbox } from "./mailbox.ts";
import { leavePlace } from "./places.ts";
import { getSummary } from "./summaries.ts";
import { leaveThread } from "./threads.ts";

/**
 * Takes a message out; its id stays known, so that it does not come back (protocol section 6). A single-use secret that opened
 * it goes with it, archived or not: nobody shall open again what its owner has deleted (protocol section 4).
 */
export async function forgetMessage(storage: Storage, writer: StorageWriter, messageId: Hex32, at: Timestamp): Promise<void> {
  const message = await getMessage(writer, messageId);
  const line = message?.place === "inbox" && message.listKey !== null ? await getSummary(writer, message.listKey) : null;
  if (message !== null) await leavePlace(storage, writer, message);
  deleteMessage(writer, messageId);
  const archive = message?.archive ?? null;
  const wasOpened = archive !== null && message !== null && message.keyId !== null;
  if (wasOpened && (await destroySecret(writer, message.keyId))) await markDirty(writer);
  const archiveKeyId = archive === null ? null : archiveKeyIdOf(fromB64(archive));
  if (line !== null && line.ref !== null) leaveThread(storage, writer, line.ref);
  const refKey = line === null || line.ref === null ? null : refKeyOf(storage, line.from, line.ref);
  putRemoved(writer, messageId, { at, keyId: message?.keyId ?? null, archiveKeyId, refKey });
}

/** Deletes a message, on the server first: what that keeps would come back on other devices. */
export async function removeMessage(
  { storage, mailbox, clock }: { readonly storage: Storage; readonly mailbox: Pick<Mailbox, "remove">; readonly clock: Clock },
  messageId: Hex32,
): Promise<void> {
  await mailbox.remove(messageId);
  await storage.transact(async (writer) => await forgetMessage(storage, writer, messageId, clock()));
}

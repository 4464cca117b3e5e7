import { archiveKeyIdOf, fromB64, type Hex32, type Timestamp } from "@smimp/protocol";
import { markDirty } from "../keystore/state.ts";
import { destroySecret } from "../message-keys.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { deleteMessage, getMessage, putRemoved } from "./documents.ts";
import { leavePlace } from "./places.ts";

/**
 * Takes a message out; its id stays known, so that it does not come back (protocol section 6). A single-use secret that opened
 * it goes with it, archived or not: nobody shall open again what its owner has deleted (protocol section 4).
 */
export async function forgetMessage(storage: Storage, writer: StorageWriter, messageId: Hex32, at: Timestamp): Promise<void> {
  const message = await getMessage(writer, messageId);
  if (message !== null) await leavePlace(storage, writer, message);
  deleteMessage(writer, messageId);
  const archive = message?.archive ?? null;
  const wasOpened = archive !== null && message !== null && message.keyId !== null;
  if (wasOpened && (await destroySecret(writer, message.keyId))) await markDirty(writer);
  const archiveKeyId = archive === null ? null : archiveKeyIdOf(fromB64(archive));
  putRemoved(writer, messageId, { at, keyId: message?.keyId ?? null, archiveKeyId });
}

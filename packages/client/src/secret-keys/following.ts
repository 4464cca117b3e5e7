import { fromB64, parseSecretKey } from "@smimp/protocol";
import type { MessageDocument } from "../inbox/documents.ts";
import { openExtensions } from "../inbox/extensions.ts";
import { reopen } from "../inbox/opening.ts";
import type { StorageWriter } from "../storage/storage.ts";
import { getPending } from "./documents.ts";
import { accept, ACCEPTED } from "./reading.ts";

/** Imports a key here that its owner accepted on another device: only their devices can have noted that. */
export async function followAcceptance(writer: StorageWriter, message: MessageDocument, extensions: string | null): Promise<void> {
  const { messageId, envelope, archive } = message;
  const pending = await getPending(writer, messageId);
  if (pending === null || envelope === null || archive === null) return;
  if ((await openExtensions(writer, messageId, extensions))[ACCEPTED] !== true) return;
  const { plaintext } = await reopen(writer, envelope, messageId, fromB64(archive));
  accept(writer, pending, parseSecretKey(plaintext));
}

import { readForApplication } from "../applications/reading.ts";
import { deleteApplicationLine } from "../applications/documents.ts";
import { loseVersion, readDraft } from "../drafts/reading.ts";
import { deletePending } from "../secret-keys/documents.ts";
import { readSecretKey } from "../secret-keys/reading.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import type { OpenMessage, Reading } from "./arrival.ts";
import { placeOf } from "./content.ts";
import type { MessageDocument } from "./documents.ts";
import { readForInbox } from "./inbox-reading.ts";
import { deleteSummary } from "./summaries.ts";
import type { TakeInParts } from "./take-in.ts";

// Messages stand in a place by their type (protocol section 9): what each makes of a message, and how it lets go of one.

/** What a message becomes, by its type. Throws what is wrong with its content. */
export async function readMessageOf({ storage, self, random }: TakeInParts, message: OpenMessage): Promise<Reading> {
  switch (placeOf(message.document.message_type)) {
    case "inbox":
      return await readForInbox(storage, self, message);
    case "custom":
      return readForApplication(storage, self, message);
    case "secret":
      return await readSecretKey(storage, message);
    case "draft":
      return readDraft(self, message, random);
  }
}

/** Takes a message out of the list of its place, as part of a transaction. */
export async function leavePlace(storage: Storage, writer: StorageWriter, { place, listKey, messageId }: MessageDocument): Promise<void> {
  if (place === "inbox" && listKey !== null) await deleteSummary(storage, writer, listKey);
  else if (place === "custom" && listKey !== null) deleteApplicationLine(writer, listKey);
  else if (place === "secret") deletePending(writer, messageId);
  else if (place === "draft") await loseVersion(writer, messageId);
}

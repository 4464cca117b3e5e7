import { AUTO_REPLY_SETTING, readAutoReplySetting, type Address, type AutoReplySetting, type Hex32, type Timestamp } from "@smimp/protocol";
import { sharedSetting } from "../keystore/shared-settings.ts";
import { documents } from "../storage/documents.ts";
import type { Storage, StorageReader, StorageWriter } from "../storage/storage.ts";

/** A message that is to be answered automatically. */
export interface DueDocument {
  readonly messageId: Hex32;
  readonly from: Address;
  /** Where its sender wants automatic answers, if not at `from`. */
  readonly elsewhere: Address | null;
  readonly ref: Hex32;
  readonly threadId: Hex32;
  readonly subject: string;
  readonly receivedAt: Timestamp;
}

const due = documents<DueDocument>("auto-reply-due");
const answered = documents<{ readonly at: Timestamp }>("auto-reply-answered");

/** What is answered now; null where nothing is. */
export async function currentSetting(reader: StorageReader): Promise<AutoReplySetting | null> {
  return readAutoReplySetting(await sharedSetting(reader, AUTO_REPLY_SETTING));
}

/** Whether a setting is for what was received at a time. */
export function isActive({ since, from, until }: AutoReplySetting, at: Timestamp): boolean {
  return at >= since && (from === undefined || at >= from) && (until === undefined || at <= until);
}

/** Messages that are to be answered. */
export async function listDue(reader: StorageReader): Promise<readonly DueDocument[]> {
  return (await due.list(reader)).map(({ document }) => document);
}

/** Notes that a message is to be answered. */
export function putDue(writer: StorageWriter, document: DueDocument): void {
  due.put(writer, document.messageId, document);
}

/** Notes that a message needs no answer any more. */
export function deleteDue(writer: StorageWriter, messageId: Hex32): void {
  due.delete(writer, messageId);
}

/** When somebody was last answered automatically. */
export async function answeredAt(storage: Storage, reader: StorageReader, address: Address): Promise<Timestamp | null> {
  return (await answered.get(reader, storage.hiddenKey("auto-reply-answered", address)))?.at ?? null;
}

/** Notes that somebody was answered. */
export function putAnswered(storage: Storage, writer: StorageWriter, address: Address, at: Timestamp): void {
  answered.put(writer, storage.hiddenKey("auto-reply-answered", address), { at });
}

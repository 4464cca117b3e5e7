import type { Address, Hex32, Pin, Statement, Timestamp } from "@smimp/protocol";
import type { InboxSummary } from "../model.ts";
import { markDirty } from "../keystore/state.ts";
import { destroySecret } from "../message-keys.ts";
import { documents } from "../storage/documents.ts";
import type { Storage, StorageReader, StorageWriter } from "../storage/storage.ts";

/** A message as it is kept: sealed as it came, with what opens it again under an archive key. */
export interface MessageDocument {
  readonly messageId: Hex32;
  /** Key in the list; null for a copy that is not shown because another copy is. */
  readonly listKey: string | null;
  readonly envelope: Statement;
  /** `b64` of `archive` (protocol section 8); null for what was not opened. */
  readonly archive: string | null;
  /** `b64` of the sealed summary. */
  readonly sealedSummary: string | null;
  /** The server has archive and summary, and the single-use secret is destroyed. */
  readonly archived: boolean;
  readonly keyId: Hex32 | null;
}

/** A message whose sender's history could not be fetched yet. */
export interface WaitingDocument {
  readonly messageId: Hex32;
  /** What was pinned when the message was first seen (protocol section 6). */
  readonly pinWhenSeen: Pin | null;
  readonly keyId: Hex32 | null;
  /** Times that the history was asked for in vain. */
  readonly attempts: number;
  /** It is asked for again by the first sync from then on. */
  readonly nextAttemptAt: Timestamp;
}

const messages = documents<MessageDocument>("messages");
const list = documents<InboxSummary>("inbox");
const toArchive = documents<{ readonly messageId: Hex32 }>("to-archive");
const waiting = documents<WaitingDocument>("unconfirmed");
const removed = documents<{ readonly at: Timestamp }>("removed");
const refs = documents<{ readonly messageId: Hex32 }>("refs");
const sync = documents<{ readonly state: string }>("sync");

/** The key that puts a message in its place: by time of arrival, then by id. */
export function listKeyOf({ receivedAt, messageId }: Pick<InboxSummary, "receivedAt" | "messageId">): string {
  return `${receivedAt}${messageId}`;
}

/** One message. */
export async function getMessage(reader: StorageReader, messageId: Hex32): Promise<MessageDocument | null> {
  return await messages.get(reader, messageId);
}

/** Stores a message. */
export function putMessage(writer: StorageWriter, message: MessageDocument): void {
  messages.put(writer, message.messageId, message);
}

/** Summaries, newest first. */
export async function listSummaries(
  reader: StorageReader,
  { limit, after }: { readonly limit?: number; readonly after?: string },
): Promise<readonly InboxSummary[]> {
  const page = { reverse: true, ...(limit === undefined ? {} : { limit }), ...(after === undefined ? {} : { after }) };
  return (await list.list(reader, page)).map(({ document }) => document);
}

/** The summary in a message's place. */
export async function getSummary(reader: StorageReader, listKey: string): Promise<InboxSummary | null> {
  return await list.get(reader, listKey);
}

/** Puts a summary in its place. */
export function putSummary(writer: StorageWriter, summary: InboxSummary): void {
  list.put(writer, listKeyOf(summary), summary);
}

/** Takes the line of a message out of the list that is not shown, because another copy of it is. */
export function deleteSummary(writer: StorageWriter, summary: Pick<InboxSummary, "receivedAt" | "messageId">): void {
  list.delete(writer, listKeyOf(summary));
}

/**
 * Takes a message out; its id stays known, so that it does not come back (protocol section 6). A single-use secret that opened
 * it goes with it, archived or not: nobody shall open again what its owner has deleted (protocol section 4).
 */
export async function forgetMessage(writer: StorageWriter, messageId: Hex32, at: Timestamp): Promise<void> {
  const message = await messages.get(writer, messageId);
  if (message !== null && message.listKey !== null) list.delete(writer, message.listKey);
  messages.delete(writer, messageId);
  waiting.delete(writer, messageId);
  toArchive.delete(writer, messageId);
  const wasOpened = message !== null && message.archive !== null && message.keyId !== null;
  if (wasOpened && (await destroySecret(writer, message.keyId))) await markDirty(writer);
  removed.put(writer, messageId, { at });
}

/** Whether a message was taken out. */
export async function wasRemoved(reader: StorageReader, messageId: Hex32): Promise<boolean> {
  return (await removed.get(reader, messageId)) !== null;
}

/** Messages that are opened here and not yet archived on the server. */
export async function listToArchive(reader: StorageReader): Promise<readonly Hex32[]> {
  return (await toArchive.list(reader)).map(({ document }) => document.messageId);
}

/** Notes that a message is to be archived, or that it is. */
export function setToArchive(writer: StorageWriter, messageId: Hex32, due: boolean): void {
  if (due) toArchive.put(writer, messageId, { messageId });
  else toArchive.delete(writer, messageId);
}

/** Messages whose senders are not confirmed. */
export async function listWaiting(reader: StorageReader): Promise<readonly WaitingDocument[]> {
  return (await waiting.list(reader)).map(({ document }) => document);
}

/** What is known of a message whose sender is not confirmed. */
export async function getWaiting(reader: StorageReader, messageId: Hex32): Promise<WaitingDocument | null> {
  return await waiting.get(reader, messageId);
}

/** Notes that a message waits for its sender's history; null that it doesn't any more. */
export function setWaiting(writer: StorageWriter, messageId: Hex32, document: WaitingDocument | null): void {
  if (document === null) waiting.delete(writer, messageId);
  else waiting.put(writer, messageId, document);
}

/** The message that came first under a sender's ref (protocol section 6). */
export async function messageOfRef(storage: Storage, reader: StorageReader, from: Address, ref: Hex32): Promise<Hex32 | null> {
  return (await refs.get(reader, storage.hiddenKey("refs", `${from} ${ref}`)))?.messageId ?? null;
}

/** Remembers a sender's ref. */
export function putRef(storage: Storage, writer: StorageWriter, from: Address, ref: Hex32, messageId: Hex32): void {
  refs.put(writer, storage.hiddenKey("refs", `${from} ${ref}`), { messageId });
}

/** The state up to which changes were taken in; null before the first sync. */
export async function getSyncState(reader: StorageReader): Promise<string | null> {
  return (await sync.get(reader, "state"))?.state ?? null;
}

/** Stores the state up to which changes were taken in; null starts over. */
export function putSyncState(writer: StorageWriter, state: string | null): void {
  if (state === null) sync.delete(writer, "state");
  else sync.put(writer, "state", { state });
}

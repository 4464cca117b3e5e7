import type { Address, Hex32, Pin, Statement, StoredMessage, Timestamp } from "@smimp/protocol";
import type { InboxSummary } from "../model.ts";
import { documents } from "../storage/documents.ts";
import type { Storage, StorageReader, StorageWriter } from "../storage/storage.ts";

/**
 * Where a message is shown: in the inbox's lists, among drafts, messages of applications or secret keys; or nowhere, because another
 * copy of it is shown or because it is nothing for anybody.
 */
export type Place = "inbox" | "draft" | "custom" | "secret" | "none";

/** A message as it is kept: sealed as it came, with what opens it again under an archive key. */
export interface MessageDocument {
  readonly messageId: Hex32;
  readonly place: Place;
  /** Its key in the list of its place; null where it stands in none. */
  readonly listKey: string | null;
  /** Null while only what another device noted of it is here: the message itself is fetched later. */
  readonly envelope: Statement | null;
  /** `b64` of `archive` (protocol section 8); null for what was not opened. */
  readonly archive: string | null;
  /** `b64` of the sealed summary. */
  readonly sealedSummary: string | null;
  /** The server has archive and summary, and the single-use secret is destroyed. */
  readonly archived: boolean;
  readonly keyId: Hex32 | null;
  /** `b64` of `extensions`, as the server has them. */
  readonly extensions: string | null;
  /** The server has lost it, as after a backup was put back: it is kept here until its owner deletes it. */
  readonly onlyHere?: true;
}

/** A message whose sender's history has to be fetched first. */
export interface WaitingDocument {
  readonly messageId: Hex32;
  /** The sender that it claims. */
  readonly from: Address;
  /** What the server said of it beside the envelope. */
  readonly message: Omit<StoredMessage, "envelope">;
  /** What was pinned when the message was first seen (protocol section 6). */
  readonly pinWhenSeen: Pin | null;
  readonly keyId: Hex32 | null;
  /** Times that the history was asked for in vain. */
  readonly attempts: number;
  /** It is asked for again by the first sync from then on. */
  readonly nextAttemptAt: Timestamp;
}

/** A message that no key here opens. */
export interface UnopenedDocument {
  readonly messageId: Hex32;
  readonly keyId: Hex32 | null;
  /** What was known of keys that may open it when it was tried last. */
  readonly known: string;
}

/** A message that was taken out, with what could still open it: its id is remembered as long as that exists (protocol section 6). */
export interface RemovedDocument {
  readonly at: Timestamp;
  readonly keyId: Hex32 | null;
  readonly archiveKeyId: string | null;
  /** Under which its sender's ref is remembered; null where it was none of those that are. */
  readonly refKey: string | null;
}

const messages = documents<MessageDocument>("messages");
const toArchive = documents<{ readonly messageId: Hex32 }>("to-archive");
const waiting = documents<WaitingDocument>("unconfirmed");
const unopened = documents<UnopenedDocument>("unopened");
const removed = documents<RemovedDocument>("removed");
const refs = documents<{ readonly messageId: Hex32 }>("refs");
const sync = documents<{ readonly state: string; readonly at?: Timestamp | null }>("sync");
const firstListing = documents<object>("first-listing");
const tidied = documents<{ readonly at: Timestamp }>("tidied");

/** Digits of a position in list keys: as many as the greatest has. */
const POSITION_DIGITS = 16;

/** The key that puts a message in its place: by time of arrival, within a second in the order in which the server took it in. */
export function listKeyOf({ receivedAt, position, messageId }: Pick<InboxSummary, "receivedAt" | "position" | "messageId">): string {
  return `${receivedAt}${String(position).padStart(POSITION_DIGITS, "0")}${messageId}`;
}

/** One message. */
export async function getMessage(reader: StorageReader, messageId: Hex32): Promise<MessageDocument | null> {
  return await messages.get(reader, messageId);
}

/** Stores a message. */
export function putMessage(writer: StorageWriter, message: MessageDocument): void {
  messages.put(writer, message.messageId, message);
}

/** Takes a message's own document out, and whatever is due for it. */
export function deleteMessage(writer: StorageWriter, messageId: Hex32): void {
  messages.delete(writer, messageId);
  waiting.delete(writer, messageId);
  unopened.delete(writer, messageId);
  toArchive.delete(writer, messageId);
}

/** All messages, a page at a time, in the order of their ids. */
export async function listMessages(
  reader: StorageReader,
  page: { readonly after?: string; readonly limit: number },
): Promise<readonly MessageDocument[]> {
  return (await messages.list(reader, page)).map(({ document }) => document);
}

/** Ids of all messages, a page at a time, in their order. */
export async function listMessageIds(
  reader: StorageReader,
  page: { readonly after?: string; readonly limit: number },
): Promise<readonly Hex32[]> {
  return (await messages.keys(reader, page)) as readonly Hex32[];
}

/** Remembers that a message was taken out. */
export function putRemoved(writer: StorageWriter, messageId: Hex32, document: RemovedDocument): void {
  removed.put(writer, messageId, document);
}

/** What was taken out, a page at a time. */
export async function listRemoved(
  reader: StorageReader,
  page: { readonly after?: string; readonly limit: number },
): Promise<readonly { readonly messageId: Hex32; readonly document: RemovedDocument }[]> {
  return (await removed.list(reader, page)).map(({ key, document }) => ({ messageId: key as Hex32, document }));
}

/** Forgets that a message was taken out. */
export function deleteRemoved(writer: StorageWriter, messageId: Hex32): void {
  removed.delete(writer, messageId);
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

/** Messages that no key here opens, at most so many: any number of them may have been sent to annoy. */
export async function listUnopened(reader: StorageReader, limit: number): Promise<readonly UnopenedDocument[]> {
  return (await unopened.list(reader, { limit })).map(({ document }) => document);
}

/** What is known of a message that no key here opens; null where one does, or where it is not here. */
export async function getUnopened(reader: StorageReader, messageId: Hex32): Promise<UnopenedDocument | null> {
  return await unopened.get(reader, messageId);
}

/** Notes that no key here opens a message. */
export function putUnopened(writer: StorageWriter, document: UnopenedDocument): void {
  unopened.put(writer, document.messageId, document);
}

/** Notes that a message is not one that no key here opens, or not any more. */
export function noUnopened(writer: StorageWriter, messageId: Hex32): void {
  unopened.delete(writer, messageId);
}

/** The message that came first under a sender's ref (protocol section 6). */
export async function messageOfRef(storage: Storage, reader: StorageReader, from: Address, ref: Hex32): Promise<Hex32 | null> {
  return await messageUnder(reader, refKeyOf(storage, from, ref));
}

/** Remembers a sender's ref. */
export function putRef(storage: Storage, writer: StorageWriter, from: Address, ref: Hex32, messageId: Hex32): void {
  refs.put(writer, refKeyOf(storage, from, ref), { messageId });
}

/** The key under which a sender's ref is remembered. */
export function refKeyOf(storage: Storage, from: Address, ref: Hex32): string {
  return storage.hiddenKey("refs", `${from} ${ref}`);
}

/** The message that came first under a ref's key. */
export async function messageUnder(reader: StorageReader, refKey: string): Promise<Hex32 | null> {
  return (await refs.get(reader, refKey))?.messageId ?? null;
}

/** Forgets a ref by its key. */
export function deleteRef(writer: StorageWriter, key: string): void {
  refs.delete(writer, key);
}

/** The state up to which changes were taken in; null before the first sync. */
export async function getSyncState(reader: StorageReader): Promise<string | null> {
  return (await sync.get(reader, "state"))?.state ?? null;
}

/** When changes were taken in last; null before the first sync. */
export async function getSyncedAt(reader: StorageReader): Promise<Timestamp | null> {
  return (await sync.get(reader, "state"))?.at ?? null;
}

/** Stores the state up to which changes were taken in, and when; null starts over. */
export function putSyncState(writer: StorageWriter, state: string | null, at: Timestamp | null = null): void {
  firstListing.delete(writer, "begun");
  if (state === null) sync.delete(writer, "state");
  else sync.put(writer, "state", { state, at });
}

/** Whether the very first listing of the mailbox was begun and not ended. */
export async function isFirstListing(reader: StorageReader): Promise<boolean> {
  return (await firstListing.get(reader, "begun")) !== null;
}

/** Notes that the very first listing begins; the first state that is stored ends it. */
export function beginFirstListing(writer: StorageWriter): void {
  firstListing.put(writer, "begun", {});
}

/** When what is remembered was last looked through; null before the first time. */
export async function tidiedAt(reader: StorageReader): Promise<Timestamp | null> {
  return (await tidied.get(reader, "remembered"))?.at ?? null;
}

/** Notes when what is remembered was looked through. */
export function putTidied(writer: StorageWriter, at: Timestamp): void {
  tidied.put(writer, "remembered", { at });
}

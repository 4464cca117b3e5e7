import type { BlobReference, Email, Hex32, MessageType, SecretKeyTransfer, ShortMessage, Statement, Timestamp } from "@smimp/protocol";
import type { OutboxCopy, OutboxEntry } from "../model.ts";
import { contentsIn } from "../storage/contents.ts";
import { documents } from "../storage/documents.ts";
import type { StorageReader, StorageWriter } from "../storage/storage.ts";

/** What is sent: the members of its plaintext, or the bytes of an application's message as `b64`. */
export type Payload =
  | { readonly email: Omit<Email, "attachments"> }
  | { readonly short: Omit<ShortMessage, "attachments"> }
  | { readonly secret: SecretKeyTransfer }
  | { readonly custom: string };

/** A message in the outbox, as it was written; never changed. Its copies stand apart. */
export interface EntryDocument {
  readonly id: string;
  readonly queuedAt: OutboxEntry["queuedAt"];
  /** Shared by all copies; the plaintext's own where its type has one. */
  readonly ref: Hex32;
  readonly messageType: MessageType;
  /** What people call it. */
  readonly subject: string;
  /** The plaintext but for its attachments' hashes and keys, which differ from copy to copy. */
  readonly payload: Payload;
  /** Written by a program in its owner's absence: it says nothing about whom they want to hear from. */
  readonly automatic: boolean;
  readonly attachments: readonly { readonly name: string; readonly media_type: string; readonly size: number }[];
  readonly copies: number;
  /** Set once no copy waits any more: whether all were sent. Such an entry costs nothing when the outbox is flushed. */
  readonly settled?: "sent" | "failed";
}

/** An attachment's blob as it is sealed for one recipient: the same bytes each time, so that a retry names the same blob. */
export interface BlobPlan {
  /** `b64` of 32 bytes. */
  readonly key: string;
  /** `b64` of 24 bytes. */
  readonly header: string;
  readonly reference: BlobReference;
}

/** One recipient's copy: what callers see of it, and little more, since all of them are read when an outbox is flushed. */
export interface CopyDocument extends OutboxCopy {
  /** From when on it is tried: since it was queued, or told to be tried again after it had failed. */
  readonly since: Timestamp;
}

/** What is made for a copy before it leaves, so that a retry makes nothing anew. */
export interface UnderWay {
  /** What is on its way: sent again as it stands after a lost answer, so that it can't arrive twice. */
  readonly sealed: Statement | null;
  readonly blobs: readonly BlobPlan[];
}

const entries = documents<EntryDocument>("outbox");
const copies = documents<CopyDocument>("outbox-copies");
const underWay = documents<UnderWay>("outbox-under-way");
/** Contents of the attachments of messages in the outbox. */
export const outboxContents = contentsIn("outbox-content");

/** Longest number of copies: digits that keep keys in order. */
const INDEX_DIGITS = 6;

/** All entries, oldest first. */
export async function listEntries(reader: StorageReader): Promise<readonly EntryDocument[]> {
  return (await entries.list(reader)).map(({ document }) => document);
}

/** One entry. */
export async function getEntry(reader: StorageReader, id: string): Promise<EntryDocument | null> {
  return await entries.get(reader, id);
}

/** Stores a new entry and its copies. */
export function putEntry(writer: StorageWriter, entry: EntryDocument, all: readonly CopyDocument[]): void {
  entries.put(writer, entry.id, entry);
  for (const [index, copy] of all.entries()) putCopy(writer, entry.id, index, copy);
}

/** Destroys what was sent, once it is sent, where it is nothing to be kept in order to be shown: keys, and what applications sent. */
export function scrubEntry(writer: StorageWriter, entry: EntryDocument): void {
  if ("secret" in entry.payload || "custom" in entry.payload) entries.put(writer, entry.id, { ...entry, payload: { custom: "" } });
}

/** The copies of an entry, in order. */
export async function copiesOf(reader: StorageReader, { id, copies: count }: EntryDocument): Promise<readonly CopyDocument[]> {
  return (await copies.list(reader, { after: `${id}/`, limit: count })).map(({ document }) => document);
}

/** One copy. */
export async function getCopy(reader: StorageReader, id: string, index: number): Promise<CopyDocument | null> {
  return await copies.get(reader, copyKey(id, index));
}

/** Stores what became of a copy. */
export function putCopy(writer: StorageWriter, id: string, index: number, copy: CopyDocument): void {
  copies.put(writer, copyKey(id, index), copy);
}

/** Stores that no copy of an entry waits any more, or (null) that one does again. */
export function putSettled(
  writer: StorageWriter,
  { settled: _before, ...entry }: EntryDocument,
  settled: EntryDocument["settled"] | null,
): void {
  entries.put(writer, entry.id, settled === null || settled === undefined ? entry : { ...entry, settled });
}

/** What was made for a copy so far. */
export async function getUnderWay(reader: StorageReader, id: string, index: number): Promise<UnderWay | null> {
  return await underWay.get(reader, copyKey(id, index));
}

/** Stores what was made for a copy; null once it is needed no more. */
export function putUnderWay(writer: StorageWriter, id: string, index: number, made: UnderWay | null): void {
  if (made === null) underWay.delete(writer, copyKey(id, index));
  else underWay.put(writer, copyKey(id, index), made);
}

/** Takes an entry out with all that belongs to it. */
export async function deleteEntry(writer: StorageWriter, entry: EntryDocument): Promise<void> {
  for (let index = 0; index < entry.copies; index++) {
    copies.delete(writer, copyKey(entry.id, index));
    putUnderWay(writer, entry.id, index, null);
  }
  entries.delete(writer, entry.id);
  await deleteContent(writer, entry);
}

/** Destroys the contents of an entry's attachments, once they are no longer needed. */
export async function deleteContent(writer: StorageWriter, entry: Pick<EntryDocument, "id" | "attachments">): Promise<void> {
  await outboxContents.delete(writer, entry.id, entry.attachments.length);
}

/** What callers see of an entry. */
export function shown(entry: EntryDocument, all: readonly CopyDocument[]): OutboxEntry {
  return {
    id: entry.id,
    ref: entry.ref,
    messageType: entry.messageType,
    subject: entry.subject,
    queuedAt: entry.queuedAt,
    copies: all.map(shownCopy),
  };
}

/** What callers see of a copy. */
export function shownCopy({ since: _since, ...copy }: CopyDocument): OutboxCopy {
  return copy;
}

function copyKey(id: string, index: number): string {
  return `${id}/${digits(index, INDEX_DIGITS)}`;
}

function digits(value: number, length: number): string {
  return String(value).padStart(length, "0");
}

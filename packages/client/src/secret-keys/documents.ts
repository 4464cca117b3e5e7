import type { Address, Hex32, Timestamp } from "@smimp/protocol";
import type { MessageMarks, PendingSecretKey, SecretKey } from "../model.ts";
import { documents } from "../storage/documents.ts";
import type { StorageReader, StorageWriter } from "../storage/storage.ts";

/** A key that somebody handed over and the owner has not accepted: what it is said to be, and not the key. */
export interface PendingDocument {
  readonly messageId: Hex32;
  readonly from: Address;
  readonly kind: PendingSecretKey["kind"];
  readonly name: string;
  readonly algorithm: string;
  readonly note: string;
  readonly receivedAt: Timestamp;
  readonly marks: MessageMarks;
}

/** A key that the owner accepted. */
export interface AcceptedDocument extends Omit<SecretKey, "key"> {
  /** `b64`. */
  readonly key: string;
}

const pending = documents<PendingDocument>("secret-pending");
const accepted = documents<AcceptedDocument>("secret-keys");

/** Keys that wait for the owner's word, in the order of their messages' ids. */
export async function listPending(reader: StorageReader): Promise<readonly PendingDocument[]> {
  return (await pending.list(reader)).map(({ document }) => document);
}

/** One key that waits. */
export async function getPending(reader: StorageReader, messageId: Hex32): Promise<PendingDocument | null> {
  return await pending.get(reader, messageId);
}

/** Stores that a key waits. */
export function putPending(writer: StorageWriter, document: PendingDocument): void {
  pending.put(writer, document.messageId, document);
}

/** A key waits no more. */
export function deletePending(writer: StorageWriter, messageId: Hex32): void {
  pending.delete(writer, messageId);
}

/** Keys that the owner accepted. */
export async function listAccepted(reader: StorageReader): Promise<readonly AcceptedDocument[]> {
  return (await accepted.list(reader)).map(({ document }) => document);
}

/** Stores an accepted key: it stays when its message goes. */
export function putAccepted(writer: StorageWriter, document: AcceptedDocument): void {
  accepted.put(writer, document.messageId, document);
}

/** Destroys an accepted key. */
export function deleteAccepted(writer: StorageWriter, messageId: Hex32): void {
  accepted.delete(writer, messageId);
}

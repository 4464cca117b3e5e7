import type { Address, Hex32, MessageType, Timestamp } from "@smimp/protocol";
import { listKeyOf } from "../inbox/documents.ts";
import type { MessageMarks } from "../model.ts";
import { documents } from "../storage/documents.ts";
import type { Storage, StorageReader, StorageWriter } from "../storage/storage.ts";

/** A message of an application, as it is listed; its bytes are read from the message itself. */
export interface ApplicationLine {
  readonly messageId: Hex32;
  readonly from: Address;
  readonly messageType: MessageType;
  readonly receivedAt: Timestamp;
  /** Orders messages of the same second. */
  readonly position: number;
  readonly own: boolean;
  readonly marks: MessageMarks;
}

const lines = documents<ApplicationLine>("applications");

/** Digits of a type's name in keys, which is hidden: it tells what somebody uses. */
const TYPE_DIGITS = 32;

/** Puts a message in its type's list, as part of a transaction; the key it stands under. */
export function putApplicationLine(storage: Storage, writer: StorageWriter, line: ApplicationLine): string {
  const key = `${nameOf(storage, line.messageType)}/${listKeyOf(line)}`;
  lines.put(writer, key, line);
  return key;
}

/** Takes a message out of its type's list. */
export function deleteApplicationLine(writer: StorageWriter, listKey: string): void {
  lines.delete(writer, listKey);
}

/** Messages of a type, newest first. */
export async function listApplicationLines(
  storage: Storage,
  reader: StorageReader,
  messageType: MessageType,
  { limit, after }: { readonly limit: number; readonly after?: string },
): Promise<readonly ApplicationLine[]> {
  const name = nameOf(storage, messageType);
  const page = await lines.list(reader, { reverse: true, limit, after: after ?? `${name}0` });
  return page.filter(({ key }) => key.startsWith(`${name}/`)).map(({ document }) => document);
}

function nameOf(storage: Storage, messageType: MessageType): string {
  return storage.hiddenKey("applications", messageType).slice(0, TYPE_DIGITS);
}

import {
  archiveKeyIdOf,
  fromB64,
  isSmimpError,
  newArchiveKey,
  parseArchiveKeyId,
  toB64,
  type ArchiveKey,
  type ArchiveKeyId,
  type RandomBytes,
  type Timestamp,
} from "@smimp/protocol";
import { documents } from "./storage/documents.ts";
import type { StorageReader, StorageWriter } from "./storage/storage.ts";

/** An archive key and the month it is for, e.g. `2026-11` (protocol section 8). */
export interface ArchiveKeyDocument {
  readonly id: string;
  readonly key: string;
  readonly month: string;
  /** Nothing is sealed with it any more: a device that was removed holds it. */
  readonly closed?: boolean;
  /** What another client added in the keystore; it is kept (protocol section 8). */
  readonly extra?: Readonly<Record<string, unknown>>;
}

const keys = documents<ArchiveKeyDocument>("archive-keys");

/** All archive keys. */
export async function allArchiveKeys(reader: StorageReader): Promise<readonly ArchiveKeyDocument[]> {
  return (await keys.list(reader)).map(({ document }) => document);
}

/** An archive key by its id; null once it is destroyed. */
export async function archiveKey(reader: StorageReader, id: string): Promise<ArchiveKey | null> {
  const found = await keys.get(reader, id);
  return found === null ? null : { id: parseArchiveKeyId(found.id), key: fromB64(found.key) };
}

/** The key of a time's month, made where there is none yet. `fresh`: the keystore has to be saved before it is used. */
export async function archiveKeyOf(
  writer: StorageWriter,
  now: Timestamp,
  random: RandomBytes,
): Promise<{ readonly key: ArchiveKey; readonly fresh: boolean }> {
  const month = now.slice(0, "2026-11".length);
  // Two devices may each have made one: all of them go on with the same.
  const found = (await allArchiveKeys(writer)).find((each) => each.month === month && each.closed !== true);
  if (found !== undefined) return { key: { id: parseArchiveKeyId(found.id), key: fromB64(found.key) }, fresh: false };
  const key = newArchiveKey(random);
  storeArchiveKey(writer, { id: key.id, key: toB64(key.key), month });
  return { key, fresh: true };
}

/** Stores an archive key, as part of a transaction. */
export function storeArchiveKey(writer: StorageWriter, document: ArchiveKeyDocument): void {
  keys.put(writer, document.id, document);
}

/** Destroys an archive key: what was sealed with it is unreadable from here on (protocol section 8). Returns whether it was there. */
export async function deleteArchiveKey(writer: StorageWriter, id: string): Promise<boolean> {
  if ((await keys.get(writer, id)) === null) return false;
  keys.delete(writer, id);
  return true;
}

/** Whether something sealed (`b64`) was sealed with one of these keys; what is no such thing was sealed with none. */
export function isSealedWith(keys: ReadonlySet<ArchiveKeyId>, sealed: string | null): boolean {
  if (sealed === null) return false;
  try {
    return keys.has(archiveKeyIdOf(fromB64(sealed)));
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return false;
  }
}

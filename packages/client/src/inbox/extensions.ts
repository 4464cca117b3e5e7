import {
  archiveKeyIdOf,
  fromB64,
  isSmimpError,
  sealedExtensions,
  toB64,
  type Hex32,
  type MessageExtensions,
  type RandomBytes,
  type Timestamp,
} from "@smimp/protocol";
import { archiveKey, archiveKeyOf } from "../archive-keys.ts";
import { markDirty } from "../keystore/state.ts";
import type { StorageReader, StorageWriter } from "../storage/storage.ts";

/** What the owner noted of a message, as lists show it. */
export interface Noted {
  readonly starred: boolean;
  readonly labels: readonly string[];
}

/** What was noted of a message; nothing where it can't be read, because its archive key is destroyed or it is no such text. */
export async function readExtensions(reader: StorageReader, messageId: Hex32, sealed: string | null): Promise<Noted> {
  const { starred = false, labels = [] } = await openExtensions(reader, messageId, sealed);
  return { starred, labels: [...new Set(labels)] };
}

/** The whole text of a message's extensions, members of other clients included; empty where it can't be read. */
export async function openExtensions(reader: StorageReader, messageId: Hex32, sealed: string | null): Promise<MessageExtensions> {
  if (sealed === null) return {};
  try {
    const bytes = fromB64(sealed);
    const key = await archiveKey(reader, archiveKeyIdOf(bytes));
    return key === null ? {} : sealedExtensions.open(key, messageId, bytes);
  } catch (error) {
    if (isSmimpError(error)) return {};
    throw error;
  }
}

/** Whether extensions are sealed with an archive key that is not here: destroyed, or made by another device a moment ago. */
export async function isSealedToUnknown(reader: StorageReader, sealed: string | null): Promise<boolean> {
  if (sealed === null) return false;
  try {
    return (await archiveKey(reader, archiveKeyIdOf(fromB64(sealed)))) === null;
  } catch (error) {
    if (isSmimpError(error)) return false;
    throw error;
  }
}

/**
 * Seals extensions under the key that the message itself is archived with, so that what burns the one burns the other; under the
 * month's where it is not archived. Throws `too_large` and `bad_request`.
 */
export async function sealExtensions(
  writer: StorageWriter,
  { messageId, archive }: { readonly messageId: Hex32; readonly archive: string | null },
  text: MessageExtensions,
  { now, random }: { readonly now: Timestamp; readonly random: RandomBytes },
): Promise<string> {
  const own = archive === null ? null : await archiveKey(writer, archiveKeyIdOf(fromB64(archive)));
  if (own !== null) return toB64(sealedExtensions.seal(own, messageId, text, random));
  const { key, fresh } = await archiveKeyOf(writer, now, random);
  if (fresh) await markDirty(writer);
  return toB64(sealedExtensions.seal(key, messageId, text, random));
}

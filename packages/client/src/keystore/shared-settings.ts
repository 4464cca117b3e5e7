import { addSeconds, SECOND, type JsonValue, type SharedSetting, type Timestamp } from "@smimp/protocol";
import { documents } from "../storage/documents.ts";
import type { StorageReader, StorageWriter } from "../storage/storage.ts";
import { markDirty } from "./state.ts";

/** A setting that all devices of a person share, and when it was set (protocol section 8: `settings.shared`). */
export type SharedSettingDocument = SharedSetting;

const settings = documents<SharedSettingDocument>("shared-settings");

/** A shared setting's value; undefined where it was never set. Whoever reads it checks its shape: other clients set it too. */
export async function sharedSetting(reader: StorageReader, name: string): Promise<unknown> {
  return (await settings.get(reader, name))?.value;
}

/** Sets a shared setting, as part of a transaction; the other devices have it after their next sync. */
export async function setSharedSetting(writer: StorageWriter, name: string, value: JsonValue, now: Timestamp): Promise<void> {
  const before = await settings.get(writer, name);
  settings.put(writer, name, { value, at: laterThan(before?.at, now) });
  await markDirty(writer);
}

/** All of them. */
export async function sharedSettings(reader: StorageReader): Promise<Record<string, SharedSettingDocument>> {
  return Object.fromEntries((await settings.list(reader)).map(({ key, document }) => [key, document]));
}

/** Takes over what was found to be the later one. */
export function adoptSharedSetting(writer: StorageWriter, name: string, { value, at }: SharedSettingDocument): void {
  settings.put(writer, name, { value, at });
}

/** Now, or a second after what it replaces: another device's clock may be ahead, and what its owner did last shall count. */
export function laterThan(before: Timestamp | undefined, now: Timestamp): Timestamp {
  return before === undefined || before < now ? now : addSeconds(before, SECOND);
}

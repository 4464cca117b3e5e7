import type { Device } from "../device.ts";
import { documentsOn, type Disk } from "../disk.ts";
import { assure } from "../../violation.ts";

interface StoredKey {
  readonly seed: string | null;
  readonly used_by: string | null;
  readonly expires_at: string;
}

/**
 * What is to be destroyed is gone from a device that has just synced and sent everything: secrets of opened messages, expired
 * ones, the recovery phrase, contents and envelopes of what was sent (protocol sections 4 and 8).
 */
export function assureDestroyed({ name, disk }: Device, syncBegan: string, burnedBefore: string | null): void {
  for (const { month } of documentsOn<{ month: string }>(disk, "archive-keys").values()) {
    assure(burnedBefore === null || month >= burnedBefore, `${name} still holds the archive key of ${month}, which was burned`);
  }

  for (const [keyId, { seed, used_by: user, expires_at: end }] of documentsOn<StoredKey>(disk, "message-keys")) {
    assure(user === null || seed === null, `${name} still holds the secret of key ${keyId}, which has opened its message`);
    assure(end > syncBegan, `${name} still holds key ${keyId}, which has expired`);
  }
  for (const { opening } of documentsOn<{ opening: unknown }>(disk, "account").values()) {
    assure(opening === null, `${name} still holds the recovery phrase`);
  }
  const unsent = unsentEntries(disk);
  for (const key of disk.collections.get("outbox-content")?.keys() ?? []) {
    assure(unsent.has(key.slice(0, key.indexOf("/"))), `${name} still holds the content of an attachment that was sent`);
  }
}

function unsentEntries(disk: Disk): ReadonlySet<string> {
  const unsent = new Set<string>();
  for (const [key, { state }] of documentsOn<{ state: string }>(disk, "outbox-copies")) {
    assure(state !== "sent" || disk.collections.get("outbox-under-way")?.has(key) !== true, `an envelope that was sent is still kept`);
    // What failed can be sent again for a week.
    if (state !== "sent") unsent.add(key.slice(0, key.indexOf("/")));
  }
  return unsent;
}

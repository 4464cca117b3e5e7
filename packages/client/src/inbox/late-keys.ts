import { isSmimpError, SmimpError, type ArchiveKey, type StoredMessage } from "@smimp/protocol";
import type { Storage } from "../storage/storage.ts";
import { keystoreStates, ONLY } from "../keystore/state.ts";
import type { TakenIn } from "./arrival.ts";
import type { Mailbox } from "./mailbox.ts";
import { takeIn, type TakeInParts, type Waited } from "./take-in.ts";

/** What taking in works with where another device may have made or used a key a moment ago. */
export type LateKeysParts = TakeInParts & {
  readonly mailbox: Mailbox;
  /** Takes over what other devices saved in the keystore. */
  readonly pullKeys: () => Promise<void>;
};

/**
 * Takes a message in. Where no key here opens it, another device may have published the key since, or have opened the message and
 * destroyed the secret: the keystore was saved before either showed, so it is looked at, and the message is fetched, once more.
 */
export async function takeInWithLateKeys(
  parts: LateKeysParts,
  message: StoredMessage,
  archiveKey: ArchiveKey,
  waited?: Waited,
): Promise<TakenIn> {
  try {
    return await takeIn(parts, message, archiveKey, { ...(waited === undefined ? {} : { waited }), keyMayCome: true });
  } catch (error) {
    if (!isSmimpError(error, "key_unknown")) throw error;
  }
  await parts.pullKeys();
  await assertReadable(parts.storage);
  const again = await fetchedAgain(parts, message);
  return await takeIn(parts, again, archiveKey, waited === undefined ? {} : { waited });
}

/** While another device changes the keys, nobody can say that a key is unknown. */
async function assertReadable(storage: Storage): Promise<void> {
  if ((await keystoreStates.get(storage, ONLY))?.unreadable === undefined) return;
  throw new SmimpError("temporarily_unavailable", "another device is changing your keys", { retryAfter: 60 });
}

async function fetchedAgain({ mailbox }: LateKeysParts, message: StoredMessage): Promise<StoredMessage> {
  for await (const delivered of mailbox.messages([message.message_id])) if (delivered !== "unreadable") return delivered;
  return message;
}

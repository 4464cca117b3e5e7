import {
  isSmimpError,
  messageIdOf,
  parseEnvelope,
  wipe,
  type ArchiveKey,
  type Clock,
  type EnvelopeDocument,
  type Pin,
  type RandomBytes,
  type StoredMessage,
} from "@smimp/protocol";
import { isBurned } from "../keys/burned.ts";
import type { NoticeBoard } from "../notices.ts";
import { isPassing } from "../outbox/back-off.ts";
import type { People } from "../people.ts";
import type { Self } from "../self.ts";
import type { Storage } from "../storage/storage.ts";
import { NOTHING, type Arrived, type TakenIn } from "./arrival.ts";
import { getMessage, getUnopened, wasRemoved } from "./documents.ts";
import { openArchived, openMessage, type Opened } from "./opening.ts";
import { knownSender } from "./sender.ts";
import { storeBurned, storeInvalid, storeOpened, storeWaiting } from "./storing.ts";

/** What taking messages in works with. */
export interface TakeInParts {
  readonly storage: Storage;
  readonly people: People;
  readonly self: Self;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly notices: NoticeBoard;
}

/** What is known of the sender of a message that had to wait. */
export interface Waited {
  /** What was pinned when the message was first seen (protocol section 6). */
  readonly pinWhenSeen: Pin | null;
  /** Their history was fetched just now, or what is finally wrong with it. */
  readonly outcome: "fetched" | Error;
}

/** How a message is taken in. */
export interface TakeInOptions {
  /** Set for a message that had to wait. */
  readonly waited?: Waited;
  /** Throws `key_unknown`, storing nothing, where no key here opens it: another device may know one. */
  readonly keyMayCome?: boolean;
}

/** A server that shows senders another history must not escape by showing its owner none (protocol section 6). */
const OWN_WITHHELD = "a message names a record of yours that you don't know, and your own server can't be asked for it now";

/**
 * Takes one message in: verifies, opens, and stores it sealed under the month's archive key, all in one transaction. What can't
 * be verified or opened is stored with the reason and never shown. A message whose sender's history is not at hand waits: nothing
 * is fetched here. `waited` is set for one that had to.
 */
export async function takeIn(
  parts: TakeInParts,
  message: StoredMessage,
  archiveKey: ArchiveKey,
  { waited, keyMayCome = false }: TakeInOptions = {},
): Promise<TakenIn> {
  const { storage, people, notices } = parts;
  const messageId = messageIdOf(message.envelope);
  const document = parsed(message);
  if (document === null || messageId !== message.message_id) {
    const notice = { code: "bad_request", messageId, detail: "your server delivered something that is no message" } as const;
    return { ...NOTHING, notice: await storage.transact(async (writer) => notices.post(writer, notice)) };
  }
  if ((await wasRemoved(storage, messageId)) || (waited === undefined && (await isHere(storage, messageId)))) return NOTHING;

  const arrived: Arrived = { message, document, messageId, archiveKey };
  try {
    const opened = await openArchived(storage, people, arrived);
    if (opened !== null) return await store(parts, arrived, opened, false);
  } catch (error) {
    return await storeInvalid(parts, arrived, error);
  }
  if (await isBurned(storage, storage, message.archive)) return await storeBurned(parts, arrived);
  if (waited !== undefined && waited.outcome !== "fetched") return await storeInvalid(parts, arrived, waited.outcome);
  const sender = await knownSender(people, { from: document.from, fromLink: document.from_link, waited });
  if (sender === null) return await storeWaiting(parts, arrived, { pinWhenSeen: (await people.document(document.from))?.pin ?? null });
  const { pinWhenSeen, withheld } = sender;
  try {
    const opened = await openMessage(parts, { ...arrived, sender: sender.chain, pinWhenSeen });
    if (opened === null) return NOTHING;
    return await store(parts, arrived, opened, pinWhenSeen === null);
  } catch (error) {
    // The own history could not be looked at: that is no fault of the message.
    if (isSmimpError(error) && isPassing(error.code)) {
      return await storeWaiting(parts, arrived, { pinWhenSeen, failed: true, withheld: OWN_WITHHELD });
    }
    if (keyMayCome && isSmimpError(error, "key_unknown")) throw error;
    return await storeInvalid(parts, arrived, error, withheld);
  }
}

async function store(parts: TakeInParts, arrived: Arrived, opened: Opened, firstContact: boolean): Promise<TakenIn> {
  const taken = await storeOpened(parts, arrived, opened, firstContact);
  wipe(opened.prk, opened.plaintext);
  return taken;
}

/** Whether nothing more is to be had of it. */
async function isHere(storage: Storage, messageId: Arrived["messageId"]): Promise<boolean> {
  const message = await getMessage(storage, messageId);
  return message !== null && message.envelope !== null && (await getUnopened(storage, messageId)) === null;
}

function parsed({ envelope }: StoredMessage): EnvelopeDocument | null {
  try {
    return parseEnvelope(envelope.data);
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return null;
  }
}

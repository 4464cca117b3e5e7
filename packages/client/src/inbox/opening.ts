import {
  archiveKeyIdOf,
  fromB64,
  isSmimpError,
  openArchive,
  openEnvelope,
  openWithPrk,
  parseEnvelope,
  recordAt,
  recordKeysOf,
  SmimpError,
  type Chain,
  type EnvelopeDocument,
  type Hex32,
  type OpenedEnvelope,
  type Pin,
  type Statement,
  type StoredMessage,
} from "@smimp/protocol";
import { archiveKey } from "../archive-keys.ts";
import { openingKey, userOf } from "../message-keys.ts";
import type { People } from "../people.ts";
import type { Self } from "../self.ts";
import type { StorageReader } from "../storage/storage.ts";

/** What opening works with. */
export interface OpeningParts {
  readonly storage: StorageReader;
  readonly people: People;
  readonly self: Self;
}

/** A message whose sender's history is at hand. */
export interface MessageToOpen {
  readonly message: StoredMessage;
  readonly document: EnvelopeDocument;
  readonly messageId: Hex32;
  readonly sender: Chain;
  readonly pinWhenSeen: Pin | null;
}

/** What is used of an opened envelope. */
export interface Opened extends Pick<OpenedEnvelope, "plaintext" | "prk" | "revokedKey" | "formerKey"> {
  /** Opened by what the server holds in `archive`, which thus opens it again. */
  readonly fromArchive: boolean;
}

/**
 * Verifies and opens a message (protocol section 6); null where it was opened here before and is only shown again by the server.
 * Throws what is wrong with it: its content is never seen then.
 */
export async function openMessage({ storage, people, self }: OpeningParts, toOpen: MessageToOpen): Promise<Opened | null> {
  const { message, document, messageId, sender, pinWhenSeen } = toOpen;
  const messageKeys = await openingKey(storage, document.key_id);
  const open = async (): Promise<Opened> => {
    const { chain } = await people.find(self.address);
    const me = { address: self.address, records: recordKeysOf(chain), messageKeys };
    return { ...openEnvelope({ statement: message.envelope, me, sender, pinWhenSeen }), fromArchive: false };
  };
  try {
    return await open();
  } catch (error) {
    if (isSmimpError(error, "own_history_mismatch")) {
      // Another device of the owner's may have appended a record that this one hasn't seen.
      await people.resolve(self.address);
      return await open();
    }
    if (!isSmimpError(error, "key_unknown")) throw error;
    // The signature holds here: this is no one's attempt to raise a false alarm.
    const user = await userOf(storage, document.key_id);
    assertOneUse(user, messageId);
    if (user === messageId) return null;
    throw error;
  }
}

/**
 * Opens what a device of the owner's has archived; null where it has no archive that opens it. Whoever archived it had verified it
 * before: `archive` belongs to this message_id, the digest of what was signed, and nobody else holds the archive key. So neither
 * the sender's history nor their server is needed. Throws `key_used_twice`.
 */
export async function openArchived(
  storage: StorageReader,
  people: Pick<People, "known">,
  { message, document, messageId }: Pick<MessageToOpen, "message" | "document" | "messageId">,
): Promise<Opened | null> {
  if (message.archive === null) return null;
  try {
    const prk = await prkOf(storage, messageId, fromB64(message.archive));
    const plaintext = openWithPrk(prk, document);
    assertOneUse(await userOf(storage, document.key_id), messageId);
    const chain = (await people.known(document.from))?.chain;
    const record = chain === undefined ? undefined : recordAt(chain, document.from_link);
    const revokedKey = record !== undefined && isRevoked(chain, record.document.sequence);
    return { plaintext, prk, revokedKey, formerKey: false, fromArchive: true };
  } catch (error) {
    // What a server put there: the message is judged by itself.
    if (isSmimpError(error) && !isSmimpError(error, "key_used_twice")) return null;
    throw error;
  }
}

/** A single-use key that two messages name was issued twice (protocol section 4). */
function assertOneUse(user: Hex32 | null, messageId: Hex32): void {
  if (user !== null && user !== messageId) throw new SmimpError("key_used_twice", "a single-use key was issued twice");
}

function isRevoked(chain: Chain | undefined, sequence: number): boolean {
  return chain?.records.some((later) => later.document.sequence > sequence && later.signedBy === "recovery") === true;
}

/** Opens a message again that was opened here before. Throws `key_unknown` once its archive key is destroyed. */
export async function reopen(
  storage: StorageReader,
  statement: Statement,
  messageId: Hex32,
  archive: Uint8Array,
): Promise<{
  readonly document: EnvelopeDocument;
  readonly plaintext: Uint8Array;
}> {
  // Its signature was verified before it was stored, and the storage is authentic.
  const document = parseEnvelope(statement.data);
  const prk = await prkOf(storage, messageId, archive);
  try {
    return { document, plaintext: openWithPrk(prk, document) };
  } finally {
    prk.fill(0);
  }
}

async function prkOf(storage: StorageReader, messageId: Hex32, archive: Uint8Array): Promise<Uint8Array> {
  const key = await archiveKey(storage, archiveKeyIdOf(archive));
  if (key === null) throw new SmimpError("key_unknown", "the archive key of this message is destroyed");
  return openArchive(key, messageId, archive);
}

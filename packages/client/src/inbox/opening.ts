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
  verifyStatement,
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
export type Opened = Pick<OpenedEnvelope, "plaintext" | "prk" | "revokedKey" | "formerKey">;

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
    return openEnvelope({ statement: message.envelope, me, sender, pinWhenSeen });
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
    const user = await userOf(storage, document.key_id);
    // The signature holds here: this is no one's attempt to raise a false alarm.
    if (user !== null && user !== messageId) throw new SmimpError("key_used_twice", "a single-use key was issued twice");
    if (message.archive !== null)
      return await openArchived(storage, message.envelope, document, messageId, sender, fromB64(message.archive));
    if (user === messageId) return null;
    throw error;
  }
}

/** Opens what another device of the owner's has archived. */
async function openArchived(
  storage: StorageReader,
  statement: Statement,
  document: EnvelopeDocument,
  messageId: Hex32,
  sender: Chain,
  archive: Uint8Array,
): Promise<Opened> {
  const record = recordAt(sender, document.from_link);
  if (record === undefined) throw new SmimpError("bad_signature", "the sender's history holds no such record");
  verifyStatement("envelope", record.document.public_key, statement);
  const prk = await prkOf(storage, messageId, archive);
  const revokedKey = sender.records.some((later) => later.document.sequence > record.document.sequence && later.signedBy === "recovery");
  return { plaintext: openWithPrk(prk, document), prk, revokedKey, formerKey: false };
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

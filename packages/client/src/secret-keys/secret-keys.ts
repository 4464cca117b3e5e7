import {
  fromB64,
  isSmimpError,
  parseSecretKey,
  SECRET_TYPES,
  SmimpError,
  toB64,
  toHex32,
  type Hex32,
  type RandomBytes,
} from "@smimp/protocol";
import type { SecretKeys } from "../rooms/secret-keys.ts";
import { getMessage } from "../inbox/documents.ts";
import { reopen } from "../inbox/opening.ts";
import type { SecretKey } from "../model.ts";
import type { OutboxRoom } from "../outbox/outbox.ts";
import type { Storage } from "../storage/storage.ts";
import { deleteAccepted, getPending, listAccepted, listPending } from "./documents.ts";
import { accept, ACCEPTED, shownKey } from "./reading.ts";

/** What handed-over keys work with. */
export interface SecretKeyParts {
  readonly storage: Storage;
  readonly outbox: OutboxRoom;
  readonly random: RandomBytes;
  /** Notes something about a message, for all devices. */
  note(messageId: Hex32, name: string, value: boolean): Promise<void>;
  /** Deletes a message here and on the server. */
  remove(messageId: Hex32): Promise<void>;
}

/** Keys that people hand over to each other (protocol section 9). */
export function createSecretKeys(parts: SecretKeyParts): SecretKeys {
  const { storage, outbox, random, note, remove } = parts;

  async function acceptKey(messageId: Hex32): Promise<SecretKey> {
    const pending = await getPending(storage, messageId);
    const message = await getMessage(storage, messageId);
    if (pending === null || message === null || message.envelope === null || message.archive === null) {
      throw new SmimpError("not_found", "no such key waits");
    }
    const { plaintext } = await reopen(storage, message.envelope, messageId, fromB64(message.archive));
    const transfer = parseSecretKey(plaintext);
    plaintext.fill(0);
    await storage.transact(async (writer) => await Promise.resolve(accept(writer, pending, transfer)));
    try {
      await note(messageId, ACCEPTED, true);
    } catch (error) {
      // The other devices go on asking: that costs a click and loses nothing.
      if (!isSmimpError(error)) throw error;
    }
    return shownKey({ ...pending, key: transfer.key });
  }

  return {
    pending: async () => await listPending(storage),
    accept: acceptKey,
    decline: async (messageId) => {
      if ((await getPending(storage, messageId)) === null) throw new SmimpError("not_found", "no such key waits");
      await remove(messageId);
    },
    list: async () => (await listAccepted(storage)).map(shownKey),
    remove: async (messageId) => {
      await storage.transact(async (writer) => await Promise.resolve(deleteAccepted(writer, messageId)));
      await remove(messageId);
    },
    send: async (to, { kind, name, algorithm, key, note: words }, options = {}) => {
      const ref = toHex32(random(32));
      const secret = { ref, name, algorithm, key: toB64(key), ...(words === undefined ? {} : { note: words }) };
      return await outbox.send({ messageType: SECRET_TYPES[kind], payload: { secret }, ref, recipients: [to] }, options);
    },
  };
}

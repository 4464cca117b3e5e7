import { fromB64, parseSecretKey, SECRET_TYPES, type MessageType, type SecretKeyTransfer } from "@smimp/protocol";
import type { OpenMessage, Placed, Reading } from "../inbox/arrival.ts";
import { openExtensions } from "../inbox/extensions.ts";
import type { PendingSecretKey, SecretKey } from "../model.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { deletePending, putAccepted, putPending, type AcceptedDocument, type PendingDocument } from "./documents.ts";

/** What the owner's devices note of a message whose key was accepted. */
export const ACCEPTED = "accepted";

/** What becomes of a key that somebody hands over: it waits, and is imported only once its owner says so (protocol section 9). */
export async function readSecretKey(storage: Storage, message: OpenMessage): Promise<Reading> {
  const { document, messageId, marks, plaintext } = message;
  const transfer = parseSecretKey(plaintext);
  const { name, algorithm, note = "" } = transfer;
  const kind = kindOf(document.message_type);
  const receivedAt = message.message.received_at;
  const pending: PendingDocument = { messageId, from: document.from, kind, name, algorithm, note, receivedAt, marks };
  const noted = await openExtensions(storage, messageId, message.message.extensions);
  return {
    ref: transfer.ref,
    put: async (writer): Promise<Placed> => {
      const placed = { place: "secret", listKey: null, summary: null, sealed: { subject: name, text: "" } } as const;
      // The owner said yes on another device.
      if (noted[ACCEPTED] === true) return { ...placed, event: await Promise.resolve(accept(writer, pending, transfer)) };
      putPending(writer, pending);
      return { ...placed, event: { type: "secret-key", key: pending } };
    },
  };
}

/** Imports a key. Nothing else does. */
export function accept(writer: StorageWriter, pending: PendingDocument, { key }: SecretKeyTransfer): null {
  deletePending(writer, pending.messageId);
  putAccepted(writer, { ...pending, key });
  return null;
}

/** An accepted key as callers see it. */
export function shownKey(document: AcceptedDocument): SecretKey {
  return { ...document, key: fromB64(document.key) };
}

function kindOf(messageType: MessageType): PendingSecretKey["kind"] {
  if (messageType === SECRET_TYPES.signing) return "signing";
  return messageType === SECRET_TYPES.message ? "message" : "symmetric";
}

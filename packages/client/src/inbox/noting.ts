import {
  hash,
  isSmimpError,
  SmimpError,
  toHex,
  utf8,
  type Clock,
  type Hex32,
  type MessageExtensions,
  type RandomBytes,
} from "@smimp/protocol";
import type { Keystore } from "../keystore/keystore.ts";
import { isUnsaved } from "../keystore/state.ts";
import type { Storage } from "../storage/storage.ts";
import { getMessage } from "./documents.ts";
import { isSealedToUnknown, openExtensions, sealExtensions } from "./extensions.ts";
import type { Mailbox } from "./mailbox.ts";
import { applyServerState } from "./server-state.ts";

/** Times that a change is made anew because another device was faster. */
const MAX_ROUNDS = 5;

/** What noting works with. */
export interface NotingParts {
  readonly storage: Storage;
  readonly mailbox: Mailbox;
  readonly keystore: Keystore;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/**
 * Changes what the owner's devices note about a message (protocol section 8), on the server and here. What another device noted
 * meanwhile stays. Throws `not_found`, `too_large`, `bad_request`.
 */
export async function changeExtensions(
  parts: NotingParts,
  messageId: Hex32,
  change: (text: MessageExtensions) => MessageExtensions,
): Promise<void> {
  const { storage, mailbox, keystore, clock, random } = parts;
  // Another device's key may have sealed what is to be changed.
  const known = await getMessage(storage, messageId);
  if (known !== null && (await isSealedToUnknown(storage, known.extensions))) await keystore.pull({ force: true });
  for (let round = 1; ; round++) {
    const { before, sealed, unsaved } = await storage.transact(async (writer) => {
      const message = await getMessage(writer, messageId);
      if (message === null) throw new SmimpError("not_found", "there is no such message");
      const text = change(await openExtensions(writer, messageId, message.extensions));
      const sealed = await sealExtensions(writer, message, text, { now: clock(), random });
      return { before: message.extensions, sealed, unsaved: await isUnsaved(writer) };
    });
    // Nobody could read what is sealed with a key that only this device has.
    if (unsaved) await keystore.save();
    try {
      await mailbox.setExtensions(messageId, sealed, before === null ? null : etagOf(before));
      await storage.transact(async (writer) => {
        const message = await getMessage(writer, messageId);
        if (message !== null) await applyServerState(storage, writer, messageId, { extensions: sealed });
      });
      return;
    } catch (error) {
      if (!isSmimpError(error, "precondition_failed") || round >= MAX_ROUNDS) throw error;
      await refresh(parts, messageId);
    }
  }
}

async function refresh({ storage, mailbox, keystore }: NotingParts, messageId: Hex32): Promise<void> {
  for await (const message of mailbox.messages([messageId])) {
    if (message === "unreadable") continue;
    if (await isSealedToUnknown(storage, message.extensions)) await keystore.pull({ force: true });
    await storage.transact(async (writer) => await applyServerState(storage, writer, messageId, message));
  }
}

/** The ETag of `extensions` as they travel (protocol section 12). */
function etagOf(sealed: string): string {
  return `"${toHex(hash(utf8(sealed)))}"`;
}

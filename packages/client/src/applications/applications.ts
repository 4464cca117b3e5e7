import { fromB64, parseMessageType, SmimpError, toB64, type Hex32, type MessageType } from "@smimp/protocol";
import type { Applications } from "../rooms/applications.ts";
import { getMessage } from "../inbox/documents.ts";
import { reopen } from "../inbox/opening.ts";
import type { ApplicationMessage } from "../model.ts";
import type { OutboxRoom } from "../outbox/outbox.ts";
import type { Storage } from "../storage/storage.ts";
import { listApplicationLines, type ApplicationLine } from "./documents.ts";

/** Messages in a page where no limit is asked for. */
const DEFAULT_LIMIT = 100;

/** What applications' messages work with. */
export interface ApplicationParts {
  readonly storage: Storage;
  readonly outbox: OutboxRoom;
  /** Deletes a message here and on the server. */
  remove(messageId: Hex32): Promise<void>;
}

/** Messages that programs send each other (protocol section 9, `x-custom-`). */
export function createApplications({ storage, outbox, remove }: ApplicationParts): Applications {
  return {
    send: async (to, type, bytes, options = {}) => {
      const recipients = typeof to === "string" ? [to] : to;
      return await outbox.send({ messageType: customType(type), payload: { custom: toB64(bytes) }, recipients }, options);
    },
    list: async (type, { limit = DEFAULT_LIMIT, after } = {}) => {
      const last = after === undefined ? null : ((await getMessage(storage, after))?.listKey ?? null);
      const page = { limit, ...(last === null ? {} : { after: last }) };
      const found: ApplicationMessage[] = [];
      for (const line of await listApplicationLines(storage, storage, customType(type), page)) found.push(await withBytes(storage, line));
      return found;
    },
    remove,
  };
}

/** A type that applications may choose. Throws `bad_request`. */
function customType(type: string): MessageType {
  const parsed = parseMessageType(type);
  if (!parsed.startsWith("x-custom-")) throw new SmimpError("bad_request", "applications' messages have types that begin with x-custom-");
  return parsed;
}

async function withBytes(storage: Storage, line: ApplicationLine): Promise<ApplicationMessage> {
  const message = await getMessage(storage, line.messageId);
  if (message?.archive === undefined || message.archive === null || message.envelope === null) {
    throw new SmimpError("not_found", "there is no such message");
  }
  const { plaintext } = await reopen(storage, message.envelope, line.messageId, fromB64(message.archive));
  return { ...line, bytes: plaintext };
}

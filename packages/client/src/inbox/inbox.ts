import { type Clock, type Hex32 } from "@smimp/protocol";
import type { Inbox } from "../client.ts";
import type { Storage } from "../storage/storage.ts";
import { forgetMessage, getMessage, getSummary, listSummaries, putSummary } from "./documents.ts";
import type { Mailbox } from "./mailbox.ts";
import { readAttachment, readMessage, type ReadingParts } from "./reading.ts";
import type { Sync } from "./sync.ts";

/** What the inbox works with. */
export type InboxParts = ReadingParts & {
  readonly storage: Storage;
  readonly mailbox: Mailbox;
  readonly sync: Sync;
  readonly clock: Clock;
};

/** The inbox as it was last synced. */
export function createInbox(parts: InboxParts): Inbox {
  const { storage, mailbox, sync, clock } = parts;
  return {
    list: async ({ limit, after } = {}) => {
      const last = after === undefined ? null : await getMessage(storage, after);
      return await listSummaries(storage, {
        ...(limit === undefined ? {} : { limit }),
        ...(last === null || last.listKey === null ? {} : { after: last.listKey }),
      });
    },
    read: async (messageId) => await readMessage(storage, messageId),
    attachment: (messageId, index, options) => readAttachment(parts, messageId, index, options),
    setRead: async (messageId: Hex32, read: boolean) => {
      await mailbox.setRead(messageId, read);
      sync.expectEcho(messageId);
      await storage.transact(async (writer) => {
        const message = await getMessage(writer, messageId);
        const summary = message === null || message.listKey === null ? null : await getSummary(writer, message.listKey);
        if (summary !== null) putSummary(writer, { ...summary, read });
      });
    },
    remove: async (messageId) => {
      // The server first: what it keeps would come back on other devices.
      await mailbox.remove(messageId);
      await storage.transact(async (writer) => await forgetMessage(writer, messageId, clock()));
    },
  };
}

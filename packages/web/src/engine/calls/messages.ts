import type { InboxListOptions } from "@smimp/client";
import type { Address, Hex32 } from "@smimp/protocol";
import type { CallTable } from "../call.ts";
import type { House } from "../house.ts";
import type { Topic } from "../protocol.ts";

/** Calls for reading and filing messages. `changed` tells views what to look at again. */
export function messageCalls({ client }: Pick<House, "client">, changed: (...topics: Topic[]) => void) {
  const filed = (): void => changed("messages", "folders");
  return {
    "inbox.list": async (_context, options: InboxListOptions) => await client().inbox.list(options),
    "inbox.threads": async (_context, options: InboxListOptions) => await client().inbox.threads(options),
    "inbox.thread": async (_context, threadId: Hex32) => await client().inbox.thread(threadId),
    "inbox.conversation": async (_context, people: readonly Address[]) => await client().inbox.conversation(people),
    "inbox.count": async (_context, options: Omit<InboxListOptions, "limit" | "after">) => await client().inbox.count(options),
    "inbox.labels": async () => await client().inbox.labels(),
    "inbox.read": async (_context, messageId: Hex32) => await client().inbox.read(messageId),
    /** The attachment, verified whole, as bytes that the browser may keep on its disk. */
    "inbox.attachment": async ({ onProgress, signal }, messageId: Hex32, index: number, mediaType: string) => {
      const pieces: Blob[] = [];
      for await (const piece of client().inbox.attachment(messageId, index, { onProgress, signal })) {
        pieces.push(new Blob([Uint8Array.from(piece)]));
      }
      return new Blob(pieces, { type: mediaType });
    },
    "inbox.setRead": async (_context, messageIds: readonly Hex32[], read: boolean) => {
      await client().inbox.setRead(messageIds, read);
      filed();
    },
    "inbox.star": async (_context, messageIds: readonly Hex32[], starred: boolean) => {
      await client().inbox.star(messageIds, starred);
      filed();
    },
    "inbox.label": async (_context, messageIds: readonly Hex32[], change: { add?: readonly string[]; remove?: readonly string[] }) => {
      await client().inbox.label(messageIds, change);
      filed();
    },
    "inbox.remove": async (_context, messageIds: readonly Hex32[]) => {
      await client().inbox.removeMany(messageIds);
      filed();
    },
    "folders.list": async () => await client().folders.list(),
    "folders.create": async (_context, folder: { name: string; role?: "archive" | "junk" | "trash"; parent?: string | null }) => {
      const created = await client().folders.create(folder);
      changed("folders");
      return created;
    },
    "folders.rename": async (_context, id: string, name: string) => {
      await client().folders.rename(id, name);
      changed("folders");
    },
    "folders.remove": async (_context, id: string) => {
      await client().folders.remove(id);
      changed("folders");
    },
    "folders.move": async (_context, messageIds: readonly Hex32[], folder: string | null) => {
      await client().folders.move(messageIds, folder);
      filed();
    },
  } satisfies CallTable;
}

import type { Folder, InboxSummary, ThreadListOptions } from "@smimp/client";
import type { Address, Hex32 } from "@smimp/protocol";
import type { CallTable } from "../call.ts";
import type { House } from "../house.ts";
import type { Topic } from "../protocol.ts";

/** A list of threads, without a page of it. */
export type ThreadList = Omit<ThreadListOptions, "limit" | "after" | "skip">;

/** A thread in a list, as far as it takes to find its messages; `threadId` is null for a message that stands alone. */
export interface ThreadRef {
  readonly threadId: Hex32 | null;
  readonly messageId: Hex32;
}

/** What has to be known of a message to do something with it, and to take that back. */
export type FiledMessage = Pick<
  InboxSummary,
  "messageId" | "threadId" | "from" | "recipients" | "own" | "state" | "folder" | "read" | "starred" | "labels"
>;

/** How much stands in each place, for the list of places. */
export interface PlaceCounts {
  readonly inbox: number;
  readonly chats: number;
  readonly drafts: number;
  readonly outbox: number;
  /** Copies that could not be sent. */
  readonly failed: number;
  readonly folders: readonly Folder[];
  /** `id` says nothing outside this mailbox. */
  readonly labels: readonly { readonly id: string; readonly label: string; readonly unread: number }[];
}

/** Characters of a label's id: enough to tell a person's labels apart. */
const LABEL_ID = 16;
/** Threads that are looked up at once. */
const PAGE = 200;

/** Calls for reading and filing messages. `changed` tells views what to look at again. */
export function messageCalls(
  { client, storage, hurry }: Pick<House, "client" | "storage" | "hurry">,
  changed: (...topics: Topic[]) => void,
) {
  const labelId = (label: string): string => storage().hiddenKey("label of a place", label).slice(0, LABEL_ID);
  const filed = (): void => changed("messages", "folders");
  const unreadIn = async (list: ThreadList): Promise<number> => (await client().inbox.countThreads(list)).unreadThreads;

  async function messagesOf(list: ThreadList, { threadId, messageId }: ThreadRef): Promise<readonly InboxSummary[]> {
    if (threadId !== null) return await client().inbox.threadIn(threadId, list);
    const alone = await client().inbox.get(messageId);
    return alone === null ? [] : [alone];
  }

  return {
    "inbox.threads": async (_context, options: ThreadListOptions) => await client().inbox.threads(options),
    "inbox.countThreads": async (_context, list: ThreadList) => await client().inbox.countThreads(list),
    "inbox.thread": async (_context, threadId: Hex32) => await client().inbox.thread(threadId),
    /** The text of a label, by its id; null where no message has it. */
    "inbox.labelOf": async (_context, id: string): Promise<string | null> =>
      (await client().inbox.labels()).find(({ label }) => labelId(label) === id)?.label ?? null,
    "inbox.labels": async () => await client().inbox.labels(),
    "inbox.summary": async (_context, messageId: Hex32) => await client().inbox.get(messageId),
    "inbox.read": async (_context, messageId: Hex32) => await client().inbox.read(messageId),
    /** All messages of some threads that stand in a list, or with null of all its threads. */
    "inbox.messagesOf": async (
      { signal, onProgress },
      list: ThreadList,
      threads: readonly ThreadRef[] | null,
    ): Promise<readonly FiledMessage[]> => {
      const found: FiledMessage[] = [];
      const total = threads?.length ?? (await client().inbox.countThreads(list)).total;
      const told = (done: number): void => onProgress({ step: "gather", to: null, name: null, done, total });
      if (threads === null) {
        for await (const page of client().inbox.messagesIn(list)) {
          signal.throwIfAborted();
          found.push(...page.map(filedOf));
          told(found.length);
        }
        return found;
      }
      for (let at = 0; at < threads.length; at += PAGE) {
        signal.throwIfAborted();
        told(at);
        const pages = await Promise.all(threads.slice(at, at + PAGE).map(async (ref) => await messagesOf(list, ref)));
        found.push(...pages.flat().map(filedOf));
      }
      return found;
    },
    "places.counts": async (): Promise<PlaceCounts> => {
      const { inbox, folders, drafts, outbox } = client();
      const [unread, chats, all, labels, written, sending] = await Promise.all([
        unreadIn({ view: "inbox" }),
        unreadIn({ kind: "chats" }),
        folders.list(),
        inbox.labels(),
        drafts.list(),
        outbox.list(),
      ]);
      return {
        inbox: unread,
        chats,
        drafts: written.length,
        outbox: sending.filter(({ copies }) => copies.some(({ state }) => state !== "sent")).length,
        failed: sending.filter(({ copies }) => copies.some(({ state }) => state === "failed")).length,
        folders: await Promise.all(all.map(async (folder) => ({ ...folder, unread: await unreadIn({ folder: folder.id }) }))),
        labels: await Promise.all(labels.map(async ({ label }) => ({ id: labelId(label), label, unread: await unreadIn({ label }) }))),
      };
    },
    /** The names that people give themselves; null where they give none. */
    "people.names": async (_context, people: readonly Address[]): Promise<readonly (string | null)[]> =>
      await client().contacts.names(people),
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
    /** The folder that is used for something, made where there is none yet. */
    "folders.ofRole": async (_context, role: "archive" | "junk" | "trash", name: string): Promise<Folder> => {
      const { folders } = client();
      const known = (await folders.list()).find((folder) => folder.role === role);
      if (known !== undefined) return known;
      const created = await folders.create({ name, role });
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
    /** The network is there again. */
    "connection.hurry": async () => await hurry(),
  } satisfies CallTable;
}

/** Of 100,000 messages everything else would be many times as much. */
function filedOf({ messageId, threadId, from, recipients, own, state, folder, read, starred, labels }: InboxSummary): FiledMessage {
  return { messageId, threadId, from, recipients, own, state, folder, read, starred, labels };
}

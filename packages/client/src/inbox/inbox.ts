import { SmimpError, type Hex32, type MessageExtensions } from "@smimp/protocol";
import type { Inbox, InboxListOptions } from "../client.ts";
import type { InboxSummary, ThreadSummary } from "../model.ts";
import { inParallel } from "../pool.ts";
import type { Self } from "../self.ts";
import type { Storage } from "../storage/storage.ts";
import { getMessage, listKeyOf } from "./documents.ts";
import { removeMessage } from "./forgetting.ts";
import { changeExtensions, type NotingParts } from "./noting.ts";
import { readAttachment, readMessage, type ReadingParts } from "./reading.ts";
import { changeSummary, countOf, getSummary, isIn, listLabels, listSummaries, type Scope } from "./summaries.ts";
import type { Sync } from "./sync.ts";
import { conversationOf, participantsOf } from "./threads.ts";

/** What the inbox works with. */
export type InboxParts = ReadingParts & NotingParts & { readonly storage: Storage; readonly self: Self; readonly sync: Sync };

/** Changes of messages on their way at the same time. */
const PARALLEL = 8;
/** Messages of a thread that are shown. */
const MAX_THREAD = 1_000;
/** Threads in a page where no limit is asked for, and lines that are looked at for one more of them. */
const DEFAULT_THREADS = 50;
const THREAD_STEP = 100;

/** The inbox as it was last synced. */
export function createInbox(parts: InboxParts): Inbox {
  const { storage, mailbox, sync, self } = parts;

  const remove = async (messageId: Hex32): Promise<void> => await removeMessage(parts, messageId);

  /** Fetches a message that is only listed so far. */
  async function whole(messageId: Hex32, signal?: AbortSignal): Promise<void> {
    const message = await getMessage(storage, messageId);
    if (message === null || message.envelope !== null) return;
    await sync.fetchOne(messageId, signal);
    if ((await getMessage(storage, messageId))?.envelope === null) throw new SmimpError("not_found", "the message is gone");
  }

  const note = async (messageIds: readonly Hex32[], change: (text: MessageExtensions) => MessageExtensions): Promise<void> =>
    await inParallel(messageIds, PARALLEL, async (messageId) => await changeExtensions(parts, messageId, change));

  async function thread(scope: Scope): Promise<readonly InboxSummary[]> {
    return (await listSummaries(storage, scope, { limit: MAX_THREAD })).toReversed();
  }

  async function threads({ limit = DEFAULT_THREADS, ...options }: InboxListOptions): Promise<readonly ThreadSummary[]> {
    const found = new Map<string, ThreadSummary>();
    const scope = scopeOf(options);
    let after = await listKeyBefore(storage, options.after);
    while (found.size < limit) {
      const page: readonly InboxSummary[] = await listSummaries(storage, scope, {
        limit: THREAD_STEP,
        ...(after === undefined ? {} : { after }),
      });
      const last = page.at(-1);
      if (last === undefined) break;
      after = listKeyOf(last);
      for (const line of page) {
        const newest = await newestOfThread(storage, scope, line);
        // A thread stands where its newest message in this list does.
        if (newest.messageId === line.messageId && found.size < limit) found.set(line.messageId, await threadOf(storage, line));
      }
    }
    return [...found.values()];
  }

  return {
    list: async ({ limit, ...options } = {}) => {
      const after = await listKeyBefore(storage, options.after);
      return await listSummaries(storage, scopeOf(options), {
        ...(limit === undefined ? {} : { limit }),
        ...(after === undefined ? {} : { after }),
      });
    },
    threads: async (options = {}) => await threads(options),
    thread: async (threadId) => await thread({ thread: threadId }),
    conversation: async (people) => await thread({ thread: conversationOf(self.address, people) }),
    count: async (options = {}) => await countOf(storage, storage, scopeOf(options)),
    labels: async () => await listLabels(storage),
    get: async (messageId) => {
      const message = await getMessage(storage, messageId);
      return message?.place !== "inbox" || message.listKey === null ? null : await getSummary(storage, message.listKey);
    },
    read: async (messageId) => {
      await whole(messageId);
      return await readMessage(storage, messageId);
    },
    attachment: async function* (messageId, index, options) {
      await whole(messageId, options?.signal);
      yield* readAttachment(parts, messageId, index, options);
    },
    setRead: async (messageIds, read) => {
      await inParallel(typeof messageIds === "string" ? [messageIds] : messageIds, PARALLEL, async (messageId) => {
        await mailbox.setRead(messageId, read);
        await storage.transact(async (writer) => await changeSummary(storage, writer, messageId, (line) => ({ ...line, read })));
      });
    },
    label: async (messageIds, { add = [], remove: taken = [] }) =>
      await note(messageIds, ({ labels = [], ...text }) => ({
        ...text,
        labels: [...new Set([...labels, ...add])].filter((label) => !taken.includes(label)),
      })),
    star: async (messageIds, starred) => await note(messageIds, (text) => ({ ...text, starred })),
    remove,
    removeMany: async (messageIds) => await inParallel(messageIds, PARALLEL, remove),
  };
}

/** What a list is narrowed to; everything where nothing is said. */
function scopeOf({ folder, label, view }: InboxListOptions): Scope {
  if (label !== undefined) return { label };
  if (folder !== undefined) return folder === null ? { view: "inbox" } : { folder };
  return { view: view ?? "all" };
}

async function listKeyBefore(storage: Storage, after: Hex32 | undefined): Promise<string | undefined> {
  return after === undefined ? undefined : ((await getMessage(storage, after))?.listKey ?? undefined);
}

async function newestOfThread(storage: Storage, scope: Scope, line: InboxSummary): Promise<InboxSummary> {
  if (line.threadId === null) return line;
  for (const each of await listSummaries(storage, { thread: line.threadId }, { limit: MAX_THREAD })) {
    if (isIn(scope, each)) return each;
  }
  return line;
}

async function threadOf(storage: Storage, latest: InboxSummary): Promise<ThreadSummary> {
  const messages =
    latest.threadId === null ? [latest] : (await listSummaries(storage, { thread: latest.threadId }, { limit: MAX_THREAD })).toReversed();
  return {
    threadId: latest.threadId,
    subject: messages[0]?.subject ?? latest.subject,
    latest,
    messages: messages.length,
    unread: messages.filter(({ read }) => !read).length,
    participants: participantsOf(messages),
  };
}

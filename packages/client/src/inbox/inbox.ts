import { SmimpError, type Hex32, type MessageExtensions } from "@smimp/protocol";
import type { Inbox, InboxListOptions, ThreadListOptions } from "../rooms/inbox.ts";
import type { InboxSummary, ThreadSummary } from "../model.ts";
import { inBatches, inParallel } from "../pool.ts";
import type { Self } from "../self.ts";
import type { Storage } from "../storage/storage.ts";
import { getMessage } from "./documents.ts";
import { removeMessage } from "./forgetting.ts";
import { oldestLine, readLines, type Line } from "./lines.ts";
import { changeExtensions, type NotingParts } from "./noting.ts";
import { readAttachment, readMessage, type ReadingParts } from "./reading.ts";
import type { Scope } from "./scopes.ts";
import { changeSummary, countOf, listLabels, listSummaries, readAheadOf, summaryOf } from "./summaries.ts";
import type { Sync } from "./sync.ts";
import { allIn, countThreads, listThreads, messagesIn, type ThreadScope, type ThreadStand } from "./thread-lists.ts";
import { conversationOf, marksOn, participantsOf } from "./threads.ts";

/** What the inbox works with. */
export type InboxParts = ReadingParts & NotingParts & { readonly storage: Storage; readonly self: Self; readonly sync: Sync };

/** Changes of messages on their way at the same time. */
const PARALLEL = 8;
/** Messages of which it is noted in one transaction that they are read. */
const AT_ONCE = 50;
/** Messages of a thread that are shown. */
const MAX_THREAD = 1_000;
/** Threads in a page where no limit is asked for. */
const DEFAULT_THREADS = 50;
/** Messages of a thread whose people a list names. */
const MAX_LOOKED_AT = 20;

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

  return {
    list: async ({ limit, ...options } = {}) => {
      const after = await listKeyBefore(storage, options.after);
      return await listSummaries(storage, scopeOf(options), {
        ...(limit === undefined ? {} : { limit }),
        ...(after === undefined ? {} : { after }),
      });
    },
    threads: async ({ limit = DEFAULT_THREADS, skip, after, ...options } = {}) => {
      const head = await listKeyBefore(storage, after);
      const page = { limit, ...(skip === undefined ? {} : { skip }), ...(head === undefined ? {} : { after: head }) };
      const found = await listThreads(storage, threadScopeOf(options), page);
      return await Promise.all(found.map(async ({ line, stand }) => await threadOf(storage, line, stand)));
    },
    countThreads: async (options = {}) => await countThreads(storage, storage, threadScopeOf(options)),
    threadIn: async (threadId, options) =>
      (await messagesIn(storage, threadScopeOf(options), threadId, MAX_THREAD)).map(({ summary }) => summary).toReversed(),
    messagesIn: async function* (options = {}) {
      for await (const page of allIn(storage, threadScopeOf(options))) yield page.map(({ summary }) => summary);
    },
    thread: async (threadId) => await thread({ thread: threadId }),
    conversation: async (people) => await thread({ thread: conversationOf(self.address, people) }),
    count: async (options = {}) => await countOf(storage, storage, scopeOf(options)),
    labels: async () => await listLabels(storage),
    get: async (messageId) => await summaryOf(storage, messageId),
    read: async (messageId) => {
      await whole(messageId);
      return await readMessage(storage, messageId);
    },
    attachment: async function* (messageId, index, options) {
      await whole(messageId, options?.signal);
      yield* readAttachment(parts, messageId, index, options);
    },
    setRead: async (messageIds, read) => {
      await inBatches(
        typeof messageIds === "string" ? [messageIds] : messageIds,
        { batch: AT_ONCE, limit: PARALLEL },
        async (messageId) => await mailbox.setRead(messageId, read),
        async (done) =>
          await storage.transact(async (writer) => {
            await readAheadOf(storage, writer, done, (line) => line);
            for (const messageId of done) await changeSummary(storage, writer, messageId, (line) => ({ ...line, read }));
          }),
      );
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

/** What a list of threads is narrowed to; all letters where nothing is said. */
function threadScopeOf({ kind = "mail", folder, label, view }: ThreadListOptions): ThreadScope {
  if (kind === "chats") return { kind };
  if (label !== undefined) return { kind, label };
  if (folder !== undefined) return folder === null ? { kind, view: "inbox" } : { kind, folder };
  return { kind, view: view ?? "all" };
}

async function threadOf(storage: Storage, { summary: latest }: Line, { total, unread }: ThreadStand): Promise<ThreadSummary> {
  const { threadId } = latest;
  const { total: messages } = threadId === null ? { total: 1 } : await countOf(storage, storage, { thread: threadId });
  const { subject, marks } = latest;
  const single = { threadId, subject, latest, messages, listed: total, unread, participants: participantsOf([latest]), marks };
  if (threadId === null || messages === 1) return single;
  const [first, newest] = await Promise.all([
    oldestLine(storage, storage, { thread: threadId }),
    readLines(storage, storage, { thread: threadId }, { limit: MAX_LOOKED_AT }),
  ]);
  const lines = newest.map(({ summary }) => summary).toReversed();
  // Of a long thread, the newest in the list may be older than those.
  return { ...single, subject: first?.summary.subject ?? subject, participants: participantsOf(lines), marks: marksOn([latest, ...lines]) };
}

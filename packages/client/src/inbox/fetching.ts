import { MAX_MESSAGES_PER_REQUEST, type ArchiveKey, type Hex32 } from "@smimp/protocol";
import type { FolderRoom } from "../folders/folders.ts";
import type { TakenIn } from "./arrival.ts";
import { listToFetch, noRetry, retryLater, setToFetch } from "./due.ts";
import { takeInWithLateKeys, type LateKeysParts } from "./late-keys.ts";

/** What fetching works with. */
export type FetchParts = LateKeysParts & { readonly folders: Pick<FolderRoom, "refresh"> };

/** One run of a sync: what it seals with, and where it leaves what it found. */
export interface SyncRun {
  readonly archiveKey: ArchiveKey;
  readonly signal: AbortSignal | undefined;
  note(taken: TakenIn): void;
  /** A fault that concerns one message: the others go on, and it is thrown at the end. */
  fail(error: unknown): void;
  /** Whether one more message that the server names and doesn't deliver is remembered: it may invent any number of them. */
  mayWait(): boolean;
}

/**
 * Fetches whole messages and takes them in. One that can't be read or stored stops none of the others: it is tried again later, as is
 * one that the server leaves out, until it says that it is gone. Resolves with those.
 */
export async function fetchMessages(parts: FetchParts, run: SyncRun, ids: readonly Hex32[]): Promise<ReadonlySet<Hex32>> {
  const failed = new Set<Hex32>();
  const leftOut = new Set<Hex32>();
  for (let start = 0; start < ids.length; start += MAX_MESSAGES_PER_REQUEST) {
    const asked = new Set(ids.slice(start, start + MAX_MESSAGES_PER_REQUEST));
    let unreadable = false;
    for await (const delivered of parts.mailbox.messages([...asked], run.signal)) {
      if (delivered === "unreadable") {
        unreadable = true;
        continue;
      }
      asked.delete(delivered.message_id);
      try {
        run.note(await takeInWithLateKeys(parts, delivered, run.archiveKey));
      } catch (error) {
        run.signal?.throwIfAborted();
        failed.add(delivered.message_id);
        run.fail(error);
      }
    }
    // What is left out is gone, most likely; a server that withholds it gets the chance to be asked again. Where lines can't be
    // read, nobody knows which were meant.
    for (const messageId of asked) (unreadable ? failed : leftOut).add(messageId);
  }
  for (const messageId of failed) if (!(await tryAgain(parts, messageId))) await tellUnreadable(parts, run, messageId);
  for (const messageId of leftOut) if (run.mayWait()) await tryAgain(parts, messageId);
  return new Set([...failed, ...leftOut]);
}

/** Fetches once more what could not be read or stored before. */
export async function fetchAgain(parts: FetchParts, run: SyncRun, due: readonly Hex32[]): Promise<void> {
  if (due.length === 0) return;
  const failed = await fetchMessages(parts, run, due);
  await parts.storage.transact(async (writer) => {
    for (const messageId of due) if (!failed.has(messageId)) await Promise.resolve(noRetry(writer, messageId));
  });
}

/** Fetches messages that are only listed so far, newest first. Returns how many there were. */
export async function fetchListed(parts: FetchParts, run: SyncRun, limit: number): Promise<number> {
  const due = await listToFetch(parts.storage, limit);
  await fetchMessages(
    parts,
    run,
    due.map(({ messageId }) => messageId),
  );
  await parts.storage.transact(async (writer) => {
    for (const { listKey } of due) setToFetch(writer, listKey, null);
  });
  return due.length;
}

async function tryAgain({ storage, clock }: FetchParts, messageId: Hex32): Promise<boolean> {
  return await storage.transact(async (writer) => await retryLater(writer, messageId, clock()));
}

async function tellUnreadable({ storage, notices }: FetchParts, run: SyncRun, messageId: Hex32): Promise<void> {
  const detail = "a message could not be read or stored on this device";
  const notice = await storage.transact(
    async (writer) => await Promise.resolve(notices.post(writer, { code: "bad_request", messageId, detail })),
  );
  run.note({ summary: null, notice, event: null });
}

import { DAY, isSmimpError, secondsBetween, type Timestamp } from "@smimp/protocol";
import type { Outbox } from "../client.ts";
import type { EventHub } from "../events.ts";
import type { CopyDocument as Copy, EntryDocument as Entry } from "./documents.ts";
import type { Notice, OutboxEntry, SendOptions } from "../model.ts";
import type { NoticeBoard } from "../notices.ts";
import { inParallel } from "../pool.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { createTurns } from "../turns.ts";
import { attempt, type AttemptParts } from "./attempt.ts";
import { isPassing, nextAttempt } from "./back-off.ts";
import {
  copiesOf,
  deleteContent,
  deleteEntry,
  deleteOrphan,
  getEntry,
  listEntries,
  orphanedContent,
  putCopy,
  shown,
  shownCopy,
} from "./documents.ts";
import { enqueue } from "./enqueue.ts";

/** Copies on their way at the same time. */
const PARALLEL_COPIES = 4;
/** How long an entry whose copies were all sent is still shown, seconds. */
const SHOW_SENT = 7 * DAY;

/** The outbox, and what else a client needs of it. */
export interface OutboxRoom extends Outbox {
  /** When the next copy is due; null where none waits. */
  nextDue(): Promise<Timestamp | null>;
}

/** What an outbox works with. */
export type OutboxParts = AttemptParts & {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly events: EventHub;
};

interface Due {
  readonly entry: Entry;
  readonly index: number;
  readonly copy: Copy;
}

/** Opens the outbox of a storage. */
export function createOutbox(parts: OutboxParts): OutboxRoom {
  const { storage, clock, self } = parts;
  const turns = createTurns();

  const view = async (entry: Entry): Promise<OutboxEntry> => shown(entry, await copiesOf(storage, entry));
  const get = async (id: string): Promise<OutboxEntry | null> => {
    const entry = await getEntry(storage, id);
    return entry === null ? null : await view(entry);
  };

  async function waiting(): Promise<readonly Due[]> {
    const all: Due[] = [];
    for (const entry of await listEntries(storage)) {
      for (const [index, copy] of (await copiesOf(storage, entry)).entries()) {
        // What was `sending` when a program ended is as good as queued.
        if (copy.state === "queued" || copy.state === "sending") all.push({ entry, index, copy });
      }
    }
    return all;
  }

  async function flush(options: SendOptions & { readonly force?: boolean; readonly id?: string } = {}): Promise<readonly OutboxEntry[]> {
    const now = clock();
    const due = (await waiting()).filter(
      ({ entry, copy }) => (options.id === undefined || entry.id === options.id) && (options.force === true || copy.nextAttemptAt <= now),
    );
    await inParallel(due, PARALLEL_COPIES, async (each) => await deliver(parts, each, options));
    await tidy();
    const touched = [...new Map(due.map(({ entry }) => [entry.id, entry])).values()];
    return await Promise.all(touched.map(view));
  }

  /** Destroys what is not needed any more. */
  async function tidy(): Promise<void> {
    const now = clock();
    for (const entry of await listEntries(storage)) {
      const copies = await copiesOf(storage, entry);
      // What failed is never tried again, so its attachments are needed no more; the entry stays until its owner has seen it.
      if (copies.some(({ state }) => state !== "sent" && state !== "failed")) continue;
      const old = copies.every(({ state }) => state === "sent") && secondsBetween(entry.queuedAt, now) > SHOW_SENT;
      if (!old && entry.attachments.length === 0) continue;
      await storage.transact(async (writer) => await (old ? deleteEntry(writer, entry) : deleteContent(writer, entry)));
    }
  }

  return {
    list: async () => await Promise.all((await listEntries(storage)).map(view)),
    get,
    enqueue: async (draft) => {
      const { entry, copies } = await enqueue({ storage, clock, random: parts.random, me: self.address }, draft);
      return shown(entry, copies);
    },
    flush: async (options) => await turns(async () => await flush(options)),
    remove: async (id) =>
      await turns(async () => {
        const entry = await getEntry(storage, id);
        if (entry !== null) await storage.transact(async (writer) => await deleteEntry(writer, entry));
      }),
    nextDue: async () => (await waiting()).map(({ copy }) => copy.nextAttemptAt).sort()[0] ?? null,
  };
}

/** Removes contents that an enqueuing left behind which never ended. To be done before anything is enqueued. */
export async function removeOrphans(storage: Storage): Promise<void> {
  for (const id of await orphanedContent(storage)) {
    await deleteOrphan(storage, id);
  }
}

/** One attempt at one copy, and what becomes of it. Only what is nobody's fault but this program's is thrown. */
async function deliver(parts: OutboxParts, { entry, index, copy: before }: Due, options: SendOptions): Promise<void> {
  const { storage, events } = parts;
  let copy: Copy = { ...before, state: "sending", attempts: before.attempts + 1 };
  let requests = before.requests;
  const save = async (next: Copy): Promise<void> => {
    copy = { ...next, requests };
    await storage.transact(async (writer) => putCopy(writer, entry.id, index, copy));
  };
  const tell = async (type: "sent" | "failed"): Promise<void> =>
    events.publish({ type, entry: shown(entry, await copiesOf(storage, entry)), copy: shownCopy(copy) });

  try {
    await attempt(parts, entry, copy, { ...options, onRequest: () => void requests++, save });
  } catch (error) {
    if (options.signal?.aborted === true) {
      // The owner stopped it, which is no failed attempt.
      await save({ ...copy, state: "queued", attempts: before.attempts });
      throw options.signal.reason;
    }
    if (!isSmimpError(error)) throw error;
    const now = parts.clock();
    const { code, message: detail, retryAfter } = error;
    const { attempts } = copy;
    const next = isPassing(code) ? nextAttempt({ attempts, queuedAt: entry.queuedAt, now, retryAfter, random: parts.random }) : null;
    if (next !== null) return await save({ ...copy, state: "queued", reason: code, detail, nextAttemptAt: next });
    copy = { ...copy, requests, state: "failed", reason: code, detail };
    const notice = await storage.transact(async (writer) => {
      putCopy(writer, entry.id, index, copy);
      return postFailure(writer, parts, entry, copy, isPassing(code));
    });
    events.publish({ type: "notice", notice });
    return await tell("failed");
  }
  await save({ ...copy, state: "sent", reason: null, detail: null, sealed: null });
  await tell("sent");
}

function postFailure(
  writer: StorageWriter,
  { notices }: OutboxParts,
  { email }: Entry,
  { to, reason, detail }: Copy,
  gaveUp: boolean,
): Notice {
  const why = detail ?? reason ?? "unknown";
  const text = gaveUp
    ? `"${email.subject}" could not be delivered to ${to} for 5 days and is not tried any more (${why})`
    : `"${email.subject}" was not delivered to ${to}: ${why}`;
  return notices.post(writer, { code: gaveUp || reason === null ? "delivery_given_up" : reason, address: to, detail: text });
}

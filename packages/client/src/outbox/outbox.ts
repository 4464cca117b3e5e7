import { domainOf, type Timestamp } from "@smimp/protocol";
import { createBell } from "../bell.ts";
import type { FlushOptions, Outbox } from "../rooms/outbox.ts";
import type { OutboxCopy, OutboxEntry, SendOptions } from "../model.ts";
import type { Storage } from "../storage/storage.ts";
import { isDue } from "./back-off.ts";
import { deliver, postpone, type DeliveryParts, type Due } from "./delivery.ts";
import {
  copiesOf,
  deleteEntry,
  getCopy,
  getEntry,
  listEntries,
  outboxContents,
  shown,
  shownCopy,
  type CopyDocument,
  type EntryDocument,
} from "./documents.ts";
import { enqueue, sendableEmail, sendableShort, type Sendable } from "./enqueue.ts";
import { createLanes } from "./lanes.ts";
import { retry, tidy } from "./settled.ts";
import { writtenOf } from "./written.ts";

/** Copies on their way at the same time, in all and to one server; servers that are tried out; faults until a server is left alone. */
const LANES = { all: 16, each: 4, unknown: 32, patience: 3 };

/** The outbox, and what else a client needs of it. */
export interface OutboxRoom extends Outbox {
  /** Stores a message of any type in one transaction. Throws as `enqueue` does. */
  enqueueAny(message: Sendable): Promise<OutboxEntry>;
  /** Stores a message of any type and tries each copy once. */
  send(message: Sendable, options: SendOptions): Promise<OutboxEntry>;
  /** Waits until something is enqueued, or so many milliseconds. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** As `flush`, but resolves as soon as everything due is claimed; `ended` then resolves as `flush` does. */
  begin(options?: FlushOptions): Promise<{ readonly ended: Promise<readonly OutboxEntry[]> }>;
  /** When the next copy is due of those that nobody delivers now; null where none waits. */
  nextDue(): Promise<Timestamp | null>;
  /** Stops everything that is on its way, and waits for that. What was queued stays queued. */
  stop(): Promise<void>;
}

/** What an outbox works with. */
export type OutboxParts = DeliveryParts;

interface Waiting extends Omit<Due, "changed"> {
  readonly copies: readonly CopyDocument[];
}

/** A copy that is being delivered: nobody else may. */
interface Claim {
  readonly id: string;
  readonly stop: AbortController;
  /** Whether an attempt was made; false where it was stopped. */
  readonly attempted: Promise<boolean>;
}

/** Why a claimed copy is stopped; the flush that had it goes on with the others. */
const REMOVED = new TypeError("the message was taken out of the outbox");

/** Opens the outbox of a storage. */
export function createOutbox(parts: OutboxParts): OutboxRoom {
  const { storage, clock, self, people } = parts;
  const lanes = createLanes(LANES);
  const bell = createBell();
  const claims = new Map<string, Claim>();
  /** How the copies of entries stand that a flush is at work on: events show them all, and nobody reads them all each time. */
  const standing = new Map<string, OutboxCopy[]>();
  /** Entries that are being taken out, or were: nothing of them is sent. */
  const held = new Set<string>();
  let closed = false;

  const view = async (entry: EntryDocument): Promise<OutboxEntry> => shown(entry, await copiesOf(storage, entry));
  const claimed = (id: string): readonly Claim[] => [...claims.values()].filter((claim) => claim.id === id);

  async function waiting(id?: string): Promise<readonly Waiting[]> {
    const entries = id === undefined ? await listEntries(storage) : [await getEntry(storage, id)];
    const all: Waiting[] = [];
    for (const entry of entries) {
      if (entry === null || entry.settled !== undefined || held.has(entry.id)) continue;
      const copies = await copiesOf(storage, entry);
      for (const [index, copy] of copies.entries()) if (isWaiting(copy)) all.push({ entry, index, copy, copies });
    }
    return all;
  }

  function dueOf({ entry, index, copy, copies }: Waiting): Due {
    const all = standing.get(entry.id) ?? copies.map(shownCopy);
    standing.set(entry.id, all);
    const changed = (now: OutboxCopy): OutboxEntry => {
      all[index] = now;
      return { ...shown(entry, []), copies: [...all] };
    };
    return { entry, index, copy, changed };
  }

  /** Claims what is due and begins to deliver it. */
  async function begin(options: FlushOptions = {}): Promise<{ readonly ended: Promise<readonly OutboxEntry[]> }> {
    if (closed) throw new TypeError("the client is closed");
    const now = clock();
    const due = (await waiting(options.id))
      .filter(({ copy }) => options.force === true || isDue(copy.nextAttemptAt, now))
      .map(dueOf)
      // What is new comes before what has failed before.
      .sort((left, right) => left.copy.attempts - right.copy.attempts);
    const servers = await Promise.all(due.map(async ({ copy }) => (await people.document(copy.to))?.baseUrl ?? domainOf(copy.to)));
    let done = 0;
    const tried = due.map(async (each, index) => {
      await deliverOnce(each, servers[index] ?? "", options);
      done++;
      options.onProgress?.({ step: "copies", to: null, name: null, done, total: due.length });
    });
    return { ended: finish(due, tried) };
  }

  async function finish(due: readonly Due[], tried: readonly Promise<void>[]): Promise<readonly OutboxEntry[]> {
    const ended = await Promise.allSettled(tried);
    for (const id of standing.keys()) if (claimed(id).length === 0) standing.delete(id);
    // Who waits for what is due next finds it changed.
    if (due.length > 0) bell.ring();
    const failed = ended.find((each) => each.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    await tidy(storage, clock());
    const touched = [...new Map(due.map(({ entry }) => [entry.id, entry])).values()];
    return await Promise.all(touched.map(view));
  }

  async function flush(options?: FlushOptions): Promise<readonly OutboxEntry[]> {
    return await (
      await begin(options)
    ).ended;
  }

  /** Delivers a copy unless another flush does so already. Claims it before anything is waited for. */
  async function deliverOnce(due: Due, server: string, options: SendOptions): Promise<void> {
    const { entry, index } = due;
    const key = keyOf(due);
    for (let other = claims.get(key); other !== undefined; other = claims.get(key)) {
      if (await unlessAborted(other.attempted, options.signal)) return;
    }
    const stop = new AbortController();
    const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
    const current = async (): Promise<Due | null> => {
      const copy = await getCopy(storage, entry.id, index);
      return copy === null || held.has(entry.id) || !isWaiting(copy) ? null : { ...due, copy };
    };
    const running = lanes.run(
      server,
      {
        run: async () => {
          const now = await current();
          return now === null ? null : await deliver(parts, now, { ...options, signal });
        },
        skip: async (fault) => {
          const now = await current();
          if (now !== null) await postpone(parts, now, fault);
        },
      },
      signal,
    );
    const attempted = running.then(
      () => true,
      () => false,
    );
    claims.set(key, { id: entry.id, stop, attempted });
    try {
      await running;
    } catch (error) {
      if (error !== REMOVED) throw error;
    } finally {
      claims.delete(key);
    }
  }

  const enqueuing = { storage, clock, random: parts.random, me: self.address };
  async function enqueueAny(message: Sendable): Promise<OutboxEntry> {
    const { entry, copies } = await enqueue(enqueuing, message);
    bell.ring();
    return shown(entry, copies);
  }

  async function send(message: Sendable, options: SendOptions): Promise<OutboxEntry> {
    // No bell: whoever watches would take the copies, and with them the questions and the progress of this call.
    const { id } = (await enqueue(enqueuing, message)).entry;
    const [entry] = await flush({ ...options, id, force: true });
    // Its copies may have gone out with another flush in the meantime.
    const stored = entry === undefined ? await getEntry(storage, id) : null;
    const now = entry ?? (stored === null ? null : await view(stored));
    if (now === null) throw new TypeError("the message was taken out of the outbox while it was sent");
    return now;
  }

  async function stopAll(stopped: readonly Claim[], reason: unknown): Promise<void> {
    for (const { stop } of stopped) stop.abort(reason);
    await Promise.all(stopped.map(async ({ attempted }) => await attempted));
  }

  return {
    list: async () => await Promise.all((await listEntries(storage)).map(view)),
    get: async (id) => {
      const entry = await getEntry(storage, id);
      return entry === null ? null : await view(entry);
    },
    enqueue: async (draft) => await enqueueAny(sendableEmail(enqueuing, draft)),
    enqueueShort: async (to, text, attachments = [], options = {}) =>
      await enqueueAny(sendableShort(parts.random, to, text, attachments, options)),
    written: async (id) => await writtenOf(storage, id),
    enqueueAny,
    send,
    wait: bell.wait,
    begin,
    flush,
    retry: async (id, options) => {
      const entry = await retry(storage, clock(), id, options?.to);
      bell.ring();
      return entry;
    },
    remove: async (id, { keep } = {}) => {
      held.add(id);
      await stopAll(claimed(id), REMOVED);
      const entry = await getEntry(storage, id);
      const last = entry === null ? null : await view(entry);
      try {
        if (last !== null) await keep?.(last);
      } catch (error) {
        held.delete(id);
        bell.ring();
        throw error;
      }
      await storage.transact(async (writer) => {
        const now = await getEntry(writer, id);
        if (now !== null) await deleteEntry(writer, now);
      });
      return last;
    },
    nextDue: async () => {
      const free = (await waiting()).filter((each) => !claims.has(keyOf(each)));
      const now = clock();
      return free.map(({ copy }) => (isDue(copy.nextAttemptAt, now) ? now : copy.nextAttemptAt)).sort()[0] ?? null;
    },
    stop: async () => {
      closed = true;
      await stopAll([...claims.values()], new TypeError("the client was closed"));
    },
  };
}

function keyOf({ entry, index }: Pick<Due, "entry" | "index">): string {
  return `${entry.id}/${index}`;
}

/** What was `sending` when a program ended is as good as queued. */
function isWaiting({ state }: CopyDocument): boolean {
  return state === "queued" || state === "sending";
}

async function unlessAborted<Result>(promise: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return await promise;
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener("abort", stop);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Removes contents that an enqueuing left behind which never ended. To be done before anything is enqueued. */
export async function removeOrphans(storage: Storage): Promise<void> {
  for (const id of await outboxContents.ids(storage)) {
    if ((await getEntry(storage, id)) === null) await outboxContents.deleteAll(storage, id);
  }
}

import { isSmimpError, secondsBetween, type Clock, type RandomBytes, type Timestamp } from "@smimp/protocol";
import type { Api } from "./api.ts";
import { createBell, type Bell } from "./bell.ts";
import type { EventHub } from "./events.ts";
import type { Sync } from "./inbox/sync.ts";
import { linesOf } from "./lines.ts";
import type { ClientEvent, SendOptions } from "./model.ts";
import type { OutboxRoom } from "./outbox/outbox.ts";
import { pause } from "./pause.ts";
import type { Self } from "./self.ts";
import type { Sessions } from "./session.ts";

/** The first wait before connecting again and the longest, milliseconds. */
const FIRST_RECONNECT = 1_000;
const LONGEST_RECONNECT = 60_000;
/** How often each lane looks whether there is something to do although nothing happens, milliseconds. */
const LONGEST_WAIT = 60_000;
/** Bytes of a line of the event stream. */
const MAX_EVENT_LINE = 4_096;

/** Milliseconds between two syncs, whatever a server's events say. */
const BETWEEN_SYNCS = 100;

/** What watching works with. */
export interface WatchParts {
  readonly api: Api;
  readonly sessions: Sessions;
  readonly self: Pick<Self, "baseUrl">;
  readonly sync: Sync;
  readonly outbox: OutboxRoom;
  readonly events: EventHub;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Rung when something is left to be done in the background. */
  readonly left: Bell;
  /** Rung when there is a chore to do. */
  readonly chores: Bell;
}

/** Stays connected: syncs when the server says that something changed, flushes the outbox when something is due. */
export async function* watch(parts: WatchParts, options: SendOptions = {}): AsyncGenerator<ClientEvent> {
  const ended = new AbortController();
  const signal = options.signal === undefined ? ended.signal : AbortSignal.any([options.signal, ended.signal]);
  const waiting: ClientEvent[] = [];
  let fault: unknown;
  let wake = Promise.withResolvers<void>();
  const unlisten = parts.events.listen((event) => {
    waiting.push(event);
    wake.resolve();
  });
  const stop = (): void => wake.resolve();
  signal.addEventListener("abort", stop);
  const { sync, left, chores } = parts;
  const background = async (until: AbortSignal): Promise<Timestamp | null> => {
    const due = await sync.background(until);
    // What was opened may want an answer.
    chores.ring();
    return due;
  };
  const lanes = [
    stayConnected(parts, signal),
    workInBackground(parts.clock, left, background, signal),
    workInBackground(parts.clock, chores, sync.chores, signal),
    keepSending(parts, { ...options, signal }),
  ];
  const running = lanes.map(async (each) => {
    try {
      await each;
    } catch (error) {
      // What is aborted ends; what is this program's own fault is for whoever watches.
      if (!signal.aborted) {
        fault ??= error;
        ended.abort();
      }
    }
  });
  try {
    for (;;) {
      yield* waiting.splice(0);
      if (signal.aborted) break;
      await wake.promise;
      wake = Promise.withResolvers<void>();
    }
  } finally {
    ended.abort();
    unlisten();
    signal.removeEventListener("abort", stop);
    await Promise.allSettled(running);
  }
  if (fault !== undefined) throw fault;
}

async function stayConnected(parts: WatchParts, signal: AbortSignal): Promise<void> {
  const { events } = parts;
  const sync = async (): Promise<void> => {
    await parts.sync.run({ signal, soon: true });
    parts.left.ring();
    parts.chores.ring();
  };
  for (let failures = 0; !signal.aborted;) {
    const connection = new AbortController();
    const bound = AbortSignal.any([signal, connection.signal]);
    try {
      const states = await connect(parts, bound);
      events.publish({ type: "connection", state: "connected", reason: null });
      // Connected first, then synced: nothing that comes in between is missed.
      await sync();
      // Only now: a server that takes connections but fails at everything else is left alone for longer and longer.
      failures = 0;
      for await (const _state of newest(states, bound)) {
        await sync();
        await pause(BETWEEN_SYNCS, signal);
      }
      if (!signal.aborted) events.publish({ type: "connection", state: "lost", reason: null });
    } catch (error) {
      if (signal.aborted) return;
      if (!isSmimpError(error)) throw error;
      failures++;
      events.publish({ type: "connection", state: "lost", reason: error.code });
    } finally {
      connection.abort();
    }
    await pause(jitter(parts.random, Math.min(FIRST_RECONNECT * 2 ** Math.max(0, failures - 1), LONGEST_RECONNECT)), signal);
  }
}

/** What syncs leave: strangers' histories, messages that are only listed, and chores. Each when it is due, when its bell rings, and now and then. */
async function workInBackground(
  clock: Clock,
  bell: Bell,
  work: (signal: AbortSignal) => Promise<Timestamp | null>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    let wait = LONGEST_WAIT;
    try {
      const due = await work(signal);
      if (due !== null) wait = Math.min(wait, Math.max(0, secondsBetween(clock(), due)) * 1_000);
    } catch (error) {
      // The next connection tells what is wrong.
      if (!isSmimpError(error)) throw error;
    }
    await bell.wait(wait, signal);
  }
}

async function connect({ api, sessions, self }: WatchParts, signal: AbortSignal): Promise<AsyncIterable<string>> {
  const response = await sessions.with(self.baseUrl, async (token) => await api.open(self.baseUrl, "getEvents", { token, signal }));
  return statesOf(linesOf(response.body ?? none(), MAX_EVENT_LINE));
}

/** The events of a stream: each `event: state` with its data; comments only show that the line is alive. */
async function* statesOf(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let name = "";
  let data = "";
  for await (const line of lines) {
    if (line === "") {
      if (name === "state") yield data;
      [name, data] = ["", ""];
    } else if (line.startsWith("event:")) name = line.slice("event:".length).trim();
    else if (line.startsWith("data:")) data = line.slice("data:".length).trim();
  }
}

/**
 * Only the newest of the states that came while the one before was looked at; the same one again is no news. So a server that sends
 * many, honest or not, makes nobody sync for each of them.
 */
async function* newest(states: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<string> {
  let [latest, seen] = ["", ""];
  let ended = false;
  const bell = createBell();
  const reading = (async () => {
    try {
      for await (const state of states) {
        latest = state;
        bell.ring();
      }
    } finally {
      ended = true;
      bell.ring();
    }
  })();
  // Handled below; until then nobody waits for it.
  reading.catch(() => undefined);
  while (!signal.aborted) {
    if (latest !== seen) yield (seen = latest);
    else if (ended) break;
    else await bell.wait(LONGEST_WAIT, signal);
  }
  await reading;
}

async function keepSending({ outbox, clock }: WatchParts, options: SendOptions & { readonly signal: AbortSignal }): Promise<void> {
  const { signal } = options;
  const flushes = new Set<Promise<unknown>>();
  const faults: unknown[] = [];
  try {
    while (!signal.aborted) {
      // Not waited for to its end: what comes meanwhile is not held up by a server that takes its time.
      const { ended } = await outbox.begin(options);
      const flush = ended.catch((error: unknown) => void faults.push(error)).finally(() => flushes.delete(flush));
      flushes.add(flush);
      const due = await outbox.nextDue();
      const wait = due === null ? LONGEST_WAIT : Math.max(1, secondsBetween(clock(), due)) * 1_000;
      await outbox.wait(Math.min(wait, LONGEST_WAIT), signal);
      if (faults.length > 0) throw faults[0];
    }
  } finally {
    await Promise.all(flushes);
  }
}

function jitter(random: RandomBytes, milliseconds: number): number {
  return milliseconds * (0.5 + (random(1)[0] ?? 0) / 512);
}

async function* none(): AsyncGenerator<Uint8Array> {}

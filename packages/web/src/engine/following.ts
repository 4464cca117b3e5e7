import type { Client, ClientEvent, FlushOptions, SendOptions } from "@smimp/client";
import { askUntil, type Ask } from "./asking.ts";
import type { ConnectionState, EngineEvent, Topic } from "./protocol.ts";

/** What a mailbox that is followed tells, and whom it asks. */
export interface FollowingParts {
  tell(event: EngineEvent): void;
  readonly ask: Ask;
}

/** A mailbox that stays connected. */
export interface Following {
  /** Tries to send what waits of a message, rather than when it would be tried next. */
  sendNow(id: string): void;
  /** Connects at once where the connection is lost, rather than when it would be tried next. */
  hurry(): Promise<void>;
  /** Disconnects; resolves once nothing runs any more. */
  end(): Promise<void>;
}

/** What changes with each kind of event. */
const TOPICS: Readonly<Record<ClientEvent["type"], readonly Topic[]>> = {
  message: ["messages", "folders", "contacts"],
  changed: ["messages", "folders"],
  listed: ["messages", "folders", "contacts"],
  removed: ["messages", "folders"],
  custom: [],
  "secret-key": ["notices"],
  draft: ["drafts"],
  sent: ["outbox", "messages", "folders", "contacts"],
  failed: ["outbox"],
  notice: ["notices", "contacts"],
  connection: [],
};

/** Milliseconds in which changes are gathered, at first and while they go on: what a sync brings makes views look again a few times, not a thousand. */
const GATHERED_FOR = 100;
const GATHERED_ON = 700;
/** Milliseconds between two times that everything in the outbox is tried because the connection is back: it may come and go. */
const BETWEEN_HURRIES = 10_000;
/** Milliseconds after which what still waits then is tried once more. */
const ONCE_MORE = 3_000;
/** Milliseconds between two refusals that mean it: one alone may be a clock that was wrong. */
const TWICE_WITHIN = 120_000;

/** Stays connected with the server for as long as the mailbox is open: what comes in is told, what waits is sent. */
export function followMailbox(client: Client, { tell, ask }: FollowingParts): Following {
  const changed = gathered((topics) => tell({ type: "changed", topics }));
  let connected = false;
  /** What stood in the way of the connection the last time, and when. */
  let refused: { readonly reason: string | null; readonly at: number } = { reason: null, at: 0 };
  let ended = false;
  /** Messages that came of a mailbox that is being listed. */
  let listing = 0;
  const sentAt = new Map<string, number>();
  let watch = begin();

  /** Most connections come back by themselves. Where a server says twice that there is nobody like this, this one doesn't. */
  function lost(reason: string | null): ConnectionState {
    const again = reason === refused.reason && Date.now() - refused.at < TWICE_WITHIN;
    refused = { reason, at: Date.now() };
    if (!again) return "lost";
    return reason === "unauthenticated" ? "removed" : reason === "unknown_user" ? "deleted" : "lost";
  }

  function connection(state: ConnectionState): void {
    connected = state === "connected";
    tell({ type: "connection", connection: state });
    // It begins anew with the next connection.
    if (!connected) list(0, false);
  }

  function list(messages: number, more: boolean): void {
    if (listing === 0 && !more) return;
    listing = more ? listing + messages : 0;
    tell({ type: "listing", messages: more ? listing : null });
  }

  function begin(): { readonly stop: AbortController; readonly done: Promise<void> } {
    const stop = new AbortController();
    connection("connecting");
    const done = follow(stop.signal).catch(() => {
      if (!stop.signal.aborted) connection("lost");
    });
    return { stop, done };
  }

  async function follow(signal: AbortSignal): Promise<void> {
    for await (const event of client.watch(sendingUntil(signal))) {
      if (event.type === "connection") connection(event.state === "connected" ? "connected" : lost(event.reason));
      if (event.type === "connection" && event.state === "connected") sendWhatWaits("connected");
      if (event.type === "listed") list(event.messages, event.more);
      if (event.type === "message") tell({ type: "message", message: event.message });
      if (event.type === "notice") tell({ type: "notice", notice: event.notice });
      changed(TOPICS[event.type]);
    }
  }

  /** What could not be sent without a network doesn't wait for its next turn. */
  function sendWhatWaits(why: "connected" | "hurried"): void {
    const now = Date.now();
    if (now - (sentAt.get(why) ?? 0) < BETWEEN_HURRIES) return;
    sentAt.set(why, now);
    const { signal } = watch.stop;
    void flush({}).then((left) => {
      // A network that has just come back may need another moment.
      if (left) setTimeout(() => void (signal.aborted ? undefined : flush({})), ONCE_MORE);
    });
  }

  /** Tries what waits; whether some of it still does. */
  async function flush(options: FlushOptions): Promise<boolean> {
    try {
      const entries = await client.outbox.flush({ ...sendingUntil(watch.stop.signal), ...options, force: true });
      return entries.some(({ copies }) => copies.some(({ state }) => state === "queued"));
    } catch {
      return false;
    } finally {
      changed(["outbox"]);
    }
  }

  function sendingUntil(signal: AbortSignal): SendOptions {
    return {
      signal,
      askOwner: askUntil(ask, signal),
      onProgress: (progress) => {
        tell({ type: "progress", progress });
        // One more copy was tried: where it wasn't sent, nothing else says so.
        if (progress.step === "copies") changed(["outbox"]);
      },
    };
  }

  async function end(): Promise<void> {
    watch.stop.abort();
    await watch.done;
  }

  return {
    sendNow: (id) => void flush({ id }),
    hurry: async () => {
      if (ended) return;
      // The line may have outlived the network; what was tried meanwhile didn't.
      if (connected) return sendWhatWaits("hurried");
      sentAt.delete("connected");
      await end();
      if (!ended) watch = begin();
    },
    end: async () => {
      ended = true;
      await end();
    },
  };
}

function gathered(tell: (topics: readonly Topic[]) => void): (topics: readonly Topic[]) => void {
  const waiting = new Set<Topic>();
  let last = 0;
  return (topics) => {
    if (topics.length === 0) return;
    if (waiting.size === 0) {
      const wait = Date.now() - last < GATHERED_ON ? GATHERED_ON : GATHERED_FOR;
      setTimeout(() => {
        const all = [...waiting];
        waiting.clear();
        last = Date.now();
        tell(all);
      }, wait);
    }
    for (const topic of topics) waiting.add(topic);
  };
}

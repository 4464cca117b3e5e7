// One tab at a time has the mailbox open: two would send and open behind each other's back. A Web Lock says which; another tab that
// wants it asks over a channel, and the one that has it lets go.
import { LOCK } from "./tabs.ts";

const CHANNEL = "smimp-mailbox";
/** How long the other tab may take to finish what it writes, milliseconds. */
const LET_GO_WITHIN = 10_000;
/**
 * How long it is waited for a lock that nobody speaks up for, milliseconds: a page that is being left or loaded anew gives its own
 * back a moment after the next one asks.
 */
const GIVEN_BACK_WITHIN = 3_000;

/** What tabs say to each other. */
type Word = "who" | "here" | "wanted";

/** A hold on the mailbox. */
export interface Holding {
  release(): void;
}

/** Takes the mailbox where no other tab has it; null where one has. `onWanted` is called when another tab wants it. */
export async function takeHold(onWanted: () => void): Promise<Holding | null> {
  const holding = await request({ ifAvailable: true }, onWanted);
  if (holding !== null) return holding;
  const somebody = new AbortController();
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener("message", ({ data }: MessageEvent<Word>) => {
    if (data === "here") somebody.abort();
  });
  say(channel, "who");
  try {
    return await request({ signal: AbortSignal.any([somebody.signal, AbortSignal.timeout(GIVEN_BACK_WITHIN)]) }, onWanted);
  } catch (error) {
    if (isOver(error)) return null;
    throw error;
  } finally {
    channel.close();
  }
}

/** Asks the tab that has the mailbox to let go, and takes it. Rejects with a `TimeoutError` where it doesn't in time. */
export async function takeOver(onWanted: () => void): Promise<Holding> {
  const channel = new BroadcastChannel(CHANNEL);
  say(channel, "wanted");
  channel.close();
  const holding = await request({ signal: AbortSignal.timeout(LET_GO_WITHIN) }, onWanted);
  if (holding === null) throw new DOMException("another tab has the mailbox open", "TimeoutError");
  return holding;
}

async function request(options: LockOptions, onWanted: () => void): Promise<Holding | null> {
  return await new Promise((resolve, reject) => {
    const hold = async (lock: Lock | null): Promise<void> => {
      if (lock === null) return resolve(null);
      const released = Promise.withResolvers<void>();
      const channel = new BroadcastChannel(CHANNEL);
      channel.addEventListener("message", ({ data }: MessageEvent<Word>) => {
        if (data === "who") say(channel, "here");
        if (data === "wanted") onWanted();
      });
      resolve({
        release: () => {
          channel.close();
          released.resolve();
        },
      });
      await released.promise;
    };
    navigator.locks.request(LOCK, options, hold).catch(reject);
  });
}

function say(channel: BroadcastChannel, word: Word): void {
  channel.postMessage(word);
}

function isOver(error: unknown): boolean {
  return error instanceof DOMException && (error.name === "AbortError" || error.name === "TimeoutError");
}

import { describeError } from "../describe-error.ts";
import type { Services } from "../services.ts";

/** Milliseconds between two looks at what ended elsewhere. */
const LOOK_MILLISECONDS = 500;

/**
 * Ends event streams of sessions and accounts that another process ended, such as the operator's tool (protocol section 5: at once, on
 * every node; here within half a second). Returns what stops it, once a look under way is over.
 */
export async function watchEndedAccess({ store, bus, log }: Pick<Services, "store" | "bus" | "log">): Promise<() => Promise<void>> {
  let position = await store.read((reader) => reader.sessions.endedPosition());
  const look = async (): Promise<void> => {
    const news = await store.read((reader) => reader.sessions.endedSince(position));
    position = news.position;
    for (const { address, session } of news.ended) {
      if (session === null) bus.endAccount(address);
      else bus.endSession(session);
    }
  };
  let looking = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    looking = look()
      // What was missed is found at the next look: the position stays.
      .catch((error: unknown) => log.warn({ error: describeError(error) }, "ended sessions not read"))
      .finally(() => (busy = false));
  }, LOOK_MILLISECONDS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

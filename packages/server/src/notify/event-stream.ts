import { SmimpError, type Address, type Hex32 } from "@smimp/protocol";
import { Readable } from "node:stream";
import type { Services } from "../services.ts";

/** Seconds between two comment lines that keep a stream alive (protocol section 12). */
export const COMMENT_SECONDS = 30;

/** Who listens. */
export interface Listener {
  readonly address: Address;
  readonly session: Hex32;
  /** Whether the session still holds; asked with every comment line. */
  stillAdmitted(): Promise<boolean>;
}

/**
 * An account's event stream (protocol section 12): the state at hand first, then every new one. A reader that is slow
 * misses states in between and never fills memory. Throws `rate_limited` where the account has its share of streams.
 */
export async function openEventStream(
  { store, bus, settings }: Pick<Services, "store" | "bus" | "settings">,
  listener: Listener,
): Promise<Readable> {
  const { address, session } = listener;
  if (bus.countOf(address) >= settings.limits.eventStreams) {
    throw new SmimpError("rate_limited", "too many event streams of this account", { retryAfter: COMMENT_SECONDS });
  }
  let latest = -1;
  let shown = -1;
  let wanted = false;
  const stream = new Readable({
    read() {
      wanted = true;
      show();
    },
    destroy(error, done) {
      clearInterval(timer);
      unsubscribe();
      done(error);
    },
  });
  const show = (): void => {
    if (!wanted || latest <= shown) return;
    shown = latest;
    wanted = stream.push(`event: state\ndata: ${JSON.stringify({ state: String(latest) })}\n\n`);
  };
  const end = (): void => {
    clearInterval(timer);
    unsubscribe();
    if (!stream.readableEnded && !stream.destroyed) stream.push(null);
  };
  // Listening starts before the state is read: nothing falls in between.
  const unsubscribe = bus.subscribe({
    address,
    session,
    onState(state) {
      latest = Math.max(latest, state);
      show();
    },
    onEnd: end,
  });
  const comment = async (): Promise<void> => {
    if (!(await listener.stillAdmitted())) return end();
    if (wanted && !stream.destroyed && !stream.readableEnded) wanted = stream.push(": here\n\n");
  };
  const timer = setInterval(() => void comment().catch(end), COMMENT_SECONDS * 1000);
  timer.unref();
  try {
    latest = Math.max(latest, await store.read((reader) => reader.messages.state(address)));
  } catch (error) {
    stream.destroy();
    throw error;
  }
  show();
  return stream;
}

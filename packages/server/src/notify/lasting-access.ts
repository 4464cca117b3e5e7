import { SmimpError } from "@smimp/protocol";
import type { Caller } from "../accept/caller.ts";
import type { Services } from "../services.ts";
import type { StoreReader } from "../store/store.ts";

/**
 * The access under which something goes on for longer than a moment: an export, an import. It ends with the session, however that ends but
 * for its time running out, for a whole account may take longer than the hour that a session lasts.
 */
export interface LastingAccess {
  /** Aborted at the end of the access, with `unauthenticated` as reason. */
  readonly signal: AbortSignal;
  /** Whether the session stands, asked inside of the transaction that counts on it. Throws `unauthenticated`. */
  assertStands(reader: StoreReader): Promise<void>;
  /** To be called when it is over. */
  release(): void;
}

/** Begins to watch the access of a caller; `release` must be called. */
export function watchAccess({ bus, store }: Pick<Services, "bus" | "store">, { address, session, local }: Caller): LastingAccess {
  const controller = new AbortController();
  const { signal } = controller;
  const assertStands = async (reader: StoreReader): Promise<void> => {
    signal.throwIfAborted();
    if ((await reader.sessions.find(session)) === null) throw ended();
    if (local === null) return;
    const account = await reader.accounts.find(address);
    if (account === null || account.disabledAt !== null) throw ended();
  };
  // All sessions of an account may have ended before this one began, and be told of only now.
  const look = (): void => void store.read(assertStands).catch(() => controller.abort(ended()));
  return { signal, assertStands, release: bus.watch({ address, session, onEnd: look }) };
}

/** What comes from `source` until the access ends, then its `unauthenticated`, at once, whatever is waited for. */
export async function* untilEnded(source: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  const { promise: end, reject } = Promise.withResolvers<never>();
  // Nobody may be waiting for it.
  end.catch(() => undefined);
  const onEnd = (): void => reject(signal.reason);
  signal.addEventListener("abort", onEnd);
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await Promise.race([iterator.next(), end]);
      if (done === true) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", onEnd);
    // It may wait for bytes that don't come.
    void iterator.return?.().then(undefined, () => undefined);
  }
}

function ended(): SmimpError {
  return new SmimpError("unauthenticated", "the session has ended");
}

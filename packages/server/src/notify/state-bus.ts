import type { Address, Hex32 } from "@smimp/protocol";

/** Somebody who wants to hear of an account's new states. */
export interface Subscriber {
  readonly address: Address;
  /** The session that it listens under; its end ends the subscription. */
  readonly session: Hex32;
  onState(state: number): void;
  onEnd(): void;
}

/** Something that goes on for long under a session, such as an export. */
export interface Watcher {
  readonly address: Address;
  readonly session: Hex32;
  onEnd(): void;
}

/** Tells listeners in this process of new states, after the transaction that made them is durable. */
export interface StateBus {
  /** Listens until the returned function is called. */
  subscribe(subscriber: Subscriber): () => void;
  /** Calls `onEnd` when that session or account ends, until the returned function is called. The server's own end is not told. */
  watch(watcher: Watcher): () => void;
  /** How many listen to an account. */
  countOf(address: Address): number;
  publish(address: Address, state: number): void;
  /** Ends what listens or goes on under a session, or to an account. */
  endSession(session: Hex32): void;
  endAccount(address: Address): void;
  /** Ends all, when the server closes. */
  close(): void;
}

/** Makes a bus without listeners. */
export function createStateBus(): StateBus {
  const byAddress = new Map<Address, Set<Subscriber>>();
  const watchers = new Set<Watcher>();

  function subscribe(subscriber: Subscriber): () => void {
    const { address } = subscriber;
    const listening = byAddress.get(address) ?? new Set<Subscriber>();
    byAddress.set(address, listening);
    listening.add(subscriber);
    return () => {
      listening.delete(subscriber);
      if (listening.size === 0 && byAddress.get(address) === listening) byAddress.delete(address);
    };
  }

  function end(those: (subscriber: Subscriber) => boolean): void {
    for (const listening of byAddress.values()) {
      for (const subscriber of listening) if (those(subscriber)) subscriber.onEnd();
    }
  }

  function endWatched(those: (watcher: Watcher) => boolean): void {
    for (const watcher of watchers) if (those(watcher)) watcher.onEnd();
  }

  return {
    subscribe,
    watch(watcher) {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    countOf: (address) => byAddress.get(address)?.size ?? 0,
    publish(address, state) {
      for (const subscriber of byAddress.get(address) ?? []) subscriber.onState(state);
    },
    endSession(session) {
      end((subscriber) => subscriber.session === session);
      endWatched((watcher) => watcher.session === session);
    },
    endAccount(address) {
      end((subscriber) => subscriber.address === address);
      endWatched((watcher) => watcher.address === address);
    },
    close: () => end(() => true),
  };
}

import type { ClientEvent } from "./model.ts";

/** Tells whoever listens what happened. */
export interface EventHub {
  publish(event: ClientEvent): void;
  /** Listens until the returned function is called. */
  listen(listener: (event: ClientEvent) => void): () => void;
}

/** A hub without listeners. */
export function createEventHub(): EventHub {
  const listeners = new Set<(event: ClientEvent) => void>();
  return {
    publish: (event) => {
      for (const listener of listeners) listener(event);
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

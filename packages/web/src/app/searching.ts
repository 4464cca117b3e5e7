import { useSyncExternalStore } from "react";

// What is searched for. It stands in memory alone: neither in the page's address, which browsers remember, nor in any storage.

let query = "";
const listeners = new Set<() => void>();

/** Searches for something from now on; an empty text for nothing. */
export function searchFor(text: string): void {
  if (text === query) return;
  query = text;
  for (const listener of listeners) listener();
}

/** What is searched for now. */
export function useSearchedFor(): string {
  return useSyncExternalStore(subscribe, () => query);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

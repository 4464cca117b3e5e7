import { useSyncExternalStore } from "react";

// Whether the notices are open: several places of the page open them, one shows them.

let isOpen = false;
const listeners = new Set<() => void>();

function become(next: boolean): void {
  isOpen = next;
  for (const listener of listeners) listener();
}

/** Shows the notices. */
export function openNotices(): void {
  become(true);
}

/** Puts them away. */
export function closeNotices(): void {
  become(false);
}

/** Whether they are open. */
export function useNoticesOpen(): boolean {
  return useSyncExternalStore(subscribe, () => isOpen);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

import type { Hex32 } from "@smimp/protocol";
import { useSyncExternalStore } from "react";
import type { ThreadList } from "../../engine/calls/messages.ts";

// Threads that are about to leave a list: they go from view at once, while the server still hears of it, and come back if it refuses.

interface Hidden {
  /** Gone for good with the next look at the list. */
  settled: boolean;
}

const lists = new Map<string, ReadonlyMap<Hex32, Hidden>>();
const listeners = new Set<() => void>();
const NONE: ReadonlyMap<Hex32, Hidden> = new Map();

/** Threads of a list that are not shown any more. */
export function useHidden(list: ThreadList): ReadonlyMap<Hex32, unknown> {
  const name = JSON.stringify(list);
  return useSyncExternalStore(subscribe, () => lists.get(name) ?? NONE);
}

/** Takes threads out of view. */
export function hide(list: ThreadList, keys: readonly Hex32[]): void {
  change(list, (hidden) => new Map([...hidden, ...keys.map((key) => [key, { settled: false }] as const)]));
}

/** Shows threads again: they stay. */
export function unhide(list: ThreadList, keys: readonly Hex32[]): void {
  change(list, (hidden) => new Map([...hidden].filter(([key]) => !keys.includes(key))));
}

/** They are gone where they were: whatever the list holds from the next look on is shown. */
export function settle(list: ThreadList, keys: readonly Hex32[]): void {
  const hidden = lists.get(JSON.stringify(list));
  for (const key of keys) {
    const each = hidden?.get(key);
    if (each !== undefined) each.settled = true;
  }
  if (listeners.size === 0) looked(list);
}

/** A list was looked at anew. */
export function looked(list: ThreadList): void {
  const hidden = lists.get(JSON.stringify(list));
  if (hidden === undefined || ![...hidden.values()].some(({ settled }) => settled)) return;
  change(list, (before) => new Map([...before].filter(([, { settled }]) => !settled)));
}

function change(list: ThreadList, to: (hidden: ReadonlyMap<Hex32, Hidden>) => ReadonlyMap<Hex32, Hidden>): void {
  const name = JSON.stringify(list);
  const next = to(lists.get(name) ?? NONE);
  if (next.size === 0) lists.delete(name);
  else lists.set(name, next);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
